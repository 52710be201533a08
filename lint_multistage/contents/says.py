"""What the commands and variables of a stage speak of."""

from __future__ import annotations

import re

from lint_multistage.contents.placed import Known
from lint_multistage.model.stages import Stage
from lint_multistage.syntax.instructions import Env, Run


def says(known: Known, stage: Stage, pattern: re.Pattern[str]) -> bool:
    """Whether a RUN or an ENV of a stage, or of those that it is FROM, speaks of `pattern`."""
    source = known.dockerfile.source
    return any(
        pattern.search(source[each.span])
        for above in known.dockerfile.graph.lineage(stage)
        for each in above.instructions
        if isinstance(each, Run | Env)
    )
