from __future__ import annotations

import json

import msgspec
from report_samples import found, marked, results

from lint_multistage import __version__
from lint_multistage.findings import Failure, Fix, Note, Related, Safety, Severity
from lint_multistage.reports.json import render
from lint_multistage.text import Edit, Span

TEXT = "FROM golang AS build\nFROM scratch AS Final\nCOPY \\\n  --from=«biuld» /a /a\n"


def test_the_whole_form() -> None:
    _, span = marked(TEXT)
    finding = found(
        TEXT,
        Severity.ERROR,
        stage=1,
        hint="write --from=build",
        related=(Related("starts here", Span(15, 20)), Related("built here", None, "compose.yaml", 7)),
        data={"toolchains": ["gcc"], "size": {"mb": 1140, "measure": "unpacked"}},
        fix=Fix("Replace it", (Edit(span, "build"),), Safety.UNSAFE),
    )
    report = render(
        results(
            finding,
            notes=(Note("a", "role", "n"), Note("b", "facts", "m", 3)),
            failures=(Failure("c", "f"), Failure("d", "g", "MS301")),
        )
    )
    wanted = {
        "version": 1,
        "tool": {"name": "lint-multistage", "version": __version__},
        "files": ["Dockerfile"],
        "findings": [
            {
                "code": "MS301",
                "name": "toolchain-base-image",
                "severity": "error",
                "path": "Dockerfile",
                "line": 4,
                "column": 10,
                "end_line": 4,
                "end_column": 15,
                "instruction_line": 3,
                "message": "what is wrong",
                "hint": "write --from=build",
                "stage": "Final",
                "url": "https://example.org/MS301",
                "related": [
                    {"path": "Dockerfile", "line": 1, "column": 16, "message": "starts here"},
                    {"path": "compose.yaml", "line": 7, "column": 1, "message": "built here"},
                ],
                "data": {"toolchains": ["gcc"], "size": {"mb": 1140, "measure": "unpacked"}},
                "fix": {
                    "title": "Replace it",
                    "safety": "unsafe",
                    "edits": [
                        {
                            "path": "Dockerfile",
                            "start": {"line": 4, "column": 10},
                            "end": {"line": 4, "column": 15},
                            "text": "build",
                        }
                    ],
                },
            }
        ],
        "notes": [
            {"path": "a", "line": None, "kind": "role", "message": "n"},
            {"path": "b", "line": 3, "kind": "facts", "message": "m"},
        ],
        "errors": [
            {"path": "c", "code": None, "message": "f"},
            {"path": "d", "code": "MS301", "message": "g"},
        ],
    }
    # As text, so that the order of the fields counts too.
    assert report == json.dumps(wanted, indent=2, ensure_ascii=False) + "\n"


def test_what_is_absent_is_null_or_empty() -> None:
    finding = json.loads(render(results(found("FROM «gcc»\n"))))["findings"][0]
    assert (finding["stage"], finding["fix"], finding["related"], finding["data"]) == (None, None, [], {})


def test_a_clean_run() -> None:
    report = json.loads(render(results(files=())))
    assert (report["files"], report["findings"], report["notes"], report["errors"]) == ([], [], [], [])


def test_bytes_that_are_not_utf_8_are_replaced() -> None:
    finding = found("FROM «gcc»\n", message="the byte \udcff", data={"k\udc80": ("\udcfe", 1)})
    report = render(results(finding, files=("caf\udce9/Dockerfile",)))
    read = msgspec.json.decode(report.encode("utf-8"))
    assert read["files"] == ["caf\ufffd/Dockerfile"]
    assert read["findings"][0]["message"] == "the byte \ufffd"
    assert read["findings"][0]["data"] == {"k\ufffd": ["\ufffd", 1]}
    assert list(read["findings"][0]) == list(json.loads(render(results(found("FROM «x»\n"))))["findings"][0])


def test_data_of_a_plugin_that_is_no_json_is_shown_as_text() -> None:
    finding = found("FROM «gcc»\n", data={"where": object})
    assert json.loads(render(results(finding)))["findings"][0]["data"] == {"where": "<class 'object'>"}
