"""Programs that run a build tool: `ccache gcc`, `npx vite`, `poetry run`, `rustup run stable cargo` …"""

from __future__ import annotations

import re

from msgspec import Struct
from msgspec.structs import replace

from lint_multistage.contents.products.call import Call
from lint_multistage.contents.products.node import FOLDER_OPTIONS, MONOREPO_TOOLS, VALUED
from lint_multistage.contents.products.web import WEB_TOOLS
from lint_multistage.late import late_regex

_MOST = 6
_ASSIGNMENT = late_regex(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


class Wrapper(Struct, frozen=True):
    """`words` come first, then options (those of `valued` take the next word), `skip` operands, and the tool."""

    words: tuple[str, ...] = ()
    valued: tuple[str, ...] = ()
    skip: int = 0


_PLAIN = Wrapper()
WRAPPERS: dict[str, tuple[Wrapper, ...]] = {
    "ccache": (_PLAIN,),
    "sccache": (_PLAIN,),
    "distcc": (_PLAIN,),
    "scan-build": (Wrapper(valued=("-o", "--use-cc", "--use-c++")),),
    "bear": (Wrapper(valued=("--output", "-o")),),
    "emmake": (_PLAIN,),
    "emcmake": (_PLAIN,),
    "retry": (Wrapper(valued=("-t", "-d", "-n", "--times", "--delay")),),
    "unbuffer": (_PLAIN,),
    "cross-env": (_PLAIN,),
    "cross-env-shell": (_PLAIN,),
    "dotenv": (Wrapper(valued=("-e", "-c", "-v")),),
    "rustup": (Wrapper(("run",), skip=1),),
    "opam": (Wrapper(("exec",), ("--switch", "--root")), Wrapper(("config", "exec"))),
    "mise": (Wrapper(("exec",)), Wrapper(("x",))),
    "asdf": (Wrapper(("exec",)),),
    "stack": (Wrapper(("exec",)),),
    "cabal": (Wrapper(("exec",)), Wrapper(("v2-exec",))),
    "poetry": (Wrapper(("run",), ("-C", "--directory", "-P", "--project")),),
    "pipenv": (Wrapper(("run",)),),
    "pdm": (Wrapper(("run",), ("-p", "--project")),),
    "uv": (
        Wrapper(("run",), ("--with", "--group", "--extra", "--python", "-p", "--directory", "--project", "--package")),
    ),
    "rye": (Wrapper(("run",)),),
    "hatch": (Wrapper(("run",)),),
    "pixi": (Wrapper(("run",), ("-e", "--environment", "--manifest-path")),),
    "conda": (Wrapper(("run",), ("-n", "--name", "-p", "--prefix", "--cwd")),),
    "mamba": (Wrapper(("run",), ("-n", "--name", "-p", "--prefix", "--cwd")),),
    "micromamba": (Wrapper(("run",), ("-n", "--name", "-p", "--prefix", "--cwd")),),
    "bundle": (Wrapper(("exec",)),),
    "npx": (Wrapper(valued=("-p", "--package", "--prefix", "-w", "--workspace")),),
    "pnpx": (_PLAIN,),
    "bunx": (_PLAIN,),
    "corepack": (_PLAIN,),
    "volta": (Wrapper(("run",), ("--node", "--yarn", "--npm")),),
    "fvm": (_PLAIN,),
    "npm": (Wrapper(("exec",), ("-p", "--package", "--prefix", "-w", "--workspace")), Wrapper(("x",))),
    "yarn": (Wrapper(("exec",)), Wrapper(("dlx",), ("-p", "--package"))),
    "pnpm": (Wrapper(("exec",)), Wrapper(("dlx",), ("--package",))),
    "bun": (Wrapper(("x",)),),
    "sh": (_PLAIN,),
    "bash": (_PLAIN,),
}
# They take a package's version after the tool's name.
_FETCHERS = frozenset(("npx", "pnpx", "bunx", "npm", "pnpm", "yarn", "bun", "corepack"))
_SCRIPTS = frozenset(("gradlew", "mvnw", "waf", "sbt", "mill", "grailsw"))


def unwrapped(call: Call) -> Call:
    """The call of the tool that `call` runs in the end, `call` itself where it is no wrapper."""
    for _ in range(_MOST):
        inner = _inner(call)
        if inner is None:
            return call
        call = inner
    return call


def _inner(call: Call) -> Call | None:
    name = call.name
    if name == "mold":
        return call.rest(1) if call.heads[:1] in (("-run",), ("--run",)) else None
    if name in FOLDER_OPTIONS and (bin_call := _node_bin(call)) is not None:
        return bin_call
    for wrapper in WRAPPERS.get(name, ()):
        at = _after(call, wrapper)
        if at < 0:
            continue
        if name in ("sh", "bash"):
            # Only scripts that are known to be build tools; anything else is the shell's own business.
            inner = call.rest(at)
            return inner if at == 0 and inner is not None and inner.name in _SCRIPTS else None
        env: dict[str, str | None] = {}
        while at < len(call.args) and (match := _ASSIGNMENT.match(call.heads[at])):
            env[match[1]] = match[2] if call.args[at].text is not None else None
            at += 1
        inner = call.rest(at)
        if inner is None or not inner.program.text:
            return None
        if name in FOLDER_OPTIONS and (folders := call.values(*FOLDER_OPTIONS[name])):
            inner = inner.moved(folders[-1])
        if name in _FETCHERS:
            inner = _without_version(inner)
        return inner.with_env(env) if env else inner
    return None


def _after(call: Call, wrapper: Wrapper) -> int:
    """Where the wrapped tool stands, -1 where the call is not this wrapper's."""
    at = 0
    words = list(wrapper.words)
    skip = wrapper.skip
    while at < len(call.args):
        head = call.heads[at]
        if head == "--" and not words:
            return at + 1 if not skip and at + 1 < len(call.args) else -1
        if head.startswith("-") and len(head) > 1:
            at += 2 if head in wrapper.valued else 1
            continue
        if words:
            if call.text(at) != words.pop(0):
                return -1
        elif skip:
            skip -= 1
        else:
            return at
        at += 1
    return -1


def _node_bin(call: Call) -> Call | None:
    """`yarn tsc`, `pnpm run vite build`: a package's program called through the package manager."""
    valued = VALUED[call.name]
    at = call.subcommand(valued)
    if call.text(at) == "run":
        at = call.subcommand(valued, at + 1)
    elif call.name == "npm":
        return None
    tool = call.text(at)
    if tool not in WEB_TOOLS and tool not in MONOREPO_TOOLS:
        return None
    inner = call.rest(at)
    if inner is not None and (folders := call.values(*FOLDER_OPTIONS[call.name])):
        return inner.moved(folders[-1])
    return inner


def _without_version(call: Call) -> Call:
    name, version, _ = (call.program.text or "").rpartition("@")
    if not version or not name:
        return call
    word = type(call.program)(name.rpartition("/")[2], call.program.raw, call.program.span)
    return replace(call, program=word)
