"""Assignments and simple commands: what they change in the shell, and the scripts that they run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lint_multistage.syntax.shell_commands import Command, Output, ShellWord
from lint_multistage.syntax.shell_layout import Layout, text_of
from lint_multistage.syntax.shell_parse import Parsing, TooMuchError
from lint_multistage.syntax.shell_state import Handler, State, Value
from lint_multistage.syntax.shell_words import Expander
from lint_multistage.syntax.shell_wrappers import Unwrapped, name_of, reads_script, unwrap
from lint_multistage.text import Span

if TYPE_CHECKING:
    from tree_sitter import Node

MOST_COMMANDS = 20_000
DEEPEST_CALL = 10
LONGEST_ARRAY = 1_000

_WRITES = frozenset((">", ">>", ">|", "&>", "&>>", ">&", "<>"))
_SETS_VARIABLES = frozenset(("read", "getopts", "mapfile", "readarray"))


class Execution(State):
    """A shell that takes assignments and simple commands."""

    def __init__(self, values: Mapping[str, str], directory: str | None) -> None:
        super().__init__(values, directory)
        self.expander = Expander(self.values)
        self.parsing = Parsing()
        self.functions: dict[str, tuple[Node, Layout]] = {}
        self.called: set[str] = set()
        self.calling: list[str] = []
        self.commands: list[Command] = []
        self.outputs: list[Output] = []
        self.layout = Layout("", ())
        self.stdin: tuple[Node, Layout] | None = None
        self.reason = ""

    def text(self, layout: Layout) -> Handler:
        """Walk a script's text; where it was parsed from is put back afterwards."""
        root, layout, complete = self.parsing.read(layout)
        if not complete:
            self.reason = "the shell cannot be read as written"
        before = self.layout
        self.layout = layout
        yield root
        self.layout = before

    def substitutions(self) -> Handler | None:
        """Walk the command substitutions met since the last call."""
        if not self.expander.substitutions:
            return None
        found = self.expander.substitutions
        self.expander.substitutions = []
        return (node for each in found for node in self.isolated(each.named_children))

    # --- assignments

    def assign(self, node: Node) -> tuple[str, Value]:
        """Take one `name=value`."""
        name_node, value_node = node.child_by_field_name("name"), node.child_by_field_name("value")
        name = text_of(name_node, self.layout) if name_node else ""
        value: Value = ""
        if name_node is None or name_node.type != "variable_name":
            if value_node is not None:
                self.expander.collect(value_node)
            # `array[index]=value` changes the array in a way that is not followed.
            name = name.partition("[")[0]
            value = None
        elif value_node is not None and value_node.type == "array":
            texts = [text for child in value_node.named_children for text in self.expander.fields(child, self.layout)]
            value = tuple(texts) if len(texts) <= LONGEST_ARRAY else None
        elif value_node is not None:
            value = self.expander.value(value_node, self.layout)
        if any(child.type == "+=" for child in node.children):
            value = _appended(self.values.get(name), value)
        self.put(name, value)
        if name in self.environment:
            self.export(name)
        return name, value

    def declare(self, node: Node) -> Handler | None:
        """Take `export`, `local`, `declare` …"""
        words = [
            text_of(child, self.layout)
            for child in node.children
            if child.type in ("word", "export", "declare", "typeset")
        ]
        exports = "export" in words or any(word.startswith("-") and "x" in word for word in words)
        for child in node.named_children:
            if child.type == "variable_assignment":
                name = self.assign(child)[0]
            elif child.type == "variable_name":
                name = text_of(child, self.layout)
            else:
                self.expander.collect(child)
                continue
            if exports:
                self.export(name)
        return self.substitutions()

    # --- commands

    def simple(self, node: Node) -> Handler | None:
        """Run a command node."""
        layout, expander = self.layout, self.expander
        words: list[ShellWord] = []
        assignments: list[Node] = []
        for child in node.named_children:
            kind = child.type
            if kind == "word":
                words += expander.words(child, layout)
            elif kind == "command_name":
                for part in child.named_children:
                    if not part.is_missing:
                        words += expander.words(part, layout)
            elif kind == "variable_assignment":
                assignments.append(child)
            elif kind == "file_redirect":
                self.redirect(child)
            elif kind in ("herestring_redirect", "heredoc_redirect"):
                expander.collect(child)
            elif kind not in ("ERROR", "comment"):
                words += expander.words(child, layout)
        # The parser takes the braces of `! { …; }` for words.
        if words and words[0].raw in ("{", "}"):
            words.pop(0)
        env: list[tuple[str, str | None]] = []
        if assignments:
            mark = len(self.journal)
            for assignment in assignments:
                name, value = self.assign(assignment)
                env.append((name, value if isinstance(value, str) else None))
            if words:
                self.undo(mark)
        stdin = None
        if self.stdin is not None and self.stdin[0].end_byte == node.end_byte:
            stdin = self.stdin[1]
            self.stdin = None
        found = self.substitutions()
        span = layout.place(node.start_byte, node.end_byte)
        if found is None:
            return self.run(tuple(words), tuple(env), span, stdin)
        return self._after(found, tuple(words), tuple(env), span, stdin)

    def redirect(self, node: Node) -> None:
        """Note the file that a redirection writes."""
        marks = [child.type for child in node.children]
        writes = any(mark in _WRITES for mark in marks)
        for child in node.named_children:
            if child.type == "file_descriptor":
                continue
            for word in self.expander.words(child, self.layout):
                # `2>&1` names no file.
                if ">&" in marks and (word.text or "").isdigit():
                    continue
                if writes and len(self.outputs) < MOST_COMMANDS and not (word.text or "").startswith("/dev/"):
                    self.outputs.append(Output(word, self.directory))

    def _after(
        self,
        found: Handler,
        words: tuple[ShellWord, ...],
        env: tuple[tuple[str, str | None], ...],
        span: Span,
        stdin: Layout | None,
    ) -> Handler:
        """A command that runs when its command substitutions have run."""
        yield from found
        handler = self.run(words, env, span, stdin)
        if handler is not None:
            yield from handler

    def run(
        self, words: tuple[ShellWord, ...], env: tuple[tuple[str, str | None], ...], span: Span, stdin: Layout | None
    ) -> Handler | None:
        """Run the command `words`: note it, or walk the function or script that it runs."""
        if not words:
            return None
        function = words[0].text
        if function is not None and function in self.functions:
            return self._call(function, [word.text for word in words[1:]])
        found = unwrap(words)
        script = found.script
        if script is not None and script.text is not None:
            if found.same_shell:
                return self.text(self._layout_of(script, script.text))
            return self._shell(self._layout_of(script, script.text), found, env)
        if stdin is not None and reads_script(found.words):
            return self._shell(stdin, found, env)
        if len(self.commands) >= MOST_COMMANDS:
            raise TooMuchError(f"the script runs more than {MOST_COMMANDS} commands")
        self.commands.append(
            Command(
                words=found.words,
                env=(*self.exported(), *env, *found.env) if env or found.env else self.exported(),
                span=span,
                certain=self.certain and not self.left,
                directory=self.directory,
            )
        )
        self._builtin(name_of(found.words), found.words)
        return None

    def _call(self, name: str, texts: list[str | None]) -> Handler | None:
        self.called.add(name)
        if name in self.calling or len(self.calling) >= DEEPEST_CALL:
            return None
        return self._called(name, texts)

    def _called(self, name: str, texts: list[str | None]) -> Handler:
        body, layout = self.functions[name]
        arguments, before, last = self.arguments(), self.layout, self.last
        self.set_arguments(texts)
        self.layout = layout
        self.calling.append(name)
        yield body
        self.calling.pop()
        self.layout, self.last = before, last
        self.set_arguments(arguments)

    def _shell(self, layout: Layout, found: Unwrapped, env: tuple[tuple[str, str | None], ...]) -> Handler:
        """Another shell that runs `layout`: `found.script`, or the input of a shell."""
        mark, left, functions = len(self.journal), self.left, self.functions
        given = dict((*env, *found.env))
        if found.script is not None:
            self.new_shell()
            at = next(at for at, word in enumerate(found.words) if word is found.script)
            self.set_arguments([word.text for word in found.words[at + 2 :]])
        for name, value in given.items():
            self.put(name, value)
        exported = self.export_also(given)
        self.functions = dict(functions)
        yield from self.text(layout)
        self.functions = functions
        self.restore_exported(exported)
        self.undo(mark)
        self.left = left

    def _layout_of(self, word: ShellWord, text: str) -> Layout:
        """The layout of a word that is a script."""
        start = self.layout.find(word.span.start)
        if start is None or self.layout.text[start : start + len(word.raw)] != word.raw:
            return Layout(text, (), word.span)
        return self.layout.part(start, start + len(word.raw), text)

    def _builtin(self, name: str, words: tuple[ShellWord, ...]) -> None:
        """What a builtin changes in this shell."""
        texts = [word.text for word in words[1:]]
        if name in ("cd", "pushd", "popd"):
            self.change_directory(name, words)
        elif name == "exit":
            # A RUN that fails makes no image, so only success leaves anything undone.
            self.left = self.left or not texts or texts[0] in ("0", None)
        elif name == "set" and "--" in texts:
            self.set_arguments(texts[texts.index("--") + 1 :])
        elif name == "set" and texts and texts[0] is not None and texts[0][:1] not in ("-", "+"):
            self.set_arguments(texts)
        elif name == "shift":
            self._shift(texts)
        elif name in _SETS_VARIABLES:
            self.forget({text for text in texts if text and text.isidentifier()} | {"REPLY"})
        elif name == "printf" and texts[:1] == ["-v"] and len(texts) > 1 and texts[1]:
            self.put(texts[1], None)

    def _shift(self, texts: list[str | None]) -> None:
        arguments = self.arguments()
        count = texts[0] if texts else "1"
        known = arguments is not None and count is not None and count.isascii() and count.isdigit() and len(count) < 5
        self.set_arguments(arguments[int(count) :] if known and arguments is not None and count else None)


def _appended(value: Value, more: Value) -> Value:
    """`value+=more`."""
    if isinstance(value, str) and isinstance(more, str):
        return value + more
    if isinstance(value, tuple) and isinstance(more, tuple) and len(value) + len(more) <= LONGEST_ARRAY:
        return value + more
    return None
