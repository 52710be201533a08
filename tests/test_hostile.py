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
    "groups": "FROM debian\nRUN " + "{ " * 10_000 + "a;" + " };" * 10_000 + "\n",
    "ifs": "FROM debian\nRUN " + "if true; then \\\n" * 10_000 + "x;" + " fi;" * 10_000 + "\n",
    "shells": "FROM debian\nRUN " + "sh -c 'make all'; \\\n" * 16_000 + "true\n",
    "an open quote": "FROM debian\nRUN echo '" + "a b \\\n" * 50_000,
    "an open double quote": 'FROM debian\nRUN echo "' + "a b \\\n" * 50_000,
    "errors": "FROM debian\nRUN [[ " + "~ & " * 5_000 + "\n",
    "functions": "FROM debian\nRUN "
    + "".join(f"f{i}() {{ {f'f{i + 1}; ' * 6} }}; " for i in range(9))
    + "f9() { A=1; }; f0\n",
}
LONG = "x" * 60_000
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
    "codes": f"# lint-multistage: ignore[{','.join(f'MS{i}' for i in range(5_000))}]\nFROM alpine\n",
    "suppressed": "FROM alpine\n" + "# lint-multistage: ignore[MS107]\nCOPY --from=9 /a /a\n" * 8_000,
    "images or stages": "ARG A\n" + "".join(f"FROM alpine AS s{i}\n" for i in range(2_000)) + "FROM ${A}\n" * 500,
    "stages like a pattern": "ARG A\n"
    + "".join(f"FROM alpine AS {'a' * 30}{i}\n" for i in range(500))
    + f"FROM {'${A}a' * 30}b\n",
    "a dense circle": "".join(
        f"FROM alpine AS s{i}\n" + "".join(f"COPY --from=s{k} /a /a\n" for k in range(100)) for i in range(100)
    ),
    "later stages": "".join(f"FROM alpine AS s{i}\nCOPY --from=s{i + 1} /a /a\n" for i in range(3_000)),
    "triggers": "FROM alpine AS s\n" + "ONBUILD COPY --from=s /a /a\n" * 2_000 + "FROM s\n" * 2_000,
    "names of variables": "FROM alpine\n" + "".join(f"ENV V{i}=x\n" for i in range(20_000)),
    # What variables become.
    "replaced by itself": "FROM alpine\nENV A=xxxxxxxx\n" + "ENV A=${A//x/$A}\n" * 60,
    "wide values": f"FROM alpine\nENV A={LONG}\n" + "".join(f"ENV B{i}={'$A' * 15}\n" for i in range(2_000)),
    "a wide value": f"FROM alpine\nENV A={LONG}\nENV B={'$A' * 30_000}\nRUN echo $B\n",
    "wide values in RUN": f"FROM alpine\nENV A={LONG}\n" + "RUN echo $A $A $A\n" * 5_000,
    "defaults": "FROM alpine\nENV A=" + "${B:-" * 10_000 + "}" * 10_000 + "\n",
    "defaults in FROM": "FROM " + "${A:-" * 10_000 + "x" + "}" * 10_000 + "\n",
    "patterns at the ends": f"FROM alpine\nENV V={LONG}\nENV W=${{V%%*x*x*x*x*x*b}}\nENV X=${{V##*x*b*x}}\n",
    "patterns in FROM": f"ARG V={LONG}\nARG W=${{V//*x*x*x*b/}}\nFROM a${{V%*x*x*x*b}}\n",
    "patterns in RUN": f"FROM alpine\nENV V={LONG}\n" + "RUN echo ${V//*a*b*c/} ${V%%*x*x*x*b}\n" * 50,
    "question marks": f"FROM alpine\nENV V={LONG}\nENV W=${{V%%{'?' * 50_000}b}}\n",
    "names in FROM": "FROM " + "$A" * 30_000 + "\n",
    "required names": "".join(f"ARG A{i}\n" for i in range(3_000))
    + f"FROM {'_'.join(f'${{A{i}}}' for i in range(3_000))}\n",
    # Names and references.
    "long slips": "".join(f"FROM alpine AS {'stage' * 12}{i}\n" for i in range(1_000))
    + "".join(f"COPY --from={'stagx' * 12}{i} /a /a\n" for i in range(1_000)),
    "long names": f"FROM alpine AS {'a' * 60_000}\nFROM {'A' * 60_000}\nCOPY --from={'b' * 60_000} /a /a\n",
    "a long number": f"FROM alpine\nCOPY --from={'9' * 60_000} /a /a\n",
    "images": "".join(f"FROM {part * 30_000}!\n" for part in ("a/", "a.", "a_", "a-", "a:")),
    "platforms": f"FROM --platform={'(' * 60_000} alpine\nFROM --platform={'a/' * 30_000} alpine\n",
    "one name": "FROM alpine AS s\n" * 2_000,
    # Packages.
    "installed": "FROM alpine\n" + "".join(f"RUN apk add gcc-{i}\n" for i in range(10_000)),
    "installed and removed": "FROM alpine\n"
    + "".join(f"RUN apk add p{i}\n" for i in range(400))
    + "RUN apk add gcc && apk del gcc\n" * 1_000,
    "packages": "FROM debian\nRUN apt-get install -y " + " \\\n".join(f"libp{i}-dev" for i in range(15_000)) + "\n",
    "patterns of packages": f"FROM debian\nRUN apt-get install -y {'a' * 290} && apt-get purge -y "
    + f"'{'(a+)+' * 20}$' '{'a?' * 100}$' '{'.*a' * 100}b' '{'*a' * 100}b'\n",
    # Lines and words.
    "heredocs without an end": "FROM debian\nRUN cat " + " <<EOF" * 9_000 + "\n",
    "a line of megabytes": "FROM debian\nRUN " + "x" * 4_000_000 + "\n",
    "JSON": "FROM alpine\nRUN " + "[" * 60_000 + "\nCOPY " + "[\\\n" * 100_000 + "\n",
    "blanks": ("FROM alpine\nRUN true" + " " * 60_000 + "x\n") * 20,
    "backslashes": "FROM alpine\n" + ("RUN " + "\\ " * 30_000 + "x\n") * 20,
    "quotes": "FROM alpine\nLABEL 'a " + "a b \\\n" * 50_000,
    "flags": "FROM alpine\nCOPY " + "--exclude=a \\\n" * 20_000 + " a b\n",
    "no instructions": "FROM alpine\n" + "FOO a\nRUN b\nRUN c\n" * 3_000,
    "NUL": "FROM alpine\n" + "\0" * 1_000_000,
}
LONGEST_MESSAGE = 200
MOST_SECONDS = 4.0
MOST_BYTES = 600_000_000


def limit_memory() -> None:
    """What takes more ends in an error, which the caller sees. Only Linux keeps to this limit."""
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def run(tmp_path: Path, text: str, seconds: float = MOST_SECONDS) -> dict[str, list[dict[str, str]]]:
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
    assert usage.ru_utime + usage.ru_stime < seconds
    document: dict[str, list[dict[str, str]]] = json.loads((tmp_path / "out").read_text())
    assert document["errors"] == []
    assert all(len(finding["message"]) <= LONGEST_MESSAGE for finding in document["findings"])
    return document


@pytest.mark.parametrize("name", PASSED_OVER)
def test_scripts_that_defeat_the_parser_are_passed_over_with_a_note(name: str, tmp_path: Path) -> None:
    notes = run(tmp_path, PASSED_OVER[name])["notes"]
    assert [note["kind"] for note in notes] == ["facts"]
    assert "RUN is passed over" in notes[0]["message"]


@pytest.mark.parametrize("name", READ)
def test_long_files_are_read_in_time(name: str, tmp_path: Path) -> None:
    run(tmp_path, READ[name])


@pytest.mark.parametrize("line", ["RUN true\n", "# a\n", "A\n"])
def test_a_hundred_thousand_lines_are_read(line: str, tmp_path: Path) -> None:
    run(tmp_path, "FROM alpine\n" + line * 100_000, seconds=4 * MOST_SECONDS)


def test_what_is_far_too_long_is_not_read_to_the_end(tmp_path: Path) -> None:
    (finding,) = run(tmp_path, "FROM alpine\n" + "RUN a\n" * 200_000, seconds=4 * MOST_SECONDS)["findings"]
    assert finding["message"] == "the file has more than 120000 instructions: the rest is not read"


def test_a_long_chain_is_told_in_a_few_words(tmp_path: Path) -> None:
    text = "".join(f"FROM {f's{i - 1}' if i else 'alpine'} AS s{i}\n" for i in range(200)) + "FROM alpine\n"
    (finding,) = run(tmp_path, text)["findings"]
    assert "'s199', 's0', 's1', 's2' and 196 more are not needed" in finding["message"]
    assert len(finding["related"]) <= 10


LINES = st.sampled_from(
    (
        "FROM alpine AS a|FROM a|FROM golang AS b|FROM ${X}|FROM a AS a|ARG X|ARG X=b|COPY --from=a /a /b|"
        "COPY --from=0 . .|COPY --from=$X a b|COPY --from=c a b|RUN apt-get install -y gcc|RUN go build -o /a .|"
        "RUN apk add --virtual x gcc|RUN --mount=from=a,target=/x true|RUN <<E\napt-get install -y make\nE|"
        'WORKDIR ${X:?}|ENV A=${A|CMD ["a", \'b\']|ENTRYPOINT ["/a"]|# lint-multistage: ignore[MS3]|# escape=`|'
        'SHELL ["pwsh"]|ONBUILD COPY --from=b a b|\\|FOO|\udcff'
    ).split("|")
)


TEXTS = st.lists(LINES | st.text(max_size=20), max_size=14).map("\n".join) | st.text(max_size=120)
DATA = st.tuples(TEXTS, st.booleans(), st.binary(max_size=20)).map(
    lambda made: (made[0].replace("\n", "\r\n") if made[1] else made[0]).encode("utf-8", "surrogatepass") + made[2]
)


@given(DATA)
@settings(max_examples=300, deadline=None)
def test_any_file_is_linted_without_a_fault_and_alike_each_time(data: bytes) -> None:
    source = Source.decode("Dockerfile", data)
    build = lone_build(read_dockerfile(source), ("a",))
    known = [check.code for check in PLUGINS.checks]
    linted = lint(build, PLUGINS.checks, PLUGINS.facts, judge_suppressions=known)
    assert linted.failures == ()
    for finding in linted.findings:
        spans = [finding.span, *(related.span for related in finding.related if related.span)]
        spans += [edit.span for edit in finding.fix.edits] if finding.fix else []
        assert all(0 <= span.start <= span.end <= len(source.text) for span in spans)
        assert 0 < len(finding.message) <= LONGEST_MESSAGE
        assert "\n" not in finding.message
    assert lint(build, PLUGINS.checks, PLUGINS.facts, judge_suppressions=known) == linted
