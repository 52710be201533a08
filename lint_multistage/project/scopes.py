"""What the expressions in a workflow stand for at one of its places, and the text that they leave."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from msgspec import Struct

from lint_multistage.late import late_regex
from lint_multistage.project.expressions import UNKNOWN, Values, evaluate
from lint_multistage.project.layouts import replaced, unknown
from lint_multistage.project.shells import ROOT
from lint_multistage.project.yaml_nodes import Node
from lint_multistage.syntax.shell_layout import Layout

MOST_PICKS = 16
_EXPRESSION = late_regex(r"\$\{\{((?:(?!\}\}|\$\{\{).){0,1000})\}\}", re.DOTALL)
_MOST_VARIABLES = 300
_NO_VALUES: Mapping[str, Values] = {}


class Scope(Struct, frozen=True):
    """The values of names such as `env.X`; `complete` are the prefixes below which no other names have a value."""

    values: Mapping[str, Values] = _NO_VALUES
    complete: tuple[str, ...] = ()

    def lookup(self, name: str) -> Values:
        """The values that a name may have."""
        if name == "github.workspace":
            return (ROOT,)
        name = name.removeprefix("github.event.") if name.startswith("github.event.inputs.") else name
        found = self.values.get(name)
        if found is not None:
            return found
        return ("",) if name.startswith(self.complete) and self.complete else UNKNOWN

    def widened(self, values: Mapping[str, Values], complete: tuple[str, ...] = ()) -> Scope:
        """The scope with further values, which count first."""
        return Scope({**self.values, **values}, self.complete + complete)

    def values_of(self, text: str) -> Values:
        """The values of a text: those of its expression where it is nothing else."""
        whole = _EXPRESSION.fullmatch(text.strip())
        if whole is not None:
            return evaluate(whole[1], self.lookup)
        picks = self.picks((text,))
        return tuple(dict.fromkeys(self._known(text, pick) for pick in range(picks)))

    def picks(self, texts: Iterable[str]) -> int:
        """How many ways there are to choose among the values of the expressions in `texts`, one for each at least."""
        most = 1
        for text in texts:
            for match in _EXPRESSION.finditer(text) if "${{" in text else ():
                most = max(most, len(evaluate(match[1], self.lookup)))
        return min(most, MOST_PICKS)

    def text(self, text: str, pick: int = 0) -> str:
        """`text` with the values of its expressions; those not known as `unknown` writes them."""
        return _EXPRESSION.sub(lambda match: self._value(match, pick), text) if "${{" in text else text

    def layout(self, layout: Layout, pick: int = 0) -> Layout:
        """The same for the layout of a script."""
        return replaced(layout, _EXPRESSION, lambda match: self._value(match, pick))

    def environment(self, node: Node | None) -> Scope:
        """The scope within which the `env` of `node` holds."""
        env = node.get("env") if node is not None else None
        if env is None or not env.is_mapping:
            return self
        pairs = list(env.items())[:_MOST_VARIABLES]
        return self.widened({f"env.{name}": self.values_of(value.text) for name, value in pairs})

    def variables(self, pick: int = 0) -> dict[str, str]:
        """The variables of a shell that are known."""
        found = {"GITHUB_WORKSPACE": ROOT}
        for name, values in self.values.items():
            value = values[pick % len(values)] if values else None
            if name.startswith("env.") and value is not None:
                found[name[4:]] = value
        return found

    def _value(self, match: re.Match[str], pick: int) -> str:
        values = evaluate(match[1], self.lookup)
        value = values[pick % len(values)] if values else None
        return unknown(match[1].strip()) if value is None else value

    def _known(self, text: str, pick: int) -> str | None:
        for match in _EXPRESSION.finditer(text):
            values = evaluate(match[1], self.lookup)
            if not values or values[pick % len(values)] is None:
                return None
        return self.text(text, pick)
