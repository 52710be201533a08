"""Files that are made to be slow to read: the whole program stays quick, small and quiet."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lint_multistage.engine import lint
from lint_multistage.model.build import lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.plugins import verified
from lint_multistage.text import Source

PLUGINS = verified(())

DOUBLING = "".join(f"ENV A{i}=$A{i - 1}$A{i - 1}\n" for i in range(1, 60))

# Each is a script that the shell parser would take minutes for, or never end.
PASSED_OVER = {
    "substitutions": "FROM debian\nRUN echo " + "$(" * 10_000 + "a" + ")" * 10_000 + "\n",
    "heredocs": "FROM debian\nRUN cat" + " \\\n <<E" * 20_000 + "\n" + "E\n" * 20_000,
    "size": "FROM debian\nRUN echo \\\n" + ("x" * 60_000 + " \\\n") * 83 + "y\n",
    "pipes": "FROM debian\nRUN " + "a | " * 10_000 + "b\n",
}
READ = {
    "subshells": "FROM debian\nRUN " + "(" * 10_000 + "a" + ")" * 10_000 + "\n",
    "and": "FROM debian\nRUN " + "a && " * 10_000 + "b\n",
    "doubling": "FROM debian\nENV A0=aaaa\n" + DOUBLING,
    "doubling before": "ARG A0=aaaa\n" + DOUBLING.replace("ENV", "ARG") + "FROM $A59\n",
    "patterns": "FROM debian\nENV V=" + "a" * 30_000 + "\nENV W=${V//*a*b*c*d/}\nCOPY $W /w\n",
    "unused": "".join(f"FROM alpine AS s{i}\n" for i in range(3_000)),
    "chain": "".join(f"FROM {f's{i - 1}' if i else 'alpine'} AS s{i}\n" for i in range(2_000)) + "FROM alpine\n",
    "circle": "".join(f"FROM alpine AS s{i}\nCOPY --from=s{(i + 1) % 1000} /a /a\n" for i in range(1_000)),
    "slips": "".join(f"FROM alpine AS st{i}\n" for i in range(1_000)) + "COPY --from=stt5 /a /a\n" * 1_000,
    "same": "FROM debian\n" + "RUN apt-get install -y gcc\n" * 5_000,
    "comments": "FROM debian\n" + "# lint-multistage: ignore[MS302]\nRUN a\n" * 5_000,
}
MOST_SECONDS = 4.0
MOST_BYTES = 600_000_000


def limit_memory() -> None:
    """What takes more ends in an error, which the caller sees. Only Linux keeps to this limit."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def run(tmp_path: Path, text: str) -> dict[str, list[dict[str, str]]]:
    path = tmp_path / "Dockerfile"
    path.write_text(text)
    options = ["--isolated", "--no-project", "--format=json", "--max-file-size=20000000"]
    with open(tmp_path / "out", "wb") as out, open(tmp_path / "err", "wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "lint_multistage", *options, path], stdout=out, stderr=err, preexec_fn=limit_memory
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert (tmp_path / "err").read_text() == ""
    assert process.returncode in (0, 1)
    assert usage.ru_utime + usage.ru_stime < MOST_SECONDS
    document: dict[str, list[dict[str, str]]] = json.loads((tmp_path / "out").read_text())
    assert document["errors"] == []
    assert all(len(finding["message"]) < 400 for finding in document["findings"])
    return document


@pytest.mark.parametrize("name", PASSED_OVER)
def test_scripts_that_defeat_the_parser_are_passed_over_with_a_note(name: str, tmp_path: Path) -> None:
    notes = run(tmp_path, PASSED_OVER[name])["notes"]
    assert [note["kind"] for note in notes] == ["facts"]
    assert "RUN is passed over" in notes[0]["message"]


@pytest.mark.parametrize("name", READ)
def test_long_files_are_read_in_time(name: str, tmp_path: Path) -> None:
    run(tmp_path, READ[name])


LINES = st.sampled_from(
    (
        "FROM alpine AS a|FROM a|FROM golang AS b|FROM ${X}|FROM a AS a|ARG X|ARG X=b|COPY --from=a /a /b|"
        "COPY --from=0 . .|COPY --from=$X a b|COPY --from=c a b|RUN apt-get install -y gcc|RUN go build -o /a .|"
        "RUN apk add --virtual x gcc|RUN --mount=from=a,target=/x true|RUN <<E\napt-get install -y make\nE|"
        'WORKDIR ${X:?}|ENV A=${A|CMD ["a", \'b\']|ENTRYPOINT ["/a"]|# lint-multistage: ignore[MS3]|# escape=`|'
        'SHELL ["pwsh"]|ONBUILD COPY --from=b a b|\\|FOO|\udcff'
    ).split("|")
)


@given(st.lists(LINES, max_size=14).map("\n".join) | st.text(max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_file_is_linted_without_a_fault_and_alike_each_time(text: str) -> None:
    build = lone_build(read_dockerfile(Source.of("Dockerfile", text)))
    known = [check.code for check in PLUGINS.checks]
    linted = lint(build, PLUGINS.checks, PLUGINS.facts, judge_suppressions=known)
    assert linted.failures == ()
    for finding in linted.findings:
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
        assert finding.message
    assert lint(build, PLUGINS.checks, PLUGINS.facts, judge_suppressions=known) == linted
