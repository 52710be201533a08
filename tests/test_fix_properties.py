"""What holds of any edits, and of the fixes of any file."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lint_multistage.fixing import FixOptions, fix
from lint_multistage.linting import Linter, Options
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.plugins import load_plugins
from lint_multistage.text import Edit, Source, Span, apply_edits

LINTER = Linter(load_plugins(()), Options(isolated=True, project=False))
TEXTS = st.text(st.characters(exclude_categories=[]), max_size=60)


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    """A text and edits of it that do not overlap."""
    text = draw(TEXTS)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    spans = [Span(start, end) for start, end in itertools.pairwise(cuts)][::2]
    # Of two insertions at one place the order would count.
    apart = {span.start: span for span in spans if span.start != span.end} | {}
    return text, [Edit(span, draw(TEXTS)) for span in apart.values()]


@given(edited(), st.randoms())
def test_edits_in_any_order_change_what_they_cover_and_nothing_else(
    given_: tuple[str, list[Edit]], chance: object
) -> None:
    text, edits = given_
    expected, at = "", 0
    for edit in edits:
        expected += text[at : edit.span.start] + edit.text
        at = edit.span.end
    expected += text[at:]
    chance.shuffle(edits)  # type: ignore[attr-defined]
    assert apply_edits(text, edits) == expected


@given(TEXTS.filter(lambda text: len(text) > 2))
def test_overlapping_edits_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="overlap"):
        apply_edits(text, [Edit(Span(0, 2), "a"), Edit(Span(1, 3), "b")])


NAMES = ("build", "builder", "bulid", "Build", "deps", "app_", "0", "1", "2", "nginx", "Nginx:V1", "$X", "$S")
LINES = st.one_of(
    st.builds(
        "FROM {} AS {}".format, st.sampled_from(["golang:1.22", "alpine", "build", "deps"]), st.sampled_from(NAMES[:6])
    ),
    st.builds(
        "FROM {}".format, st.sampled_from(["alpine:3", "scratch", "build", "Build", "app_", "Rust", "golang:$VERSION"])
    ),
    st.builds(
        "COPY --from={} {} {}".format,
        st.sampled_from(NAMES),
        st.sampled_from(["/app", "/src/app", "/out/"]),
        st.sampled_from(["/app", "."]),
    ),
    st.builds("  COPY --from={} \\\n  # inner\n  /a /b".format, st.sampled_from(NAMES)),
    st.sampled_from(
        [
            "WORKDIR /src",
            "RUN go build -o /src/app .",
            "RUN <<EOF\ngo build -o /app .\nCOPY --from=0 /x /y\nEOF",
            "RUN --mount=type=bind,from=bulid,target=/t true",
            "RUN --mount=from=0,target=/t true",
            "ARG VERSION=1",
            "ARG S=build",
            "ENV V=$VERSION",
            'ENTRYPOINT ["/app"]',
            "CMD app --version $VERSION",
            "# lint-multistage: ignore[MS107]",
            "# a comment \udcff",
            "LABEL a=\u65e5\u672c\udcff",
            "",
        ]
    ),
)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(LINES, min_size=1, max_size=14),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\ufeff", "# syntax=docker/dockerfile:1\n", "# escape=\\\n"]),
    st.booleans(),
)
# A fix that does no good at first, and does where another is made before it.
@example(
    [
        "  COPY --from=1 \\\n  # inner\n  /a /b",
        "FROM golang:1.22 AS deps",
        "FROM alpine:3",
        "FROM alpine:3",
        "COPY --from=1 /app /app",
        "FROM build",
        "COPY --from=1 /app /app",
        "FROM golang:1.22 AS build",
    ],
    "\n",
    "",
    False,
)
def test_fixes_of_any_file(lines: list[str], end: str, head: str, last: bool) -> None:
    text = (head + "\n".join(lines)).replace("\n", end) + (end if last else "")
    before = read_dockerfile(Source.of("Dockerfile", text))
    rules = LINTER.settings("Dockerfile")
    found = LINTER.run(before, rules).findings
    for finding in found:
        if finding.fix is None:
            continue
        changed = apply_edits(text, finding.fix.edits)
        after = read_dockerfile(Source.of("Dockerfile", changed))
        assert len(after.problems) <= len(before.problems), finding
    once = fix(LINTER, before, rules, FixOptions(unsafe=True))
    again = fix(LINTER, once.dockerfile, rules, FixOptions(unsafe=True))
    assert again.dockerfile.source.text == once.dockerfile.source.text
    assert again.count == 0
    assert len(once.dockerfile.problems) <= len(before.problems)
    assert once.dockerfile.source.encode().startswith(b"\xef\xbb\xbf") == text.startswith("\ufeff")
    if end == "\r\n":
        assert "\n" not in once.dockerfile.source.text.replace("\r\n", "")
