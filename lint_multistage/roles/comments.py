"""What an image is for, told by the comments at the head of its file or directly above its stage."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.stages import Stage

_ONLY = r"(?:only|just|solely|exclusively|primarily|mainly)"
_FILE = r"(?:docker ?file|image|container)"
# Only what cannot be meant otherwise. What a comment says of tools, options or the host is no purpose.
_SAID = (
    ("test", rf"\b{_FILE} .*\bused (?:{_ONLY} )?(?:in|for|during) (?:\w+[ -])?(?:testing|tests)\b"),
    ("test", rf"\b(?:used {_ONLY}|{_ONLY} used|is used) to (?:verify|check|test)\b"),
    ("test", rf"\b{_FILE} {_ONLY} (?:checks|verifies|tests) (?:that|whether|if)\b"),
    ("test", rf"\b{_FILE} for (?:running )?(?:\w+ )?(?:testing|tests)\b|\btesting image for\b"),
    ("ci", rf"\b{_FILE} (?:is )?(?:used )?(?:for|in) (?:\S+ ){{0,3}}ci(?: (?:jobs?|tests?|testing|builds?)\b|$)"),
    ("ci", r"\btools used (?:for|in) (?:\S+ ){0,3}ci(?: (?:jobs?|tests?|builds?)\b|$)"),
    (
        "development",
        rf"\buse[sd]? (?:this |the )?(?:{_FILE}|stage) (?:{_ONLY} )?(?:for|in|during) (?:local )?development\b",
    ),
    ("development", rf"\b{_FILE} (?:is )?(?:only )?(?:meant |intended )?for (?:local )?development\b"),
    ("development", r"\bnot (?:\w+ ){0,2}(?:for|in) (?:use in )?production\b"),
    (
        "export",
        r"\b(?:binary|binaries|artifacts?|artefacts?|packages?|libraries|library|output|results?|wheels?)\b.*"
        r"\bdocker (?:container )?cp\b",
    ),
    ("toolchain", r"\b(?:is|provides?|creates?|builds?) an? (?:\w+ )?(?:build environment|toolchain)\b"),
)
# Most comments have none of these words, and need not be read.
_WORDS = ("test", "develop", "production", "verif", "that", " ci", "toolchain", "environment", "docker cp")


def purpose_of_comments(dockerfile: Dockerfile, stage: Stage) -> tuple[str, str]:
    """The role that the comments ahead of the first FROM tell of the whole file, or those directly above a stage's FROM
    of it, and the words that tell it; "" for none.

    What the head says of development may be out of date: it does not count for a stage that copies what another built.
    """
    lines = {each.line: dockerfile.source[each.span] for each in dockerfile.comments if not each.inner}
    first = dockerfile.stages[0].from_.line
    # What stands directly above an ARG is about its value.
    arguments = {line for each in dockerfile.before for line in _block_above(lines, each.line)}
    for sentence in _sentences(text for line, text in lines.items() if line < first and line not in arguments):
        # A file's first comment may be about its first stage alone.
        if ("stage" not in sentence or not stage.index) and (found := _purpose(sentence)):
            if found[0] == "development" and _copies_product(dockerfile, stage):
                continue
            return found
    above = [lines[line] for line in _block_above(lines, stage.from_.line)]
    return next((found for sentence in _sentences(above) if (found := _purpose(sentence))), ("", ""))


def _copies_product(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether a stage copies from another one and says what it starts, as one that ships does."""
    copies = any(x.kind == "copy-from" and x.to is not None for x in dockerfile.graph.of(stage.index))
    return copies and any(x.keyword.text in ("ENTRYPOINT", "CMD") for x in stage.instructions)


def _block_above(lines: Mapping[int, str], line: int) -> list[int]:
    """The lines of the comment that ends directly above a line."""
    first = line
    while first - 1 in lines:
        first -= 1
    return list(range(first, line))


def _sentences(lines: Iterable[str]) -> Iterator[str]:
    text = "\n".join(line.strip().lstrip("#").strip() for line in lines).lower()
    if any(word in text for word in _WORDS):
        for sentence in re.split(r"[.;:!](?=\s|$)|\n\n|\|\|", text):
            yield " ".join(sentence.split())


def _purpose(sentence: str) -> tuple[str, str] | None:
    for role, pattern in _SAID:
        if match := re.search(pattern, sentence):
            return role, match[0]
    return None
