"""Makefiles: the builds that their recipes ask for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.late import late_regex
from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.layouts import UNKNOWN, of_text, replaced, substituted, unknown
from lint_multistage.project.make_values import Expansion, Variable
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.shells import (
    START,
    Origin,
    Starts,
    anywhere,
    in_folder,
    may_build,
    once,
    origin_of,
    shell_requests,
)

_ASSIGNMENT = late_regex(
    r" *((?:(?:export|override|private)\s+)*)([\w.-]+)\s*(\?=|:{0,3}=|\+=|!=)[ \t]*(.*)", re.DOTALL
)
_DEFINE = late_regex(r" *(?:(?:export|override)\s+)*define\s+([\w.-]+)\s*(?:[:?+]?=)?\s*$")
_CONDITION = late_regex(r" *(ifn?eq|ifn?def|endif)\b")
_INCLUDE = late_regex(r" *-?s?include\s+(.+)")
_OTHER = late_regex(r" *(?:else|export|unexport|vpath|undefine)\b")
_PREFIX = late_regex(r"(?:^|(?<=[^\\]\n))[ \t]*[@+-][@+ \t-]*")
_CONTINUED_TAB = late_regex(r"(?<=\\\n)\t")
_FOR_EACH_TARGET = late_regex(r"\$[({]?[@*<^]|\$\$[({]@")
_GIVEN = late_regex(r"(?:\$[({]MAKE[)}]|(?:^|(?<=\s))make)\s[^\n;&|]*")
_GIVEN_VALUE = late_regex(r"\s([\w.-]+)=(?:\"([^\"\s$]*)\"|'([^'\s$]*)'|([^\s\"'$]+))")
_JOINED = late_regex(r"[ \t]*\\\n[ \t]*")
_COMMENT = late_regex(r"(?<!\\)#.*", re.DOTALL)

MOST_RECIPES = 300
MOST_TARGETS = 50
MOST_INCLUDES = 20
MOST_VARIANTS = 20
MOST_WALKS = 600
LONGEST = 512 * 1024


class Rule(Struct, frozen=True):
    """The recipe of a rule: its lines as (offset, text), and its targets and prerequisites as written."""

    targets: str
    prerequisites: str
    lines: tuple[tuple[int, str], ...]


class Makefile(Struct, frozen=True):
    """What a Makefile holds, as far as it matters here.

    `specific` are the values that variables have together for some targets only, or in another run of make.
    """

    variables: Mapping[str, Variable]
    exported: frozenset[str]
    rules: tuple[Rule, ...]
    specific: tuple[Mapping[str, str], ...]
    one_shell: bool


def read_makefile(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the recipes of a Makefile ask for."""
    if not may_build(text):
        return []
    text = text[:LONGEST].replace("\r\n", " \n")
    makefile = _parse(text, path, files)
    # Another Makefile may include a *.mk, and then its recipes run elsewhere.
    included = not posixpath.basename(path).lower().startswith(("makefile", "gnumakefile"))
    started = anywhere(path) if included else in_folder(path)
    reading = _Reading(makefile, origin_of(files, path, text, "make"), started)
    requests: list[BuildRequest] = []
    for rule in makefile.rules:
        requests += reading.rule(rule)
        if reading.recipes > MOST_RECIPES:
            break
    return once(requests)


class _Reading:
    """Reads the rules of one Makefile."""

    def __init__(self, makefile: Makefile, origin: Origin, started: Starts) -> None:
        self.makefile = makefile
        self.origin = origin
        self.started = started
        self.expansion = Expansion(origin.path, makefile.variables)
        self.recipes = 0
        self.walks = 0
        self.environment: dict[str, str] = {}
        for name in makefile.exported:
            value = self.expansion.expand(f"$({name})")
            if UNKNOWN not in value:
                self.environment[name] = value

    def rule(self, rule: Rule) -> list[BuildRequest]:
        """What a rule asks for: where its recipe names its target, for each of its targets."""
        self.expansion.values = {}
        targets, prerequisites = self.expansion.expand(rule.targets).split(), rule.prerequisites
        prerequisites, colon, after = prerequisites.partition(":")
        pattern = self.expansion.expand(prerequisites).strip() if colon else ""
        wanted = self.expansion.expand(after if colon else prerequisites).split()
        if not any(_FOR_EACH_TARGET.search(line) for _, line in rule.lines):
            targets = targets[:1]
        found: list[BuildRequest] = []
        for target in targets[:MOST_TARGETS] or [unknown("target")]:
            self.recipes += 1
            found += self._recipe(rule, target, _automatic(target, pattern, wanted))
        return found

    def _recipe(self, rule: Rule, target: str, automatic: Mapping[str, str]) -> list[BuildRequest]:
        name = "" if UNKNOWN in target or "%" in target else target
        found: list[BuildRequest] = []
        for offset, line in rule.lines:
            requests = self._line(offset, line, name, automatic)
            if requests:
                found += requests
                found += self._given(requests, offset, line, name, automatic)
        return found

    def _line(self, offset: int, line: str, name: str, values: Mapping[str, str]) -> list[BuildRequest]:
        expansion = self.expansion
        expansion.values = values
        if not may_build(expansion.expand(line)) or self.walks >= MOST_WALKS:
            return []
        self.walks += 1
        layout = substituted(of_text(line, offset), expansion.changes(line))
        layout = replaced(layout, _CONTINUED_TAB, lambda _: "")
        layout = replaced(layout, _PREFIX, lambda _: "")
        return shell_requests(layout, self.origin, name=name, started=self.started, variables=self.environment)

    def _given(
        self, requests: list[BuildRequest], offset: int, line: str, name: str, automatic: Mapping[str, str]
    ) -> list[BuildRequest]:
        """What a recipe asks for with other values of variables, where those choose the stage."""
        found: list[BuildRequest] = []
        self.expansion.values = automatic
        plain = self.expansion.expand(line)
        for values in self.makefile.specific[:MOST_VARIANTS]:
            self.expansion.values = {**automatic, **values}
            if self.expansion.expand(line) == plain:
                continue
            others = self._line(offset, line, name, {**automatic, **values})
            found += [other for other in others if other.target is not None]
        if any(variable.given for variable in self.makefile.variables.values()):
            self.expansion.literal_defaults = False
            self.expansion.values = automatic
            others = self._line(offset, line, name, automatic) if self.expansion.expand(line) != plain else []
            self.expansion.literal_defaults = True
            if len(others) == len(requests):
                pairs = zip(requests, others, strict=True)
                # Whoever runs make may choose the stage.
                found += [replace(known, target=None) for known, other in pairs if other.target is None]
        return found


def _automatic(target: str, pattern: str, prerequisites: list[str]) -> dict[str, str]:
    """The automatic variables for one target of a rule."""
    stem = unknown("stem")
    if "%" in target:
        target = unknown("target")
    elif "%" in pattern:
        before, _, after = pattern.partition("%")
        if target.startswith(before) and target.endswith(after) and len(target) >= len(before) + len(after):
            stem = target[len(before) : len(target) - len(after)]
    wanted = [word.replace("%", stem, 1) for word in prerequisites]
    first = wanted[0] if wanted else ""
    return {"@": target, "*": stem, "<": first, "^": " ".join(wanted), "+": " ".join(wanted)}


class _Parsing:
    """Variables and rules, as the lines of a Makefile and of what it includes bring them."""

    def __init__(self, files: ProjectFiles) -> None:
        self.files = files
        self.variables: dict[str, Variable] = {}
        self.exported: set[str] = set()
        self.rules: list[tuple[str, str, list[tuple[int, str]]]] = []
        self.specific: dict[str, dict[str, str]] = {}
        self.one_shell = False
        self.included: list[str] = []

    def read(self, text: str, path: str) -> None:
        """Take all lines; rules only from the Makefile itself, the first to be read."""
        depth = 0
        definition = ""
        body: list[str] = []
        recipe: list[tuple[int, str]] | None = None
        itself = not self.included
        self.included.append(path)
        for offset, line in _lines(text):
            stripped = line.strip()
            if definition:
                if stripped.startswith("endef"):
                    self.variables[definition] = Variable("".join(body).rstrip("\n"))
                    definition = ""
                else:
                    body.append(line)
            elif line[0] == "\t" and recipe is not None:
                recipe.append((offset + 1, line[1:].rstrip("\n")))
            elif not stripped or stripped[0] == "#":
                continue
            elif condition := _CONDITION.match(line):
                depth = max(depth - 1, 0) if condition[1] == "endif" else depth + 1
            elif match := _DEFINE.match(line):
                definition, body = match[1], []
            elif match := _INCLUDE.match(line):
                self._include(match[1], path)
            elif match := _ASSIGNMENT.match(_joined(line)):
                self._assign(match[2], match[3], match[4].strip(), depth > 0)
                if "export" in match[1]:
                    self.exported.add(match[2])
            elif match := _OTHER.match(line):
                if stripped.startswith("export"):
                    self.exported.update(stripped.split()[1:])
            elif line[0] == "\t":
                # A recipe whose rule could not be read.
                recipe = [(offset + 1, line[1:].rstrip("\n"))]
                if itself:
                    self.rules.append(("", "", recipe))
            else:
                recipe = self._rule(line, offset, itself)

    def _rule(self, line: str, offset: int, itself: bool) -> list[tuple[int, str]] | None:
        """Take the first line of a rule; returns where the lines of its recipe go."""
        at = _outside(line, ":")
        if at < 0:
            return None
        targets, rest = line[:at].rstrip("&"), line[at + 1 :].removeprefix(":")
        if match := _ASSIGNMENT.match(_joined(rest).lstrip()):
            self.specific.setdefault(targets.strip(), {})[match[2]] = match[4].strip()
            return None
        if targets.strip() == ".ONESHELL":
            self.one_shell = True
        lines: list[tuple[int, str]] = []
        semicolon = _outside(rest, ";")
        if semicolon >= 0:
            start = len(line) - len(rest) + semicolon + 1
            lines.append((offset + start, line[start:].rstrip("\n")))
            rest = rest[:semicolon]
        if itself:
            self.rules.append((_joined(targets), _COMMENT.sub("", _joined(rest)), lines))
        return lines

    def _assign(self, name: str, operator: str, text: str, doubtful: bool) -> None:
        text = _COMMENT.sub("", text).rstrip()
        before = self.variables.get(name)
        if operator == "!=":
            text = f"$(shell {text})"
        if operator == "+=":
            self.variables[name] = Variable(f"{before.text} {text}" if before else text, bool(before and before.given))
        elif operator == "?=":
            if before is None:
                self.variables[name] = Variable(text, given=True)
        elif doubtful and before is not None and before.text != text:
            self.variables[name] = Variable(unknown(name))
        else:
            self.variables[name] = Variable(text, given=doubtful)

    def _include(self, names: str, path: str) -> None:
        expansion = Expansion(path, self.variables)
        for name in expansion.expand(names).split():
            folder = posixpath.dirname(path)
            inside = posixpath.normpath(posixpath.join(folder, name.replace(START, folder or ".").lstrip("/")))
            if UNKNOWN in inside or inside in self.included or len(self.included) > MOST_INCLUDES:
                continue
            if inside.startswith("..") or not self.files.exists(inside):
                continue
            text = self.files.read(inside)
            if text:
                self.read(text[:LONGEST], inside)


def _parse(text: str, path: str, files: ProjectFiles) -> Makefile:
    parsing = _Parsing(files)
    parsing.read(text, path)
    specific = list(parsing.specific.values())
    for match in _GIVEN.finditer(text):
        found = _GIVEN_VALUE.findall(match[0])
        if found:
            specific.append({name: "".join(values) for name, *values in found})
    return Makefile(
        variables=parsing.variables,
        exported=frozenset(parsing.exported),
        rules=tuple(
            Rule(targets, prerequisites, _as_one(lines, text) if parsing.one_shell else tuple(lines))
            for targets, prerequisites, lines in parsing.rules
            if lines
        ),
        specific=tuple(specific),
        one_shell=parsing.one_shell,
    )


def _as_one(lines: list[tuple[int, str]], text: str) -> tuple[tuple[int, str], ...]:
    """The lines of a recipe that one shell runs; tabs are blanks to it."""
    start, end = lines[0][0], lines[-1][0] + len(lines[-1][1])
    return ((start, text[start:end]),)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a Makefile and their offsets, continued ones as they stand."""
    start = at = 0
    while at < len(text):
        end = text.find("\n", at) + 1 or len(text)
        body = text[at:end].rstrip("\n")
        at = end
        if (len(body) - len(body.rstrip("\\"))) % 2 and end < len(text):
            continue
        yield start, text[start:end]
        start = end


def _joined(text: str) -> str:
    return _JOINED.sub(" ", text.rstrip("\n")) if "\\\n" in text else text.rstrip("\n")


def _outside(text: str, wanted: str) -> int:
    """Where the character `wanted` stands outside of brackets and comments; -1 where it does not."""
    depth = 0
    for at, character in enumerate(text):
        if character in "({":
            depth += 1
        elif character in ")}":
            depth -= 1
        elif character == wanted and depth <= 0:
            return at
        elif character == "#" and depth <= 0:
            return -1
    return -1
