"""Data about base images and packages, and a typed way to ask it; imports nothing of the other rooms."""

from __future__ import annotations

from lint_multistage.facts.filling import fill
from lint_multistage.facts.images import Image, Runtime, normalise
from lint_multistage.facts.packages import Package
from lint_multistage.facts.store import Facts, load

__all__ = ["Facts", "Image", "Package", "Runtime", "fill", "load", "normalise"]
