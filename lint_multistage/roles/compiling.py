"""Python packages that call a compiler when they run: an image that has both needs both."""

from __future__ import annotations

from collections.abc import Iterable

from lint_multistage.contents.stage import Contents
from lint_multistage.context import Context
from lint_multistage.late import late_regex

# They write C, C++ or CUDA, and have it compiled by what is on the PATH.
_PACKAGES = r"deepspeed|triton|flashinfer-python|vllm|sglang|pycuda|pytensor|theano(?:-pymc)?|pystan|cmdstanpy"
_INSTALLED = late_regex(rf"\b(?:pip[\d.]*|uv|conda|mamba|poetry)\s[^&;|\n]*?\s[\"']?({_PACKAGES})(?=[\s\"'\[=<>~!]|$)")
_REQUIRED = late_regex(rf"(?im)^[\s\"'-]*({_PACKAGES})(?=[\s\"'\[=<>~!;,:]|$)")
_LISTS = (".txt", ".in", ".toml", ".yml", ".yaml")


def compiles_when_it_runs(contents: Contents, scripts: Iterable[str], context: Context) -> str:
    """The first Python package that is installed, by a script or a list of requirements, and compiles; "" for none."""
    for script in scripts:
        if match := _INSTALLED.search(script.replace("\\\n", " ")):
            return match[1]
    for brought in contents.copied:
        for path in brought.paths or ():
            if path.endswith(_LISTS) and (match := _REQUIRED.search(context.text(path) or "")):
                return match[1].lower()
    return ""
