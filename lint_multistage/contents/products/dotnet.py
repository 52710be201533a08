"""Products of .NET's build commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_multistage.contents.products.call import DYNAMIC, GLIBC, MUSL, STATIC, UNKNOWN, Call, Product, own_folder
from lint_multistage.late import late_regex

_PROPERTY = late_regex(r"[-/]{1,2}p(?:roperty)?:([\w.]+)=(.*)", re.IGNORECASE | re.DOTALL)
_TARGET = late_regex(r"[-/]{1,2}t(?:arget)?:(.*)", re.IGNORECASE | re.DOTALL)


def dotnet(call: Call) -> Iterator[Product]:
    """`dotnet publish`, `dotnet build`, `dotnet pack`, `dotnet msbuild`."""
    at = call.subcommand(("--roll-forward", "--fx-version", "--additionalprobingpath"))
    sub = call.text(at)
    if sub not in ("publish", "build", "pack", "msbuild") or call.has("--help", "-h", "-?", "--version", "-version"):
        return
    given = _properties(call)
    targets = _targets(call)
    if sub == "msbuild":
        yield from _msbuild(call, "dotnet msbuild", targets, at)
        return
    if any(target not in ("build", "rebuild", "publish") for target in targets):
        # Another target makes something else, such as a container image.
        return
    outs = call.values("-o", "--output")
    if outs:
        path = own_folder(call.place(outs[-1]))
    else:
        # Properties name folders relative to each project's own.
        name = {"publish": "publishdir", "pack": "packageoutputpath"}.get(sub, "outputpath")
        out = given.get(name) or given.get("outdir") or ""
        path = own_folder(call.place(out)) if out.startswith("/") else None
    libc = _libc(call, given)
    link = UNKNOWN if libc is None else _link(call, given)
    yield call.product("dotnet", f"dotnet {sub}", path=path, link=link, sure=sub != "pack", last=at, libc=libc or "")


def _properties(call: Call) -> dict[str, str]:
    """The properties given, by lower-case name; "" where the value is not known."""
    found: dict[str, str] = {}
    for at, head in enumerate(call.heads):
        if match := _PROPERTY.fullmatch(head):
            found[match[1].lower()] = match[2] if call.args[at].text is not None else ""
    return found


def _targets(call: Call) -> set[str]:
    texts = [match[1] for head in call.heads if (match := _TARGET.fullmatch(head))]
    return {name.lower() for text in texts for name in re.split(r"[;,]", text) if name}


def _link(call: Call, properties: dict[str, str]) -> str:
    """Dynamic for what carries a native program; a library for the runtime's `dotnet` is neither."""
    if properties.get("staticexecutable", "").lower() == "true":
        return STATIC
    contained = call.values("--self-contained", "--sc")
    texts = {(text or "").lower() for text in contained}
    if "false" in texts or call.has("--no-self-contained"):
        return UNKNOWN
    given = call.has("--self-contained", "--sc") and "false" not in texts
    switched = ("publishaot", "selfcontained", "publishsinglefile")
    return DYNAMIC if given or any(properties.get(name, "").lower() == "true" for name in switched) else UNKNOWN


def _libc(call: Call, properties: dict[str, str]) -> str | None:
    """The C library of the runtime identifier, "" where none is named, None where it is not known."""
    names = ("-r", "--runtime", "-a", "--arch", "--os")
    if not call.has(*names) and "runtimeidentifier" not in properties:
        return ""
    name = call.value("-r", "--runtime") or properties.get("runtimeidentifier") or call.value("--os") or ""
    if "musl" in name:
        return MUSL
    return GLIBC if re.match(r"linux(?:-(?:x64|x86|arm|arm64|riscv64|s390x|ppc64le|loongarch64))?$", name) else None


def msbuild(call: Call) -> Iterator[Product]:
    """`msbuild`, `xbuild`."""
    if not call.has("-version", "/version", "-help", "/?"):
        yield from _msbuild(call, call.name, _targets(call), -1)


def _msbuild(call: Call, label: str, targets: set[str], at: int) -> Iterator[Product]:
    if not targets or targets & {"build", "rebuild", "publish", "package"}:
        out = _properties(call).get("publishdir" if "publish" in targets else "outdir", "")
        path = own_folder(call.place(out)) if out.startswith("/") else None
        yield call.product("dotnet", label, path=path, last=at)


def mono(call: Call) -> Iterator[Product]:
    """`mcs -out:app.exe`, `csc`, `fsharpc`."""
    if call.positions(("-o", "-r", "-pkg")) and not call.has("--version", "-help"):
        out = call.value("-out", "/out", "-o", "--out")
        yield call.product("dotnet", call.name, path=call.place(out))


READERS = {
    "dotnet": dotnet,
    "msbuild": msbuild,
    "xbuild": msbuild,
    "mcs": mono,
    "csc": mono,
    "fsharpc": mono,
}
