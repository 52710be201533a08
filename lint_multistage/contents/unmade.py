"""Paths that a build would make, were its configuration another."""

from __future__ import annotations

from lint_multistage.contents.paths import holds
from lint_multistage.contents.placed import Known
from lint_multistage.contents.products import Product
from lint_multistage.contents.says import says
from lint_multistage.late import late_regex
from lint_multistage.syntax.instructions import Add, Copy

_SETTING = late_regex(r"(?i)standalone|next\.config|package\.json")


def unmade_by(known: Known, stage: int, path: str) -> Product | None:
    """The build whose configuration, which is at hand, leaves out what `path` names or holds, if nothing else in the
    stage, or in those that it is FROM, may write it or change the configuration.
    """
    lineage = known.dockerfile.graph.lineage(known.dockerfile.stages[stage])
    products = [each for above in lineage for each in known.contents(above.index).products if each.unmade]
    if len(products) != 1 or not holds((products[0].unmade or ("",))[0], path):
        return None
    if says(known, known.dockerfile.stages[stage], _SETTING):
        return None
    for instruction in (each for above in lineage for each in above.instructions):
        text = known.dockerfile.source[instruction.span]
        brings = isinstance(instruction, Copy | Add) and ".next" in text
        if brings or (isinstance(instruction, Copy) and instruction.source and "node_modules" not in text):
            return None
    return products[0]
