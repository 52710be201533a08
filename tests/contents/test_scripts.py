"""Scripts that a stage brings from the build context and runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from lint_multistage.facts import load
from lint_multistage.linting import Linter, Options
from lint_multistage.model.build import lone_build
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.plugins import load_plugins
from lint_multistage.survey import Survey
from lint_multistage.text import Source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "install.sh").write_text(
        '#!/bin/sh\nset -e\nif [ -n "$DEV" ]; then apt-get install -y cmake; fi\napt-get install -y gcc $1\n'
    )
    (tmp_path / "scripts" / "clean.sh").write_text("apt-get purge -y --auto-remove gcc\r\n")
    (tmp_path / "scripts" / "all.sh").write_text('#!/usr/bin/env bash\n"$(dirname "$0")"/x\n. /s/install.sh\n')
    (tmp_path / "scripts" / "install.py").write_text("#!/usr/bin/env python3\napt-get install -y gcc\n")
    (tmp_path / "scripts" / "loop.sh").write_text("sh /s/loop.sh\nsh /s/loop.sh\n")
    return tmp_path


def carried(folder: Path, text: str) -> tuple[str, bool]:
    """The packages of the last stage, with a `?` behind what is not certain, and whether those are all."""
    dockerfile = read_dockerfile(Source.of("Dockerfile", text))
    build = lone_build(dockerfile)
    build = type(build)(dockerfile, build.targets, folders=(str(folder),))
    asked = Survey(build, load()).contents(len(dockerfile.stages) - 1).asked
    names = " ".join(package.name + "?" * (not package.certain) for package in asked.installed)
    return names, asked.complete


@pytest.mark.parametrize(
    "lines",
    [
        "COPY scripts/install.sh /tmp/\nRUN chmod +x /tmp/install.sh && /tmp/install.sh",
        "COPY scripts/install.sh /tmp/i.sh\nRUN sh /tmp/i.sh",
        "COPY scripts /s\nRUN /s/install.sh && rm -r /s",
        "COPY ./scripts/ /s/\nWORKDIR /s\nRUN ./install.sh",
        "WORKDIR /app\nCOPY . .\nRUN cd scripts && bash -ex install.sh",
        "COPY scripts/*.sh /usr/local/bin/\nRUN install.sh",
        "ADD scripts/install.sh /i\nRUN . /i",
        'COPY ["scripts/install.sh", "/i.sh"]\nRUN ["/bin/sh", "/i.sh"]',
        "ARG S=scripts\nCOPY $S /s\nRUN /s/install.sh",
        "COPY scripts /s\nRUN /s/all.sh",
        "RUN --mount=type=bind,source=scripts,target=/mnt /mnt/install.sh",
        "WORKDIR /w\nRUN --mount=target=. scripts/install.sh",
    ],
)
def test_scripts_of_the_context_are_read(folder: Path, lines: str) -> None:
    assert carried(folder, f"FROM debian\n{lines}\n")[0] == "cmake? gcc"


def test_arguments_and_variables_reach_the_script(folder: Path) -> None:
    assert carried(folder, "FROM debian\nCOPY scripts /s\nRUN /s/install.sh make\n")[0] == "cmake? gcc make"


def test_script_counts_where_it_runs(folder: Path) -> None:
    start = "FROM debian\nCOPY scripts /s\n"
    assert carried(folder, f"{start}RUN if a; then /s/install.sh; fi\n")[0] == "cmake? gcc?"
    assert carried(folder, f"{start}RUN /s/install.sh && make && sh /s/clean.sh\n")[0] == "cmake?"
    assert carried(folder, f"{start}RUN echo /s/install.sh\n")[0] == ""
    assert carried(folder, f"{start}FROM debian\nRUN /s/install.sh\n")[0] == ""
    assert carried(folder, f"{start}FROM 0\nRUN /s/install.sh\n")[0] == ""
    assert carried(folder, "FROM debian AS a\nCOPY scripts /s\nFROM a\nRUN /s/install.sh\n")[0] == "cmake? gcc"


@pytest.mark.parametrize(
    "lines",
    [
        "COPY other.sh /tmp/\nRUN /tmp/other.sh",
        "COPY --from=builder scripts/install.sh /tmp/\nRUN /tmp/install.sh",
        "ADD https://example.com/scripts/install.sh /tmp/install.sh\nRUN sh /tmp/install.sh",
        "COPY scripts /s\nCOPY --from=builder /s /s\nRUN /s/install.sh",
        "COPY $UNKNOWN /s/\nRUN /s/install.sh",
        "RUN --mount=from=builder,source=scripts,target=/mnt /mnt/install.sh",
        "COPY <<EOF /i.sh\napt-get install $PACKAGES\nEOF\nRUN sh /i.sh",
    ],
)
def test_scripts_that_are_not_at_hand_are_unknown(folder: Path, lines: str) -> None:
    assert carried(folder, f"FROM alpine AS builder\nFROM debian\n{lines}\n") == ("", False)


@pytest.mark.parametrize(
    "lines", ["COPY scripts /s\nRUN apt-get install make", "COPY bin/* /usr/local/bin/\nRUN apt-get install make"]
)
def test_programs_are_not_looked_for_among_what_was_copied(folder: Path, lines: str) -> None:
    assert carried(folder, f"FROM debian\n{lines}\n") == ("make", True)


def test_other_languages_are_not_read(folder: Path) -> None:
    assert carried(folder, "FROM debian\nCOPY scripts /s\nRUN /s/install.py\n")[0] == ""


def test_script_that_runs_itself_ends(folder: Path) -> None:
    assert carried(folder, "FROM debian\nCOPY scripts /s\nRUN sh /s/loop.sh\n")[0] == ""


def test_script_in_the_dockerfile(folder: Path) -> None:
    text = "FROM debian\nCOPY <<'EOF' /i.sh\napt-get install -y $1\nEOF\nRUN sh /i.sh gcc\n"
    assert carried(folder, text) == ("gcc", True)


def test_the_dockerfiles_folder_is_the_likely_context(folder: Path) -> None:
    path = folder / "Dockerfile"
    path.write_text("FROM debian\nCOPY scripts/install.sh /tmp/\nRUN /tmp/install.sh\nCMD x\n")

    def codes(*, project: bool = True) -> list[tuple[str, int]]:
        linter = Linter(load_plugins(()), Options(isolated=True, project=project))
        return [(finding.code, finding.line) for finding in linter.lint(str(path)).findings]

    assert codes() == [("MS302", 3)]
    # No other file of the project is read then.
    assert codes(project=False) == []


def test_the_context_that_a_build_file_names_is_read(folder: Path) -> None:
    (folder / "docker").mkdir()
    (folder / "compose.yaml").write_text(
        "services:\n  app:\n    build:\n      context: scripts\n      dockerfile: ../docker/Dockerfile\n"
    )
    path = folder / "docker" / "Dockerfile"
    text = "FROM alpine AS x\nFROM debian\nCOPY --from=x /a /a\nCOPY install.sh /tmp/\nRUN /tmp/install.sh\nCMD x\n"
    path.write_text(text)
    linter = Linter(load_plugins(()), Options(isolated=True, project_root=str(folder)))
    assert [(finding.code, finding.line) for finding in linter.lint(str(path)).findings] == [("MS302", 5)]
