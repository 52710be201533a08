"""Products of C, C++ and Fortran compilers and linkers."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.contents.products.call import DYNAMIC, STATIC, UNKNOWN, Call, Product, libc_of_target
from lint_multistage.late import late_regex

_VERSION = late_regex(r"-\d[\d.]*$")
_VALUED = frozenset(
    (
        "-o -x -I -L -D -U -l -T -B -u -z -e -include -imacros -iprefix -isystem -iquote -idirafter -isysroot "
        "-iwithprefix -Xlinker -Xassembler -Xpreprocessor -Xclang -Xcompiler -Xarch_host -Xarch_device -mllvm -MF "
        "-MT -MQ -target -arch -framework -wrapper -aux-info --param --sysroot -gencode -ccbin -J"
    ).split()
)
_EMSCRIPTEN = ("emcc", "em++")
_EMSCRIPTEN_VALUED = _VALUED | frozenset(
    "-s --js-library --preload-file --embed-file --pre-js --post-js --shell-file".split()
)
# It names libraries, and hides nothing.
_PKG_CONFIG = late_regex(r"""["']?(?:\$\(|`)\s*(?:[\w.]+-)*pkg-?conf(?:ig)?\s+([^)`$"']*)(?:\)|`)["']?""")
_NO_LINKING = frozenset(
    (
        "-c -S -E -M -MM -r -fsyntax-only -### --version -dumpversion -dumpfullversion -dumpmachine -dumpspecs -run "
        "--help -cc1 -print-search-dirs -emit-llvm --precompile -ptx --ptx -cubin --cubin -fatbin --fatbin -dc "
        "--compile"
    ).split()
)
_HEADERS = (".h", ".hh", ".hpp", ".hxx")
_OBJECTS = (".o", ".obj", ".bc", ".ll", ".s", ".i")
_ECOSYSTEMS = {"gfortran": "fortran", "ifort": "fortran", "ifx": "fortran", "mpif90": "fortran", "mpifort": "fortran"}


def compiler(call: Call) -> Iterator[Product]:
    """`gcc`, `clang` and all that are called like them."""
    tool = _VERSION.sub("", call.name).rpartition("-")[2]
    if not _NO_LINKING.isdisjoint(call.heads) or any(head.startswith("-print-") for head in call.heads):
        return
    inputs = [call.heads[at] for at in call.positions(_EMSCRIPTEN_VALUED if tool in _EMSCRIPTEN else _VALUED)]
    if not inputs or all(name.endswith(_HEADERS) for name in inputs):
        return
    out = call.values("-o", "--output", glued=True)
    if out and out[-1] and (out[-1].startswith("/dev/") or out[-1].endswith(_OBJECTS)):
        return
    # What stands in a response file or an unknown variable may name the output, or ask for an object only.
    asked = _asked_of_pkg_config(call)
    hidden = asked is None or any(name.startswith("@") for name in inputs)
    default = None if hidden or tool in _EMSCRIPTEN else "a.out"
    libc = _libc(call)
    yield call.product(
        _ECOSYSTEMS.get(tool, "d" if tool == "gdc" else "c"),
        call.name,
        path=call.place(out[-1] if out else default),
        link=UNKNOWN if tool in _EMSCRIPTEN or libc is None else _link(call, hidden),
        sure=bool(out) or not hidden,
        libc=libc or "",
        libraries=tuple(_libraries(call, tool, asked or ())),
    )


def _libraries(call: Call, tool: str, asked: tuple[str, ...]) -> Iterator[str]:
    """The libraries that are linked with: those asked for, and C++'s own."""
    yield from (text for text in call.values("-l", glued=True) if text)
    yield from asked
    if tool.endswith("++") and not call.has("-static-libstdc++", "-nostdlib++", "-nostdlib", "-stdlib"):
        yield "stdc++"


def _asked_of_pkg_config(call: Call) -> tuple[str, ...] | None:
    """The packages that `$(pkg-config --libs …)` stands for, None where other words are not known or it says static."""
    found: list[str] = []
    for at in call.positions(_VALUED):
        if call.heads[at]:
            continue
        match = _PKG_CONFIG.fullmatch(call.args[at].raw)
        if match is None or "--static" in match[1]:
            return None
        if "--libs" in match[1]:
            found += (word.removeprefix("lib") for word in match[1].split() if word[0].isalpha())
    return tuple(found)


def _libc(call: Call) -> str | None:
    """The C library that the compiler's name or its target says, "" where neither does, None where it is no known."""
    if call.has("-target", "--target", "--sysroot", "-specs", "--specs", "-isysroot"):
        targets = call.values("-target", "--target")
        return libc_of_target(targets[-1]) if targets and targets[-1] else None
    prefix = _VERSION.sub("", call.name).rpartition("-")[0]
    return libc_of_target(prefix) if prefix else ""


def _link(call: Call, hidden: bool) -> str:
    if call.has("-static", "--static", "-static-pie"):
        return STATIC
    if call.has("-nostdlib", "-nodefaultlibs", "-ffreestanding") and not call.has("-shared"):
        return UNKNOWN
    return UNKNOWN if hidden else DYNAMIC


def linker(call: Call) -> Iterator[Product]:
    """`ld` and its like."""
    out = call.values("-o", "--output", glued=True)
    stops = ("-r", "--relocatable", "-i", "--version", "-v", "-V", "--help")
    if call.has(*stops) or not call.positions(_VALUED):
        return
    if out and out[-1] and (out[-1].startswith("/dev/") or out[-1].endswith(_OBJECTS)):
        return
    if call.has("-static", "-Bstatic", "--static"):
        link = STATIC
    else:
        link = DYNAMIC if call.has("-shared", "-dynamic-linker", "--dynamic-linker", "-pie") else UNKNOWN
    path = call.place(out[-1] if out else None if call.opaque(_VALUED) else "a.out")
    yield call.product("c", call.name, path=path, link=link, sure=bool(out))


READERS = {
    "cc": compiler,
    "ld": linker,
}
