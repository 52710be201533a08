"""The names that plugin authors import; everything else may change without notice."""

from __future__ import annotations

from lint_multistage.check import Check, Invalid, Valid
from lint_multistage.facts import Facts, Image, Package, Runtime
from lint_multistage.findings import Elsewhere, Finding, Fix, Related, Safety, Severity
from lint_multistage.hooks import MoreFacts, hookimpl
from lint_multistage.model.build import Build, Target
from lint_multistage.model.dockerfile import Dockerfile
from lint_multistage.model.images import ImageReference, parse_image
from lint_multistage.model.stages import Reference, Stage, StageGraph
from lint_multistage.results import Results
from lint_multistage.survey import Survey
from lint_multistage.syntax.instructions import Add, Arg, Copy, Env, Flag, From, Instruction, Mount, Onbuild, Run, Word
from lint_multistage.text import Edit, Position, Source, Span

__all__ = [
    "Add",
    "Arg",
    "Build",
    "Check",
    "Copy",
    "Dockerfile",
    "Edit",
    "Elsewhere",
    "Env",
    "Facts",
    "Finding",
    "Fix",
    "Flag",
    "From",
    "Image",
    "ImageReference",
    "Instruction",
    "Invalid",
    "MoreFacts",
    "Mount",
    "Onbuild",
    "Package",
    "Position",
    "Reference",
    "Related",
    "Results",
    "Run",
    "Runtime",
    "Safety",
    "Severity",
    "Source",
    "Span",
    "Stage",
    "StageGraph",
    "Survey",
    "Target",
    "Valid",
    "Word",
    "hookimpl",
    "parse_image",
]
