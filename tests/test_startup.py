"""What a run on one small file loads: counted, not timed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
before = set(sys.modules)
from lint_multistage.cli import main
status = main(["--no-project", "--isolated", sys.argv[1]])
from msgspec import Struct
def count(base):
    return 1 + sum(count(derived) for derived in base.__subclasses__())
print(status, count(Struct) - 1)
print(*sorted(set(sys.modules) - before))
"""

SLOW = {
    "asyncio",
    "concurrent.futures.process",
    "configparser",
    "dataclasses",
    "difflib",
    "http.client",
    "multiprocessing",
    "pathspec",
    "pygls",
    "pytest",
    "ssl",
    "subprocess",
    "tomllib",
    "unittest",
    "urllib.request",
    "yaml",
}


def loaded(path: Path) -> tuple[str, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, path], capture_output=True, text=True, check=True, cwd=path.parent
    )
    *_, counts, modules = done.stdout.splitlines()
    return counts, set(modules.split())


def test_nothing_slow_is_imported(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text('FROM alpine:3\nRUN apk add curl\nCMD ["curl"]\n')
    counts, modules = loaded(file)
    status, structs = map(int, counts.split())
    assert status == 0
    ours = {name for name in modules if name.startswith("lint_multistage")}
    assert not modules & SLOW
    # Room for thirty more checks, not for thirty more classes a check.
    assert structs < 140
    assert len(ours) < 130


def test_the_shell_is_not_parsed_where_nothing_runs(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text("FROM alpine:3\nCOPY a /a\n")
    assert "tree_sitter" not in loaded(file)[1]
