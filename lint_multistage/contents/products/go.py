"""Products of Go's build commands."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from lint_multistage.contents.products.call import DYNAMIC, STATIC, UNKNOWN, Call, Product, libc_of_target
from lint_multistage.late import late_regex

_FLAGS_BEFORE = frozenset(("-C", "-debugdir", "-seed"))
_VALUED = frozenset(
    (
        "-o -p -C -asmflags -buildmode -compiler -gccgoflags -gcflags -installsuffix -ldflags -mod -modfile -overlay "
        "-pgo -pkgdir -tags -toolexec -exec -covermode -coverpkg -target -opt -gc -scheduler -panic -size "
        "-stack-size"
    ).split()
)
_VERSION = late_regex(r"v\d+")
_STATIC_FLAG = late_regex(r"(?<![\w-])--?static(?:-pie)?(?![\w-])")
_FLAGS_OF_ITS_OWN = late_regex(r"[$`(][^$`(]{0,200}(?<!-ld)(?<!-extld)flags", re.IGNORECASE)
_WORDS_FOR_MANY = frozenset(("all", "std", "cmd"))


def go(call: Call) -> Iterator[Product]:
    """`go build`, `go install`, and the same of xx-go, garble and tinygo."""
    sub = call.subcommand(_FLAGS_BEFORE)
    command = call.text(sub)
    if command not in ("build", "install"):
        return
    heads = tuple(_one_dash(head) for head in call.heads)
    call = replace(call, heads=heads)
    if call.has("-n", "-h", "-help"):
        return
    folder = call.values("-C")
    if folder:
        call = call.moved(folder[-1])
    packages = [(call.heads[at], call.args[at].text) for at in call.positions(_VALUED, sub + 1)]
    libc = _libc(call)
    link = _link(call)
    if link == DYNAMIC and libc is None:
        link = UNKNOWN
    label = f"{call.name} {command}"
    making = _install if command == "install" else _build
    for product in making(call, packages, label, link, sub):
        yield replace(product, libc=libc) if libc else product


def _one_dash(head: str) -> str:
    return head[1:] if head.startswith("--") and len(head) > 2 else head


def _build(call: Call, packages: list[tuple[str, str | None]], label: str, link: str, sub: int) -> Iterator[Product]:
    texts = [text for _, text in packages]
    many = _are_many(texts)
    outs = call.values("-o")
    name = _with_ending(_executable(texts) or _of_module(call, texts), call.env)
    if outs:
        out = outs[-1]
        if out is not None and out.startswith("/dev/"):
            return
        path = call.place(out)
        if path is not None and out is not None and _is_folder(out, path, call, many):
            # Several programs, or one whose name go.mod tells: the folder holds them.
            if not many and name is not None:
                path = call.inside(path, name)
            elif not out.endswith("/") and not many:
                path = None
        yield call.product("go", label, path=path, link=link, last=sub)
        return
    if len(packages) > 1 and not all(text is None or text.endswith(".go") for text in texts):
        # Several packages are only checked; nothing is written.
        return
    if texts and texts[0] in _WORDS_FOR_MANY:
        return
    local = not texts or texts[0] is None or _is_local(texts[0])
    path = call.inside(call.place("."), name) if local else None
    yield call.product("go", label, path=path, link=link, sure=local and not many and None not in texts, last=sub)


def _is_folder(out: str, path: str, call: Call, many: bool) -> bool:
    """Whether `-o` certainly names a folder: what runs in it, or several programs, or how it is written says so."""
    here = call.place(".") or ""
    return out.endswith("/") or many or path == "/" or here == path or here.startswith(f"{path}/")


def _are_many(texts: list[str | None]) -> bool:
    if any(text is not None and ("..." in text or text in _WORDS_FOR_MANY) for text in texts):
        return True
    return len(texts) > 1 and not all(text is not None and text.endswith(".go") for text in texts)


def _is_local(text: str) -> bool:
    return text.startswith((".", "/")) or text.endswith(".go")


def _executable(texts: list[str | None]) -> str | None:
    """The program's name, from the package or the first file; None where the module's name decides."""
    text = texts[0] if texts else None
    if text is None or "..." in text or "*" in text:
        return None
    if text.endswith(".go"):
        return text.rpartition("/")[2][:-3] or None
    parts = [part for part in text.partition("@")[0].split("/") if part]
    if len(parts) > 1 and _VERSION.fullmatch(parts[-1]):
        parts.pop()
    if not parts or parts[-1] in (".", ".."):
        return None
    return parts[-1]


def _of_module(call: Call, texts: list[str | None]) -> str | None:
    """The program's name where the package is that of the folder itself: by go.mod, or the folder where that stands
    above; None where it is not at hand.
    """
    if texts not in ([], ["."], ["./"]):
        return None
    if (text := call.file("go.mod")) is not None:
        from lint_multistage.contents.products.manifests import go_program

        return go_program(text)
    here = call.place(".") or "/"
    above = posixpath.dirname(here)
    while above != "/":
        if call.read(f"{above}/go.mod") is not None:
            return posixpath.basename(here)
        above = posixpath.dirname(above)
    return None


def _with_ending(name: str | None, env: Mapping[str, str | None]) -> str | None:
    return f"{name}.exe" if name and env.get("GOOS") == "windows" else name


def _install(call: Call, packages: list[tuple[str, str | None]], label: str, link: str, sub: int) -> Iterator[Product]:
    folder = _bin_folder(call)
    for head, text in packages or [(".", ".")]:
        if text in _WORDS_FOR_MANY:
            continue
        many = "..." in head
        name = _with_ending(_executable([text]), call.env)
        # What comes from elsewhere may be a tool that only the build needs.
        local = text is not None and _is_local(text) and "@" not in text
        path = folder if many else call.inside(folder, name)
        yield call.product("go", label, path=path, link=link, sure=local, last=sub)


def _bin_folder(call: Call) -> str | None:
    """Where `go install` puts programs for this machine; programs for another lie in a folder below it."""
    env = call.env
    if env.get("GOARCH", "") != "" or env.get("GOOS", "linux") not in ("linux", "") or call.name == "xx-go":
        return None
    if env.get("GOBIN", "") != "":
        return call.place(env.get("GOBIN"))
    root = env.get("GOPATH")
    return call.inside(call.place(root.partition(":")[0]), "bin") if root and root.startswith("/") else None


def _libc(call: Call) -> str | None:
    """The C library that the C compiler links with, "" where nothing says so, None where it is not known."""
    env = call.env
    if env.get("GOOS", "linux") not in ("linux", ""):
        return None
    compiler = env.get("CC", "")
    if compiler is None or call.name == "xx-go":
        return None
    words = compiler.split()
    program = words[0].rpartition("/")[2] if words else ""
    if not program or re.fullmatch(r"(?:gcc|cc|clang)(?:-\d[\d.]*)?", program):
        return "" if "target" not in compiler else libc_of_target(compiler)
    return libc_of_target(compiler)


def _link(call: Call) -> str:
    if call.name == "tinygo" or call.value("-compiler") == "gccgo" or call.has("-linkshared"):
        return UNKNOWN
    mode = call.value("-buildmode") or ("unknown" if call.has("-buildmode") else "")
    if mode in ("c-shared", "plugin", "shared"):
        return DYNAMIC
    hidden = call.opaque(_VALUED)
    for name in ("GOFLAGS", "CGO_LDFLAGS"):
        flags = call.env.get(name, "")
        if flags is None:
            hidden = True
        elif _STATIC_FLAG.search(flags):
            return STATIC
    for at, head in enumerate(call.heads):
        if head.startswith("-ldflags"):
            word = call.args[at + 1] if head == "-ldflags" and at + 1 < len(call.args) else call.args[at]
            asked = (word.text if word.text is not None else word.raw).partition("extldflags")[2]
            if _STATIC_FLAG.search(asked):
                return STATIC
            if word.text is None and _FLAGS_OF_ITS_OWN.search(word.raw):
                hidden = True
    if mode not in ("", "exe", "default"):
        return UNKNOWN
    # What needs these no more may need no C library at all.
    tags = re.split(r"[ ,]+", " ".join(text or "" for text in call.values("-tags")))
    hidden = hidden or "netgo" in tags or any("static" in tag for tag in tags)
    cgo = call.env.get("CGO_ENABLED")
    if cgo == "0":
        return STATIC
    # Flags that are not known may ask the linker for a static program.
    return DYNAMIC if cgo == "1" and not hidden else UNKNOWN


READERS = {
    "go": go,
}
