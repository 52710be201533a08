"""Comments that silence findings."""

from __future__ import annotations

import pytest

from lint_multistage.findings import Finding
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.settings.suppressions import Suppression, read_suppressions, suppress, unused
from lint_multistage.text import Source, Span


def read(text: str) -> tuple[Suppression, ...]:
    return read_suppressions(read_dockerfile(Source.of("Dockerfile", text)))


def covered(text: str) -> list[tuple[tuple[str, ...], int, int]]:
    """The codes of each comment, and the lines that it covers."""
    return [(tuple(code for code, _ in found.codes), found.first, found.last) for found in read(text)]


class TestCover:
    def test_the_instruction_below(self) -> None:
        text = "FROM alpine\n# lint-multistage: ignore[MS302] needed\nRUN apk add gcc \\\n  make\nRUN true\n"
        assert covered(text) == [(("MS302",), 3, 4)]

    def test_the_stage_below_a_from(self) -> None:
        text = "FROM a\n# lint-multistage: ignore[MS3]\nFROM b\nRUN x\nRUN y\nFROM c\n"
        assert covered(text) == [(("MS3",), 3, 5)]

    def test_the_whole_block_above_counts(self) -> None:
        text = "FROM a\n# lint-multistage: ignore[MS1]\n# why\n# lint-multistage: ignore[MS2]\nRUN x\n"
        assert covered(text) == [(("MS1",), 5, 5), (("MS2",), 5, 5)]

    def test_a_blank_line_ends_the_block(self) -> None:
        assert covered("FROM a\n# lint-multistage: ignore[MS1]\n\nRUN x\n") == [(("MS1",), 0, 0)]

    def test_nothing_below(self) -> None:
        assert covered("FROM a\n# lint-multistage: ignore[MS1]\n") == [(("MS1",), 0, 0)]

    def test_inside_an_instruction(self) -> None:
        text = "FROM a\nRUN x \\\n# lint-multistage: ignore[MS1]\n  && y\n"
        assert covered(text) == [(("MS1",), 0, 0)]

    def test_the_whole_file_from_anywhere(self) -> None:
        text = "FROM a\nRUN x\n# lint-multistage: ignore-file[MS1]\n\nRUN y"
        assert covered(text) == [(("MS1",), 1, 5)]

    def test_below_parser_directives(self) -> None:
        text = "# syntax=docker/dockerfile:1\n# lint-multistage: ignore[MS301]\nFROM golang\n"
        assert covered(text) == [(("MS301",), 3, 3)]


class TestCodes:
    @pytest.mark.parametrize(
        ("comment", "codes"),
        [
            ("# lint-multistage: ignore[MS301]", ("MS301",)),
            ("#lint-multistage:ignore[MS301,ms306]", ("MS301", "MS306")),
            ("#  lint-multistage : ignore [ MS3 , ACM ] because", ("MS3", "ACM")),
            ("# lint-multistage: ignore[]", ()),
            ("# lint-multistage: ignore", ()),
        ],
    )
    def test_read(self, comment: str, codes: tuple[str, ...]) -> None:
        assert [found[0] for found in covered(f"{comment}\nFROM a\n")] == [codes]

    @pytest.mark.parametrize(
        "comment",
        [
            "# lint-multistage",
            "# lint-multistage: ignored[MS301]",
            "# see lint-multistage: ignore[MS301]",
            "# ignore[MS1]",
        ],
    )
    def test_other_comments(self, comment: str) -> None:
        assert read(f"{comment}\nFROM a\n") == ()

    def test_no_comment_in_a_heredoc_or_a_word(self) -> None:
        assert (
            read("FROM a\nRUN <<E\n# lint-multistage: ignore[MS1]\ntrue\nE\nRUN '# lint-multistage: ignore[MS1]'\n")
            == ()
        )

    def test_spans_are_those_of_the_codes(self) -> None:
        text = "# lint-multistage: ignore[MS301, ms3]\nFROM a\n"
        spans = [span for _, span in read(text)[0].codes]
        assert [text[span.start : span.end] for span in spans] == ["MS301", "ms3"]


def finding(code: str) -> Finding:
    return Finding(span=Span(0, 1), message="m", code=code)


class TestSuppress:
    SUPPRESSIONS = read(
        "# lint-multistage: ignore[MS301, MS3]\nFROM a\nRUN x\n# lint-multistage: ignore-file[MS1]\nFROM b\nRUN y\n"
    )

    def test_prefix_and_line_must_fit(self) -> None:
        given = [
            (finding("MS301"), 2),
            (finding("MS302"), 3),
            (finding("MS301"), 5),
            (finding("MS401"), 2),
            (finding("MS101"), 6),
        ]
        kept, _ = suppress(given, self.SUPPRESSIONS)
        assert [found.code for found in kept] == ["MS301", "MS401"]

    def test_every_prefix_that_fits_was_of_use(self) -> None:
        _, used = suppress([(finding("MS301"), 2)], self.SUPPRESSIONS)
        assert used == {(0, "MS301"), (0, "MS3")}

    def test_without_comments_all_is_kept(self) -> None:
        given = [(finding("MS301"), 1)]
        assert suppress(given, ()) == ([given[0][0]], set())


class TestUnused:
    RAN = ("MS101", "MS301", "MS302")

    def idle(self, text: str, *findings: tuple[str, int]) -> list[tuple[list[str], str]]:
        suppressions = read(text)
        _, used = suppress([(finding(code), line) for code, line in findings], suppressions)
        found = unused(suppressions, used, self.RAN, ("MS",))
        return [([code for code, _ in one.unused], one.reason) for one in found]

    def test_what_hid_something(self) -> None:
        assert self.idle("# lint-multistage: ignore[MS301]\nFROM a\n", ("MS301", 2)) == []

    def test_what_hid_nothing(self) -> None:
        assert self.idle("# lint-multistage: ignore[MS301]\nFROM a\n") == [(["MS301"], "")]

    def test_one_code_of_two(self) -> None:
        assert self.idle("# lint-multistage: ignore[MS301, MS101]\nFROM a\n", ("MS301", 2)) == [(["MS101"], "")]

    def test_a_prefix(self) -> None:
        assert self.idle("# lint-multistage: ignore[MS3]\nFROM a\n", ("MS302", 2)) == []
        assert self.idle("# lint-multistage: ignore[MS3]\nFROM a\n") == [(["MS3"], "")]

    def test_a_code_that_never_was(self) -> None:
        assert self.idle("# lint-multistage: ignore[MS999]\nFROM a\n") == [(["MS999"], "")]

    def test_an_absent_plugins_code(self) -> None:
        assert self.idle("# lint-multistage: ignore[ACM001]\nFROM a\n") == []

    def test_no_code(self) -> None:
        [(codes, reason)] = self.idle("# lint-multistage: ignore\nFROM a\n")
        assert codes == []
        assert "ignore[MS301]" in reason

    def test_the_reason_where_it_covers_nothing(self) -> None:
        assert self.idle("FROM a\n# lint-multistage: ignore[MS301]\n\nRUN x\n")[0][1].startswith(
            "no instruction stands"
        )
        assert "inside" in self.idle("FROM a\nRUN x \\\n# lint-multistage: ignore[MS301]\n y\n")[0][1]
