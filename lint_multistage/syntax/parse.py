"""From a file's text to its instructions and to what BuildKit refuses about them.

Follows moby/buildkit frontend/dockerfile/instructions/parse.go, bflag.go and commands_runmount.go.
"""

from __future__ import annotations

import re
from typing import Any

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.syntax.expansion import SPACES
from lint_multistage.syntax.instructions import (
    Add,
    Arg,
    Copy,
    Env,
    Flag,
    From,
    Instruction,
    Onbuild,
    Run,
    Setting,
    Word,
)
from lint_multistage.syntax.lines import Comment, Directive, LogicalLine, Problem, keyword_of, read_lines, upper
from lint_multistage.syntax.mounts import read_mounts
from lint_multistage.syntax.quoting import shown
from lint_multistage.syntax.reader import read_statements
from lint_multistage.syntax.words import Piece, split_blanks, split_flags, split_json, split_quoted
from lint_multistage.text import Source, Span

FLAGS: dict[str, tuple[str, ...]] = {
    "ADD": ("checksum", "chmod", "chown", "exclude", "keep-git-dir", "link", "unpack"),
    "COPY": ("chmod", "chown", "exclude", "from", "link", "parents"),
    "FROM": ("platform",),
    "HEALTHCHECK": ("interval", "retries", "start-interval", "start-period", "timeout"),
    "RUN": ("device", "mount", "network", "security"),
}
_BOOLEAN = ("keep-git-dir", "link", "parents", "unpack")
_REPEATED = ("device", "exclude", "mount")
_NO_FLAG_CHECK = ("ARG", "STOPSIGNAL")
_CHOICES = {"network": ("default", "none", "host"), "security": ("sandbox", "insecure")}

_EXACTLY_ONE = ("MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR")
_AT_LEAST_ONE = ("ARG", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "ONBUILD", "SHELL", "VOLUME")
_JSON_OR_TEXT = ("CMD", "ENTRYPOINT", "RUN", "SHELL")
_JSON_OR_WORDS = ("ADD", "COPY", "VOLUME")
KEYWORDS = frozenset({*_EXACTLY_ONE, *_AT_LEAST_ONE, *_JSON_OR_TEXT, *_JSON_OR_WORDS, "FROM"})

_STAGE_NAME = late_regex(r"[a-z][a-z0-9\-_.]*")
_HEREDOC_WORD = late_regex(r"[0-9]*<<-?\s*[^<\s][^<]*")
_DURATION = late_regex(r"[+-]?(0|([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+")


class Syntax(Struct, frozen=True):
    """A file as instructions; `problems` are what BuildKit refuses."""

    directives: tuple[Directive, ...]
    escape: str
    comments: tuple[Comment, ...]
    instructions: tuple[Instruction, ...]
    problems: tuple[Problem, ...]


def parse(source: Source) -> Syntax:
    """Read every instruction of `source`. Never fails: what cannot be read is a problem, and the instruction is kept
    bare.
    """
    lines = read_lines(source)
    problems = list(lines.problems)
    instructions = []
    for line, (keyword, value_at) in zip(lines.lines, read_statements(lines.lines), strict=True):
        reading = _Reading(line, keyword, value_at, lines.escape)
        instructions.append(reading.instruction())
        problems += reading.problems
    return Syntax(lines.directives, lines.escape, lines.comments, tuple(instructions), tuple(problems))


class _Reading:
    """One logical line on its way to an instruction."""

    def __init__(self, line: LogicalLine, keyword: str, value_at: int, escape: str, start: int = 0) -> None:
        self.line = line
        self.escape = escape
        self.problems: list[Problem] = []
        text = line.text
        self.start = start
        self.end = len(text.rstrip(SPACES))
        end = start + len(keyword)
        self.keyword = Word(upper(text[start:end]), line.place(start, end))
        self.flag_pieces, at = split_flags(text, min(value_at, self.end), escape)
        self.at = min(at, self.end)
        self.flags = tuple(self._flag(piece) for piece in self.flag_pieces)

    def instruction(self) -> Instruction:
        keyword = self.keyword.text
        if keyword not in KEYWORDS:
            self._refuse(f"unknown instruction '{shown(keyword)}'", self.keyword.span)
            return Instruction(**self._common(()))
        pieces, is_json = self._pieces(keyword)
        common = self._common(tuple(self._word(piece) for piece in pieces)) | {"json": is_json}
        self._check_count(keyword, len(pieces))
        if keyword not in _NO_FLAG_CHECK:
            self._check_flags(keyword)
        words: tuple[Word, ...] = common["words"]
        match keyword:
            case "FROM" if words:
                return self._from(common, words)
            case "COPY" if words:
                self._check_copy(keyword, words)
                return Copy(**common, source=self._value("from"), paths=words[:-1], destination=words[-1])
            case "ADD" if words:
                self._check_copy(keyword, words)
                return Add(**common, paths=words[:-1], destination=words[-1])
            case "RUN":
                mounts, problems = read_mounts(self.flags)
                self.problems += problems
                return Run(**common, mounts=mounts)
            case "ARG":
                return Arg(**common, settings=tuple(self._setting(piece, keyword) for piece in pieces))
            case "ENV" | "LABEL":
                settings = self._settings(keyword, pieces)
                return Env(**common, settings=settings) if keyword == "ENV" else Instruction(**common)
            case "ONBUILD" if words:
                return Onbuild(**common, trigger=self._trigger())
            case "HEALTHCHECK" if words:
                self._check_healthcheck(words)
            case "SHELL" if words and not is_json:
                self._refuse("SHELL takes a JSON array of strings", common["value"].span)
            case "VOLUME" if any(not word.text.strip(SPACES) for word in words):
                self._refuse("VOLUME cannot be an empty string", common["value"].span)
        return Instruction(**common)

    # --- words

    def _pieces(self, keyword: str) -> tuple[list[Piece], bool]:
        text, at, end = self.line.text, self.at, self.end
        if at >= end:
            return [], False
        if keyword in _JSON_OR_TEXT or keyword in _JSON_OR_WORDS:
            try:
                strings = split_json(text, at, end)
            except ValueError as error:
                self._refuse(str(error), self.line.place(at, end))
                strings = None
            if strings is not None:
                return strings, True
        if keyword in ("ARG", "ENV", "LABEL"):
            return split_quoted(text, at, end, self.escape), False
        if keyword in _JSON_OR_WORDS or keyword in ("FROM", "EXPOSE"):
            return split_blanks(text, at, end), False
        if keyword == "HEALTHCHECK":
            kind = split_blanks(text, at, end)[0]
            rest = len(text[:end]) - len(text[kind.end : end].lstrip(SPACES))
            return [kind, Piece(text[rest:end], rest, end)] if rest < end else [kind], False
        return [Piece(text[at:end], at, end)], False

    def _common(self, words: tuple[Word, ...]) -> dict[str, Any]:
        line = self.line
        return {
            "keyword": self.keyword,
            "span": line.span,
            "line": line.first,
            "end_line": line.last,
            "flags": self.flags,
            "value": Word(line.text[self.at : self.end], line.place(self.at, self.end)),
            "words": words,
            "heredocs": line.heredocs,
        }

    def _word(self, piece: Piece) -> Word:
        return Word(piece.text, self.line.place(piece.start, piece.end))

    def _flag(self, piece: Piece) -> Flag:
        name, equals, value = piece.text[2:].partition("=")
        span = self.line.place(piece.start, piece.end)
        if not equals:
            return Flag(name, None, span)
        raw = self.line.text[piece.start : piece.end]
        return Flag(name, Word(value, self.line.place(piece.start + raw.index("=") + 1, piece.end)), span)

    def _value(self, name: str) -> Word | None:
        """A flag's value, None where it is empty: `--from=` means the build context."""
        value = next((flag.value for flag in self.flags if flag.name == name), None)
        return value if value and value.text else None

    def _setting(self, piece: Piece, keyword: str) -> Setting:
        name, equals, value = piece.text.partition("=")
        if not name:
            self._refuse(f"{keyword} names cannot be blank", self.line.place(piece.start, piece.end))
        end = piece.start + len(name)
        return Setting(
            Word(name, self.line.place(piece.start, end)),
            Word(value, self.line.place(min(end + 1, piece.end), piece.end)) if equals else None,
        )

    def _settings(self, keyword: str, pieces: list[Piece]) -> tuple[Setting, ...]:
        if not pieces:
            return ()
        if "=" in pieces[0].text:
            for piece in pieces:
                if "=" not in piece.text:
                    self._refuse(
                        f"no = in '{shown(piece.text)}': {keyword} takes name=value",
                        self.line.place(piece.start, piece.end),
                    )
            return tuple(self._setting(piece, keyword) for piece in pieces if "=" in piece.text)
        words = split_blanks(self.line.text, self.at, self.end)
        if len(words) < 2:
            self._refuse(f"{keyword} takes a name and a value", self.line.place(self.at, self.end))
            return ()
        rest = words[1].start
        return (Setting(self._word(words[0]), self._word(Piece(self.line.text[rest : self.end], rest, self.end))),)

    def _from(self, common: dict[str, Any], words: tuple[Word, ...]) -> From:
        if len(words) != 1 and not (len(words) == 3 and words[1].text.lower() == "as"):
            self._refuse("FROM takes one argument, or three: FROM image AS name", common["value"].span)
        return From(**common, base=words[0], name=words[2] if len(words) == 3 else None)

    def _trigger(self) -> Instruction | None:
        rest = self.line.text[self.at : self.end]
        keyword = upper(keyword_of(rest))
        if keyword == "ONBUILD":
            self._refuse("ONBUILD cannot trigger another ONBUILD", self.line.place(self.at, self.end))
        elif keyword in ("MAINTAINER", "FROM"):
            self._refuse(f"{keyword} is no ONBUILD trigger", self.line.place(self.at, self.end))
        elif keyword in KEYWORDS:
            # In the file that holds a trigger BuildKit checks nothing about it, so its problems are dropped.
            return _Reading(self.line, keyword, self.at + len(keyword), self.escape, self.at).instruction()
        return None

    # --- what BuildKit refuses

    def _refuse(self, message: str, span: Span) -> None:
        self.problems.append(Problem(span, message))

    def _check_count(self, keyword: str, count: int) -> None:
        if keyword in _EXACTLY_ONE and count != 1:
            self._refuse(f"{keyword} takes exactly one argument", self.keyword.span)
        elif keyword in _AT_LEAST_ONE and count == 0:
            self._refuse(f"{keyword} takes at least one argument", self.keyword.span)
        elif keyword in ("ADD", "COPY") and count < 2:
            self._refuse(f"{keyword} takes at least two arguments: a source and a destination", self.keyword.span)
        elif keyword == "FROM" and count == 0:
            self._refuse("FROM takes one argument, or three: FROM image AS name", self.keyword.span)

    def _check_flags(self, keyword: str) -> None:
        known = FLAGS.get(keyword, ())
        seen: set[str] = set()
        for flag in self.flags:
            name, value = flag.name, flag.value
            if name not in known:
                hint = f" (flags are lower case: --{name.lower()})" if name.lower() in known else ""
                self._refuse(f"{keyword} has no flag --{shown(name)}{hint}", flag.span)
            elif name in seen and name not in _REPEATED:
                self._refuse(f"--{name} is given twice", flag.span)
            elif name in _BOOLEAN:
                if value and value.text.lower() not in ("true", "false"):
                    self._refuse(f"--{name} takes true or false", flag.span)
            elif value is None:
                self._refuse(f"--{name} has no value: write --{name}=VALUE", flag.span)
            elif name in _CHOICES and value.text not in _CHOICES[name] and "$" not in value.text:
                self._refuse(f"--{name} takes one of {', '.join(_CHOICES[name])}", flag.span)
            seen.add(name)

    def _check_copy(self, keyword: str, words: tuple[Word, ...]) -> None:
        if _HEREDOC_WORD.fullmatch(words[-1].text):
            self._refuse(f"{keyword} cannot have a heredoc as its destination", words[-1].span)

    def _check_healthcheck(self, words: tuple[Word, ...]) -> None:
        kind = words[0].text.upper()
        if kind == "NONE" and len(words) > 1:
            self._refuse("HEALTHCHECK NONE takes no arguments", words[1].span)
        elif kind == "CMD" and len(words) < 2:
            self._refuse("HEALTHCHECK CMD needs a command", words[0].span)
        elif kind not in ("NONE", "CMD"):
            self._refuse(f"HEALTHCHECK takes CMD or NONE, not '{shown(words[0].text)}'", words[0].span)
        for flag in self.flags:
            value = flag.value.text if flag.value else ""
            if flag.name == "retries" and value and not re.fullmatch(r"[+-]?[0-9]+", value):
                self._refuse("--retries takes a number", flag.span)
            elif (
                flag.name in FLAGS["HEALTHCHECK"]
                and flag.name != "retries"
                and value
                and not _DURATION.fullmatch(value)
            ):
                self._refuse(f"--{flag.name} takes a duration such as 30s", flag.span)


def is_stage_name(name: str) -> bool:
    """Whether `AS name` is accepted by BuildKit's parser (case folds)."""
    return bool(_STAGE_NAME.fullmatch(name.lower()))
