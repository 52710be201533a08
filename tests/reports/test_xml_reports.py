"""Checkstyle's and JUnit's XML, against schemas written from what their readers ask."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema
from hypothesis import given
from msgspec.structs import replace
from report_samples import found, results
from test_any_results import RESULTS

from lint_multistage.findings import Failure, Note, Severity
from lint_multistage.reports import checkstyle, junit
from lint_multistage.results import Results

SCHEMAS = Path(__file__).parent.parent / "schemas"
CHECKSTYLE = xmlschema.XMLSchema(str(SCHEMAS / "checkstyle.xsd"))
JUNIT = xmlschema.XMLSchema(str(SCHEMAS / "junit.xsd"))
HOSTILE = "a<b>&\"'\x00\x1b\udcff\ufffe]]>\u2028"
READABLE = "a<b>&\"'\ufffd\ufffd\ufffd\ufffd]]>\u2028"


def read(report: str, schema: xmlschema.XMLSchema) -> ElementTree.Element:
    root = ElementTree.fromstring(report.encode("utf-8"))
    schema.validate(root)
    return root


def test_checkstyle_has_an_element_for_each_file_and_error() -> None:
    run = results(
        found("RUN x\nFROM «gcc:9»\n", message="it ships gcc", hint="write:\n\tFROM a"),
        replace(found("FROM «a»\n", Severity.ERROR), path="other"),
        files=("Dockerfile", "clean"),
    )
    assert checkstyle.render(run).splitlines() == [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<checkstyle version="8.0">',
        '  <file name="Dockerfile">',
        '    <error line="2" column="6" severity="warning" message="it ships gcc&#10;write:&#10;&#9;FROM a"'
        ' source="lint-multistage.MS301.toolchain-base-image"/>',
        "  </file>",
        '  <file name="clean">',
        "  </file>",
        '  <file name="other">',
        '    <error line="1" column="6" severity="error" message="what is wrong"'
        ' source="lint-multistage.MS301.toolchain-base-image"/>',
        "  </file>",
        "</checkstyle>",
    ]


def test_checkstyle_tells_notes_and_failures() -> None:
    run = results(notes=(Note("n", "facts", "note", 7),), failures=(Failure("f", "failed", "MS301"),))
    errors = [error.attrib for error in read(checkstyle.render(run), CHECKSTYLE).iter("error")]
    assert errors == [
        {"line": "7", "severity": "info", "message": "note", "source": "lint-multistage.facts"},
        {"line": "1", "severity": "error", "message": "failed", "source": "lint-multistage.MS301"},
    ]


def test_junit_has_a_suite_for_each_file_and_a_case_for_each_finding() -> None:
    run = results(
        found("RUN x\nFROM «gcc:9»\n", message="it ships gcc", hint="write:\n  FROM a"),
        found("FROM «gcc:9»\n", Severity.INFO, message="by the way"),
        files=("Dockerfile", "clean"),
        failures=(Failure("broken", "failed"),),
    )
    root = read(junit.render(run), JUNIT)
    assert root.attrib == {"name": "lint-multistage", "tests": "4", "failures": "1", "errors": "1", "skipped": "0"}
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root] == [
        ("Dockerfile", "2", "1"),
        ("clean", "1", "0"),
        ("broken", "1", "0"),
    ]
    failed, told, clean, broken = root.iter("testcase")
    assert failed.attrib == {
        "name": "MS301 toolchain-base-image (line 2)",
        "classname": "Dockerfile",
        "file": "Dockerfile",
        "line": "2",
    }
    failure = failed.find("failure")
    assert failure is not None
    assert failure.attrib == {"message": "it ships gcc", "type": "warning"}
    assert failure.text == "Dockerfile:2:6\nit ships gcc\nwrite:\n  FROM a\nhttps://example.org/MS301"
    assert [child.tag for child in told] == ["system-out"]
    assert list(clean) == []
    assert [(child.tag, child.get("message")) for child in broken] == [("error", "failed")]


def test_junit_tells_notes_as_output() -> None:
    root = read(junit.render(results(notes=(Note("n", "facts", "note <1>", 7),))), JUNIT)
    assert [output.text for output in root.iter("system-out")] == ["n:7: note <1>"]


@pytest.mark.parametrize(("report", "schema"), [(checkstyle, CHECKSTYLE), (junit, JUNIT)])
def test_what_xml_cannot_hold_becomes_a_mark(report: object, schema: xmlschema.XMLSchema) -> None:
    run = results(replace(found("FROM «a»\n"), message=HOSTILE, path=HOSTILE), files=())
    root = read(report.render(run), schema)  # type: ignore[attr-defined]
    assert READABLE in {value for element in root.iter() for value in element.attrib.values()}


@given(RESULTS)
def test_any_run(run: Results) -> None:
    errors = read(checkstyle.render(run), CHECKSTYLE).iter("error")
    assert sum(1 for _ in errors) == len(run.findings) + len(run.notes) + len(run.failures)
    root = read(junit.render(run), JUNIT)
    for kind, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        assert int(root.get(kind, "")) == sum(1 for _ in root.iter(tag))
        assert all(int(suite.get(kind, "")) == sum(1 for _ in suite.iter(tag)) for suite in root)
