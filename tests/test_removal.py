"""Taking a stage out of a Dockerfile changes nothing else."""

from __future__ import annotations

import pytest

from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.removal import removal
from lint_multistage.text import Source, apply_edits


def without(text: str, *stages: int) -> str | None:
    edits = removal(read_dockerfile(Source.of("Dockerfile", text)), stages)
    return apply_edits(text, edits) if edits else None


@pytest.mark.parametrize(
    ("text", "stage", "expected"),
    [
        ("FROM a AS x\nRUN y\n\nFROM b\n", 0, "FROM b\n"),
        ("# syntax=x\n# about x\nFROM a AS x\n# about b\nFROM b\n", 0, "# syntax=x\n# about b\nFROM b\n"),
        ("FROM a\n\n# about x\n# more\nFROM b AS x\nRUN y\n\n# about c\nFROM c\n", 1, "FROM a\n\n# about c\nFROM c\n"),
        ("# a licence\n\nFROM a AS x\nFROM b\n", 0, "# a licence\n\nFROM b\n"),
        ("ARG V\nFROM a AS x\nFROM b:$V\n", 0, "ARG V\nFROM b:$V\n"),
        ("FROM a\nFROM b AS x\nFROM c\nCOPY --from=0 /a /a\n", 1, "FROM a\nFROM c\nCOPY --from=0 /a /a\n"),
        ("FROM x AS x\nFROM a\nFROM c\nCOPY --from=1 /a /a\n", 0, "FROM a\nFROM c\nCOPY --from=0 /a /a\n"),
        ("FROM x\nFROM c\nCOPY --from=0 /a /a\n", 0, None),
        ("FROM x\n", 0, None),
        ("FROM a\r\nFROM b AS x\r\nRUN <<E\r\nFROM z\r\nE\r\nFROM c", 1, "FROM a\r\nFROM c"),
        ("\ufeffFROM a AS x\nFROM b\n", 0, "\ufeffFROM b\n"),
    ],
)
def test_removal(text: str, stage: int, expected: str | None) -> None:
    assert without(text, stage) == expected


def test_several_stages_go_at_once() -> None:
    text = (
        "FROM a\nFROM b AS x\n# about y\nFROM x AS y\nRUN z\nFROM c\nFROM d\nCOPY --from=0 /a /a\nCOPY --from=3 /c /c\n"
    )
    assert without(text, 1, 2) == "FROM a\nFROM c\nFROM d\nCOPY --from=0 /a /a\nCOPY --from=1 /c /c\n"
    assert without(text, 0, 1) is None
    assert without("FROM a\nFROM b\n", 0, 1) is None
