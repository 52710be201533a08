"""A walk through a script's syntax tree in the order in which the shell runs it.

The walk keeps its own stack: each handler is a generator that yields the nodes to walk next, with what applies to them
set.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lint_multistage.late import late_regex
from lint_multistage.syntax.shell_commands import Script, ShellWord
from lint_multistage.syntax.shell_execution import Execution
from lint_multistage.syntax.shell_layout import Layout, text_of
from lint_multistage.syntax.shell_parse import TooMuchError
from lint_multistage.syntax.shell_state import Handler
from lint_multistage.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_ITERATIONS = 200
MOST_STEPS = 100_000
FEW_STEPS = 1_000
STEPS_A_CHARACTER = 2
DEEPEST = 150

_SEQUENCES = frozenset(("program", "compound_statement", "do_group", "elif_clause", "else_clause", "ERROR"))
_STATEMENTS = frozenset(
    (
        "case_statement c_style_for_statement command compound_statement declaration_command do_group elif_clause "
        "else_clause for_statement function_definition if_statement list negated_command pipeline redirected_statement "
        "subshell test_command unset_command variable_assignment variable_assignments while_statement ERROR"
    ).split()
)
_SILENT = frozenset(("comment", "heredoc_body", "heredoc_start", "heredoc_end", "word", "file_descriptor"))
_QUESTIONS = frozenset(
    ("test", "[", "grep", "egrep", "command", "which", "type", "hash", "dpkg", "rpm", "id", "getent", "cmp", "diff")
)
_FAILS = late_regex(r"(?:^|[\s;{(&])(?:exit|false|return)(?:\s+[1-9]\d*)?[\s;})]*$")
_BREAK = late_regex(r"\bbreak\b")
_PATTERN = late_regex(r"[*?\[]")
_ESCAPED_IN_HEREDOC = late_regex(r"\\([$`\\])")


def walk_script(
    layout: Layout, values: Mapping[str, str], directory: str | None, *, arguments: Sequence[str | None] | None = ()
) -> Script:
    """Read the script `layout`; `values` are the variables of its environment that are known, `arguments` what it is
    started with, None where nothing is known of that.
    """
    walk = _Walk(values, directory, len(layout.text))
    walk.set_arguments(arguments)
    return walk.finish(walk.text(layout))


def walk_command(
    words: tuple[ShellWord, ...], layout: Layout, values: Mapping[str, str], directory: str | None
) -> Script:
    """Read the one command `words`, as the exec form runs it; `layout` is the text that they stand in."""
    walk = _Walk(values, directory, len(layout.text))
    walk.layout = layout
    return walk.finish(walk.run(words, (), Span(words[0].span.start, words[-1].span.end), None))


class _Walk(Execution):
    """The walk of one script."""

    def __init__(self, values: Mapping[str, str], directory: str | None, length: int) -> None:
        super().__init__(values, directory)
        self.iterations = 0
        # Loops and functions take more steps than there are words, but a short script has no reason to take many.
        self.steps_left = min(MOST_STEPS, FEW_STEPS + STEPS_A_CHARACTER * length)
        self.handlers = {
            "command": self.simple,
            "declaration_command": self.declare,
            "list": self._list,
            "pipeline": self._pipeline,
            "subshell": self._subshell,
            "negated_command": self._negated,
            "redirected_statement": self._redirected,
            "if_statement": self._if,
            "case_statement": self._case,
            "for_statement": self._for,
            "c_style_for_statement": self._while,
            "while_statement": self._while,
            **dict.fromkeys(_SEQUENCES, self._sequence),
        }

    def finish(self, first: Handler | None) -> Script:
        """Drive the walk from `first`, then through the functions that nothing called."""
        try:
            if first is not None:
                self._drive(first)
            self._drive(self._uncalled())
        except TooMuchError as error:
            self.reason = str(error)
        return Script(tuple(self.commands), not self.reason, self.reason, tuple(self.outputs))

    def _drive(self, first: Handler) -> None:
        stack = [first]
        while stack:
            node = next(stack[-1], None)
            if node is None:
                stack.pop()
            elif (handler := self._open(node)) is not None:
                if len(stack) >= DEEPEST:
                    raise TooMuchError(f"the script is nested more than {DEEPEST} deep")
                stack.append(handler)

    def _open(self, node: Node) -> Handler | None:
        self.steps_left -= 1
        if self.steps_left < 0:
            raise TooMuchError("the script takes too many steps")
        kind = node.type
        handler = self.handlers.get(kind)
        if handler is not None:
            return handler(node)
        if kind in ("variable_assignment", "variable_assignments"):
            for assignment in [node] if kind == "variable_assignment" else node.named_children:
                self.assign(assignment)
            return self.substitutions()
        if kind == "unset_command":
            for child in node.named_children:
                if child.type in ("variable_name", "word"):
                    self.put(text_of(child, self.layout), "")
            return None
        if kind == "function_definition":
            name, body = node.child_by_field_name("name"), node.child_by_field_name("body")
            if name and body:
                self.functions[text_of(name, self.layout)] = (body, self.layout)
            return None
        if kind in _SILENT:
            return None
        self.expander.collect(node)
        return self.substitutions()

    # --- sequences

    def _sequence(self, node: Node) -> Handler:
        last = self.last
        children = [child for child in node.named_children if child.type in _STATEMENTS]
        for number, child in enumerate(children, 1):
            self.last = last and number == len(children)
            yield child

    def _negated(self, node: Node) -> Handler:
        for child in node.named_children:
            self.last = False
            yield child

    def _subshell(self, node: Node) -> Handler:
        mark, left = len(self.journal), self.left
        yield from self._sequence(node)
        self.undo(mark)
        self.left = left

    def _pipeline(self, node: Node) -> Handler:
        for child in node.named_children:
            if child.type in _STATEMENTS:
                yield from self.isolated([child])

    def _list(self, node: Node) -> Handler:
        """A chain of `&&` and `||`, which the tree nests to the left.

        A question may be answered either way; other commands are taken to succeed, also those that `|| true` excuses.
        """
        chain: list[tuple[str, Node]] = []
        while node.type == "list" and node.child_count >= 3:
            children = node.children
            chain.append((children[1].type, children[-1]))
            node = children[0]
        chain.append(("", node))
        chain.reverse()
        last = self.last
        swallowed = max(
            (at for at, (mark, right) in enumerate(chain) if mark == "||" and not self._fails(right)), default=0
        )
        asked = False
        doubtful: list[Node] = []
        for at, (mark, right) in enumerate(chain):
            if mark == "&&" and asked and (at < swallowed or not last):
                doubtful.append(right)
            elif mark == "||":
                yield from self._doubtful(doubtful)
                doubtful = []
                asked = False
                # What fails sets nothing that a command behind it could see.
                yield from self.branch([right], set()) if self._fails(right) else self._doubtful([right])
            else:
                yield from self._doubtful(doubtful)
                doubtful = []
                self.last = last and at == len(chain) - 1
                yield right
            asked = asked or self._asks(right)
        yield from self._doubtful(doubtful)

    def _doubtful(self, nodes: list[Node]) -> Handler:
        """Walk commands of which each runs only after the one before it, or none."""
        touched: set[str] = set()
        yield from self.branch(nodes, touched)
        self.forget(touched)

    def _fails(self, node: Node) -> bool:
        return bool(_FAILS.search(self.layout.text[max(node.start_byte, node.end_byte - 40) : node.end_byte]))

    def _asks(self, node: Node) -> bool:
        """Whether a command asks a question rather than does something."""
        if node.type == "redirected_statement" and node.named_children:
            node = node.named_children[0]
        name = node.child_by_field_name("name") if node.type == "command" else None
        return node.type in ("test_command", "negated_command") or bool(
            name and text_of(name, self.layout) in _QUESTIONS
        )

    def _redirected(self, node: Node) -> Handler:
        body = node.child_by_field_name("body")
        last = self.last
        after: list[Node] = []
        late: list[Node] = []
        doubtful = False
        for redirect in node.children_by_field_name("redirect"):
            files = [redirect] if redirect.type == "file_redirect" else []
            files += [child for child in redirect.named_children if child.type == "file_redirect"]
            # The parser takes `cd x && echo > y` for a redirection of both; in truth it belongs to the last.
            if body is not None and body.type == "list":
                late += files
            else:
                for file in files:
                    self.redirect(file)
            if redirect.type == "file_redirect":
                continue
            text = None
            quoted = False
            for child in redirect.children:
                if child.type == "heredoc_body":
                    text = child
                elif child.type == "heredoc_start":
                    quoted = "\\" in (name := text_of(child, self.layout)) or "'" in name or '"' in name
                elif child.type in _STATEMENTS:
                    after.append(child)
                elif child.type == "||":
                    doubtful = True
                elif child.is_named and child.type != "file_redirect":
                    self.expander.collect(child)
            if text is not None and body is not None:
                raw = text_of(text, self.layout)
                value = None if quoted or "\\" not in raw else _ESCAPED_IN_HEREDOC.sub(r"\1", raw)
                self.stdin = (body, self.layout.part(text.start_byte, text.end_byte, value))
                self.expander.collect(text)
        if body is not None:
            self.last = last and not after
            yield body
        self.stdin = None
        for file in late:
            self.redirect(file)
        if (found := self.substitutions()) is not None:
            yield from found
        if doubtful:
            yield from self._doubtful(after)
            return
        for child in after:
            self.last = last
            yield child

    # --- conditions and loops

    def _if(self, node: Node) -> Handler:
        touched: set[str] = set()
        branch: list[Node] = []
        then = False
        for child in node.children:
            if child.type == "then":
                then = True
            elif child.type in ("elif_clause", "else_clause"):
                yield from self.branch(branch, touched)
                branch = [child]
            elif child.type in _STATEMENTS:
                if then:
                    branch.append(child)
                else:
                    self.last = False
                    yield child
        yield from self.branch(branch, touched)
        self.forget(touched)

    def _case(self, node: Node) -> Handler:
        touched: set[str] = set()
        for child in node.named_children:
            if child.type == "case_item":
                yield from self.branch([part for part in child.named_children if part.type in _STATEMENTS], touched)
            else:
                self.expander.collect(child)
        if (found := self.substitutions()) is not None:
            yield from found
        self.forget(touched)

    def _while(self, node: Node) -> Handler:
        body = node.child_by_field_name("body")
        for child in node.named_children:
            if child.type in _STATEMENTS and child != body:
                self.last = False
                yield child
        if body is not None:
            yield from self._doubtful([body])

    def _for(self, node: Node) -> Handler:
        variable, body = node.child_by_field_name("variable"), node.child_by_field_name("body")
        values: list[str | None] = []
        for child in node.children_by_field_name("value"):
            texts = self.expander.fields(child, self.layout)
            pattern = child.type in ("word", "concatenation") and _PATTERN.search(text_of(child, self.layout))
            values += [None] if pattern else texts
        if not any(child.type == "in" for child in node.children):
            values = [None]
        if (found := self.substitutions()) is not None:
            yield from found
        if variable is None or body is None:
            return
        name = text_of(variable, self.layout)
        if self.iterations + len(values) > MOST_ITERATIONS:
            values = [None]
        self.iterations += len(values)
        breaks = bool(_BREAK.search(text_of(body, self.layout)))
        for number, value in enumerate(values):
            self.put(name, value)
            self.last = False
            if value is None or (breaks and number):
                yield from self._doubtful([body])
            else:
                yield body

    def _uncalled(self) -> Handler:
        for name, (body, layout) in list(self.functions.items()):
            if name not in self.called:
                self.set_arguments(None)
                self.layout = layout
                yield from self.branch([body], set())
