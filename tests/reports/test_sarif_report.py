from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import pytest
from hypothesis import given
from jsonschema import Draft4Validator
from msgspec.structs import replace
from report_samples import found, marked, results
from test_any_results import RESULTS

from lint_multistage import __version__
from lint_multistage.cli import main
from lint_multistage.findings import Failure, Fix, Note, Related, Safety, Severity
from lint_multistage.reports.fingerprints import fingerprints
from lint_multistage.reports.sarif import render
from lint_multistage.results import PlacedFinding, Results, Rule
from lint_multistage.text import Edit, Span

SCHEMA = Path(__file__).parent.parent / "schemas" / "sarif-schema-2.1.0.json"
TEXT = "FROM golang AS build\nFROM scratch AS Final\nCOPY \\\n  --from=«biuld» /a /a\n"


@cache
def validator() -> Draft4Validator:
    return Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def log(run: Results) -> dict[str, Any]:
    """The run of the report, which fits the schema of SARIF."""
    whole = json.loads(render(run))
    validator().validate(whole)
    assert (whole["version"], len(whole["runs"])) == ("2.1.0", 1)
    found: dict[str, Any] = whole["runs"][0]
    return found


def test_the_schema_refuses_what_is_no_sarif() -> None:
    whole = json.loads(render(results(found(TEXT))))
    del whole["runs"][0]["results"][0]["message"]
    assert not validator().is_valid(whole)


def test_a_result() -> None:
    finding = found(
        TEXT,
        Severity.ERROR,
        stage=1,
        hint="write --from=build",
        related=(Related("starts here", Span(15, 20)), Related("built here", None, "compose.yaml", 7)),
    )
    (result,) = log(results(finding))["results"]
    fingerprint = result.pop("partialFingerprints")
    assert list(fingerprint) == ["findingContent/v1"]
    assert result == {
        "ruleId": "MS301",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "what is wrong\nwrite --from=build"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "Dockerfile", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 4, "startColumn": 10, "endLine": 4, "endColumn": 15},
                }
            }
        ],
        "relatedLocations": [
            {
                "id": 1,
                "physicalLocation": {
                    "artifactLocation": {"uri": "Dockerfile", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 1, "startColumn": 16},
                },
                "message": {"text": "starts here"},
            },
            {
                "id": 2,
                "physicalLocation": {
                    "artifactLocation": {"uri": "compose.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 7, "startColumn": 1},
                },
                "message": {"text": "built here"},
            },
        ],
    }


def test_columns_count_code_points_as_declared() -> None:
    run = log(results(found("FROM 日😀«x»\n")))
    assert run["columnKind"] == "unicodeCodePoints"
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startColumn"], region["endColumn"]) == (8, 9)


@pytest.mark.parametrize(
    ("severity", "level"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note")]
)
def test_levels(severity: Severity, level: str) -> None:
    assert log(results(found(TEXT, severity)))["results"][0]["level"] == level


@pytest.mark.parametrize(("safety", "caution"), [(Safety.SAFE, False), (Safety.UNSAFE, True)])
def test_a_fix(safety: Safety, caution: bool) -> None:
    _, span = marked(TEXT)
    fix = Fix("Replace it", (Edit(span, "build"), Edit(Span(0, 0), "# x\n")), safety)
    (described,) = log(results(found(TEXT, fix=fix)))["results"][0]["fixes"]
    assert described["description"]["text"].startswith("Replace it")
    assert ("look at it" in described["description"]["text"]) is caution
    assert described["artifactChanges"] == [
        {
            "artifactLocation": {"uri": "Dockerfile", "uriBaseId": "%SRCROOT%"},
            "replacements": [
                {
                    "deletedRegion": {"startLine": 4, "startColumn": 10, "endLine": 4, "endColumn": 15},
                    "insertedContent": {"text": "build"},
                },
                {
                    "deletedRegion": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
                    "insertedContent": {"text": "# x\n"},
                },
            ],
        }
    ]


def test_a_suggestion_that_is_never_applied_is_no_fix() -> None:
    fix = Fix("Write two stages", (Edit(Span(0, 0), "FROM x\n"),), Safety.DISPLAY)
    assert "fixes" not in log(results(found(TEXT, fix=fix)))["results"][0]


def test_rules() -> None:
    text = "An image ships\n    with a compiler.\n\n    ## Why is this bad?\n    It is *big*.\n    "
    rules = (
        Rule("MS101", "unknown-stage", Severity.ERROR),
        Rule("MS301", "toolchain-base-image", Severity.INFO, "https://example.org/MS301", text),
    )
    driver = log(results(found(TEXT), rules=rules))["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("lint-multistage", __version__)
    assert driver["informationUri"].startswith("https://")
    plain = "An image ships\nwith a compiler.\n\n## Why is this bad?\nIt is *big*."
    assert driver["rules"][1] == {
        "id": "MS301",
        "name": "toolchain-base-image",
        "shortDescription": {"text": "An image ships"},
        "fullDescription": {"text": "An image ships with a compiler."},
        "help": {"text": plain, "markdown": plain},
        "defaultConfiguration": {"level": "note"},
        "properties": {"problem.severity": "recommendation", "tags": ["docker", "multi-stage"]},
        "helpUri": "https://example.org/MS301",
    }
    assert driver["rules"][0]["help"]["text"] == "unknown-stage"
    assert "helpUri" not in driver["rules"][0]


def test_every_result_leads_to_its_rule() -> None:
    rules = (Rule("MS301", "toolchain-base-image", Severity.WARNING), Rule("MS999", "z", Severity.WARNING))
    findings = [found(TEXT, code=code) for code in ("MS999", "AC001", "MS301")]
    run = log(results(*findings, rules=rules))
    listed = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert listed == ["AC001", "MS301", "MS999"]
    assert [listed[result["ruleIndex"]] for result in run["results"]] == ["MS999", "AC001", "MS301"]


def test_descriptions_are_as_long_as_github_allows() -> None:
    rules = (Rule("MS301", "x", Severity.WARNING, "", "a" * 2000),)
    (rule,) = log(results(rules=rules))["tool"]["driver"]["rules"]
    assert len(rule["shortDescription"]["text"]) == len(rule["fullDescription"]["text"]) == 1024
    assert len(rule["help"]["text"]) == 2000


def test_notes_and_failures_are_notifications() -> None:
    run = log(
        results(
            found(TEXT),
            notes=(Note("a", "role", "n"), Note("b", "facts", "m", 3)),
            failures=(Failure("c", "f"), Failure("", "g", "MS301")),
        )
    )
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    told = invocation["toolExecutionNotifications"]
    assert [(one["level"], one["message"]["text"]) for one in told] == [
        ("note", "n"),
        ("note", "m"),
        ("error", "f"),
        ("error", "g"),
    ]
    assert told[1]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "b", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3},
    }
    assert told[1]["properties"] == {"kind": "facts"}
    assert "locations" not in told[3]
    assert told[3]["associatedRule"] == {"id": "MS301", "index": 0}


def test_notes_alone_are_a_success() -> None:
    run = log(results(notes=(Note("a", "role", "n"),)))
    assert run["invocations"][0]["executionSuccessful"] is True
    assert run["results"] == []


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("a/Dockerfile", "a/Dockerfile"),
        ("mit Leerzeichen/ä.Dockerfile", "mit%20Leerzeichen/%C3%A4.Dockerfile"),
        ("100%#?/Dockerfile", "100%25%23%3F/Dockerfile"),
        ("c:x/Dockerfile", "c%3Ax/Dockerfile"),
        ("caf\udce9/Dockerfile", "caf%E9/Dockerfile"),
    ],
)
def test_paths_are_percent_encoded(path: str, uri: str) -> None:
    result = log(results(replace(found(TEXT), path=path)))["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": uri, "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize("path", ["/somewhere/else/a b", "../a b"])
def test_paths_outside_are_whole(path: str) -> None:
    result = log(results(replace(found(TEXT), path=path)))["results"][0]
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert list(artifact) == ["uri"]
    assert artifact["uri"].startswith("file:///")
    assert artifact["uri"].endswith("/a%20b")
    assert "/../" not in artifact["uri"]


def only(finding: PlacedFinding) -> str:
    return next(fingerprints([finding]))


def test_fingerprints_stay_when_lines_move() -> None:
    before = only(found(TEXT, stage=1))
    assert only(found("# comment\n\n" + TEXT, stage=1)) == before
    assert only(found(TEXT.replace("  --from", "\t   --from"), stage=1)) == before


def test_fingerprints_tell_findings_apart() -> None:
    before = only(found(TEXT, stage=1))
    assert only(found(TEXT, stage=1, code="MS302")) != before
    assert only(found(TEXT, stage=0)) != before
    assert only(found(TEXT.replace("/a /a", "/b /b"), stage=1)) != before
    assert only(found(TEXT.replace("«biuld»", "b«iuld»"), stage=1)) != before


def test_equal_findings_are_numbered_within_a_file() -> None:
    finding = found(TEXT)
    first, second, elsewhere = fingerprints([finding, finding, replace(finding, path="other")])
    assert first.partition(":")[0] == second.partition(":")[0]
    assert first != second
    assert elsewhere == first


@given(RESULTS)
def test_any_run_is_sarif(run: Results) -> None:
    read = log(run)
    assert len(read["results"]) == len(run.findings)
    for result in read["results"]:
        assert read["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert urlsplit(artifact["uri"]).scheme == ("" if "uriBaseId" in artifact else "file")
        unquote_to_bytes(artifact["uri"])


def test_the_command_line_tells_of_every_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM gcc:9.4\n")
    assert main(["--isolated", "--no-project", "--format", "sarif", "Dockerfile"]) == 1
    whole = json.loads(capfd.readouterr().out)
    validator().validate(whole)
    rules = whole["runs"][0]["tool"]["driver"]["rules"]
    by_code = {rule["id"]: rule for rule in rules}
    assert [rule["id"] for rule in rules] == sorted(by_code)
    assert by_code["MS301"]["defaultConfiguration"] == {"level": "warning"}
    assert by_code["MS301"]["helpUri"].endswith("/MS301.md")
    assert "Why is this bad?" in by_code["MS301"]["help"]["markdown"]
    assert "MS901" in by_code
    assert [result["ruleId"] for result in whole["runs"][0]["results"]] == ["MS301"]
