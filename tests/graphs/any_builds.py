"""Builds of which every name and word may be anything."""

from __future__ import annotations

from hypothesis import strategies as st

from lint_multistage.model.build import Build, Target, lone_build
from lint_multistage.model.contexts import NamedContext, OtherTarget
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.text import Source

WORDS = st.text("\"'`\\|{}[]()<>&#;:%-=.~*_$@!?/^+,aNx1日😀\x1b\u2028\u202e\x85\udcff", min_size=1, max_size=8)
LINES = st.one_of(
    WORDS.map(lambda word: f"FROM {word}"),
    st.sampled_from(["FROM a AS end", "FROM end AS b", "FROM $A", "FROM x-$A AS c", "COPY --from=b /a /a"]),
    WORDS.map(lambda word: f"COPY --from={word} /a /a"),
    WORDS.map(lambda word: f"RUN --mount=from={word},target=/m true"),
    WORDS,
)
SOURCES = st.none() | st.builds(OtherTarget, WORDS, st.none() | st.sampled_from(["", "end"]) | WORDS)
CONTEXTS = st.builds(NamedContext, st.sampled_from(["a", "end", "b"]) | WORDS, WORDS | st.just(""), SOURCES, WORDS)


@st.composite
def builds(draw: st.DrawFn) -> Build:
    """A build of any lines, with targets that some other file asks for and named contexts that it gives."""
    lines = draw(st.lists(LINES, max_size=8))
    dockerfile = read_dockerfile(Source.of(draw(WORDS), "ARG A=end\n" + "\n".join(lines)))
    build = lone_build(dockerfile)
    if not build.targets:
        return build
    asked = draw(st.lists(st.builds(Target, st.integers(0, len(dockerfile.stages) - 1), WORDS, st.integers(1, 9))))
    return Build(dockerfile, (*build.targets, *asked), contexts=tuple(draw(st.lists(CONTEXTS, max_size=4))))
