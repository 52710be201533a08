"""Products of compilers that make programs for the machine, beside C, Go, Rust and Haskell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lint_multistage.contents.products.c import compiler
from lint_multistage.contents.products.call import DYNAMIC, STATIC, UNKNOWN, Call, Product, own_folder, stem

_SWIFT_VALUED = frozenset(
    (
        "-c --configuration --product --target --package-path --build-path --scratch-path -Xswiftc -Xcc -Xlinker "
        "-Xcxx -j --jobs --triple --swift-sdk --sdk --build-system --traits --sanitize --cache-path --arch"
    ).split()
)


def swift(call: Call) -> Iterator[Product]:
    """`swift build -c release`: .build/release/PRODUCT."""
    at = call.subcommand(_SWIFT_VALUED)
    if call.text(at) != "build" or call.has("--show-bin-path", "--build-tests", "--help", "-h", "--version"):
        return
    triples = call.values("--swift-sdk", "--triple")
    static = any(triple and "musl" in triple for triple in triples) or call.has(
        "-static-executable", "--static-executable"
    )
    configuration = call.value("-c", "--configuration") if call.has("-c", "--configuration") else "debug"
    root = call.place(call.value("--package-path")) if call.has("--package-path") else call.place(".")
    folders = call.values("--scratch-path", "--build-path")
    build = call.place(folders[-1]) if folders else call.inside(root, ".build")
    products = call.values("--product")
    path = call.inside(build, configuration, products[-1]) if products else None
    yield call.product(
        "swift",
        "swift build",
        path=path,
        link=STATIC if static else UNKNOWN if triples else DYNAMIC,
        sure=not call.has("--target"),
        last=at,
    )


def swiftc(call: Call) -> Iterator[Product]:
    """`swiftc main.swift -o out`."""
    stops = ("-c", "-emit-object", "-emit-module", "-emit-ir", "-typecheck", "-version", "--version", "-parse")
    sources = call.positions(
        ("-o", "-module-name", "-I", "-L", "-target", "-sdk", "-Xlinker", "-Xcc", "-swift-version")
    )
    if not sources or not set(call.heads).isdisjoint(stops):
        return
    outs = call.values("-o")
    out = outs[-1] if outs else None
    yield call.product(
        "swift", "swiftc", path=call.place(out), link=STATIC if call.has("-static-executable") else DYNAMIC
    )


def zig(call: Call) -> Iterator[Product]:
    """`zig build`, `zig build-exe`, `zig cc`."""
    sub = call.text(0)
    rest = call.rest(0)
    if rest is None or call.has("--help", "-h", "-l", "--list-steps", "--fetch"):
        return
    if sub in ("cc", "c++"):
        yield from _zig_c(call, rest)
        return
    targets = call.values("-target", "-Dtarget")
    link = STATIC if targets and targets[-1] and "musl" in targets[-1] and not call.has("-dynamic") else UNKNOWN
    if sub == "build":
        valued = (
            "--prefix",
            "-p",
            "--build-file",
            "--cache-dir",
            "--global-cache-dir",
            "--seed",
            "--summary",
            "--sysroot",
        )
        steps = {call.text(at) or "" for at in call.positions(valued, 1)}
        if steps & {"run", "test", "fmt", "clean", "check"}:
            return
        folders = call.values("--prefix", "-p")
        path = own_folder(call.place(folders[-1] if folders else "zig-out"))
        yield call.product("zig", "zig build", path=path, link=link, sure=not steps - {"install"}, last=0)
    elif sub == "build-exe" and not call.has("-fno-emit-bin"):
        outs = call.values("-femit-bin")
        names = call.values("--name", "-name")
        sources = call.positions(("-O", "-target", "-mcpu", "--name", "-I", "-L", "-lc"), 1)
        out = outs[-1] if outs else names[-1] if names else None
        if not outs and not names and len(sources) == 1:
            out = stem((call.text(sources[0]) or "").rpartition("/")[2], ".zig")
        yield call.product("zig", "zig build-exe", path=call.place(out), link=link, last=0)


def _zig_c(call: Call, rest: Call) -> Iterator[Product]:
    targets = call.values("-target")
    for product in compiler(rest):
        musl = bool(targets and targets[-1] and "musl" in targets[-1])
        link = STATIC if musl and "-shared" not in call.heads else UNKNOWN if targets else product.link
        yield call.product("c", f"zig {rest.name}", path=product.path, link=link, last=0)


def nim(call: Call) -> Iterator[Product]:
    """`nim c -o:out src/main.nim`."""
    at = call.subcommand()
    sub = call.text(at)
    if sub not in ("c", "cpp", "cc", "compile", "compileToC", "compileToCpp", "objc", "js"):
        return
    if call.has("-r", "--run", "-h", "--help", "-v", "--version") or any(
        head.startswith("--compileOnly") or head == "-c" for head in call.heads
    ):
        return
    sources = call.positions((), at + 1)
    if not sources:
        return
    outs, folders = call.values("-o", "--out"), call.values("--outdir")
    name = None if sub == "js" else stem(call.text(sources[0]), ".nim")
    if outs:
        path = call.place(outs[-1])
        path = call.inside(call.place(folders[-1]), outs[-1]) if folders else path
    elif folders:
        path = call.inside(call.place(folders[-1]), name.rpartition("/")[2]) if name else None
    else:
        path = call.place(name)
    yield call.product("nim", f"nim {sub}", path=path, link=_passed_link(call, "passl"), last=at)


def _passed_link(call: Call, option: str) -> str:
    asked = any(option in head.lower() and "-static" in head for head in call.heads)
    return STATIC if asked else UNKNOWN if call.opaque() else DYNAMIC


def nimble(call: Call) -> Iterator[Product]:
    """`nimble build`."""
    at = call.subcommand()
    if call.text(at) == "build" or (call.text(at) == "install" and not call.has("-d", "--depsOnly")):
        sure = call.text(at) == "build"
        yield call.product("nim", f"nimble {call.text(at)}", link=_passed_link(call, "passl"), sure=sure, last=at)


_CRYSTAL_VALUED = (
    "-o",
    "--output",
    "--threads",
    "--mcpu",
    "--mattr",
    "--link-flags",
    "-D",
    "--target",
    "--cross-compile",
)


def crystal(call: Call) -> Iterator[Product]:
    """`crystal build src/app.cr -o app`."""
    at = call.subcommand()
    if call.text(at) not in ("build", "compile") or call.has("--no-codegen", "--cross-compile", "-h", "--help"):
        return
    sources = call.positions(_CRYSTAL_VALUED, at + 1)
    if not sources:
        return
    outs = call.values("-o", "--output")
    out = outs[-1] if outs else stem((call.text(sources[0]) or "").rpartition("/")[2], ".cr")
    yield call.product("crystal", "crystal build", path=call.place(out), link=_crystal_link(call), last=at)


def _crystal_link(call: Call) -> str:
    if call.has("--static") or any("-static" in head for head in call.heads if head.startswith("--link-flags")):
        return STATIC
    return UNKNOWN if call.opaque() else DYNAMIC


def shards(call: Call) -> Iterator[Product]:
    """`shards build [target]`: bin/target."""
    at = call.subcommand(("--jobs",))
    if call.text(at) != "build":
        return
    targets = call.positions(_CRYSTAL_VALUED, at + 1)
    folder = call.inside(call.place("."), "bin")
    path = call.inside(folder, call.text(targets[0])) if len(targets) == 1 else folder
    yield call.product("crystal", "shards build", path=path, link=_crystal_link(call), last=at)


def dart(call: Call) -> Iterator[Product]:
    """`dart compile exe bin/server.dart -o bin/server`."""
    at = call.subcommand()
    kinds = {
        "exe": ".exe",
        "aot-snapshot": ".aot",
        "jit-snapshot": ".jit",
        "kernel": ".dill",
        "js": ".js",
        "wasm": ".wasm",
    }
    label = call.name
    if call.name == "dart2native":
        kind, start = "exe", 0
    elif call.text(at) == "compile":
        at = call.subcommand((), at + 1)
        kind, start, label = call.text(at) or "", at + 1, f"dart compile {call.text(at)}"
    else:
        return
    sources = call.positions(("-o", "--output", "-D", "--define", "--packages", "-p", "--target-os", "-O"), start)
    if kind not in kinds or not sources:
        return
    outs = call.values("-o", "--output")
    name = stem(call.text(sources[0]), ".dart")
    default = f"{name}{kinds[kind]}" if name and kind != "js" else None
    link = DYNAMIC if kind == "exe" else UNKNOWN
    yield call.product("dart", label, path=call.place(outs[-1] if outs else default), link=link, last=at)


def flutter(call: Call) -> Iterator[Product]:
    """`flutter build web`: build/web."""
    at = call.subcommand()
    if call.text(at) != "build":
        return
    kind = call.subcommand((), at + 1)
    name = call.text(kind)
    if name is None:
        return
    outs = call.values("-o", "--output")
    path = call.place(outs[-1] if outs else "build/web") if name == "web" else None
    yield call.product("dart", f"flutter build {name}", path=path, last=kind)


def dune(call: Call) -> Iterator[Product]:
    """`dune build bin/main.exe`, `dune install --prefix DIR`."""
    at = call.subcommand(("--root", "--profile", "-p", "-j"))
    sub = call.text(at)
    if call.has("--help", "--version"):
        return
    if sub == "install":
        path = own_folder(call.place(call.value("--destdir") or call.value("--prefix")))
        yield call.product("ocaml", "dune install", path=path, link=UNKNOWN, last=at)
        return
    if sub not in ("build", "b"):
        return
    valued = ("--root", "--profile", "-p", "-j", "--build-dir", "-x", "--only-packages", "--display", "--workspace")
    targets = [call.text(place) for place in call.positions(valued, at + 1)]
    if targets and all(target in ("@check", "@fmt", "@doc", "@lint", "@runtest", "@test") for target in targets):
        return
    elsewhere = call.has("--root", "--build-dir", "--workspace", "-x") or "DUNE_BUILD_DIR" in call.env
    target = targets[0] if len(targets) == 1 else None
    path = None
    if target and target.endswith(".exe") and not elsewhere and not target.startswith(("_", "/", "@")):
        path = call.inside(call.place("."), "_build/default", target)
    yield call.product("ocaml", "dune build", path=path, link=UNKNOWN, last=at)


def _option_compiler(
    call: Call, ecosystem: str, options: tuple[str, ...], *, glued: bool = False, folder: tuple[str, ...] = ()
) -> Iterator[Product]:
    """A compiler that is given sources and names its output by an option."""
    stops = ("-c", "--version", "-version", "--help", "-h", "-i", "-S")
    if not set(call.heads).isdisjoint(stops) or not call.positions((*options, *folder, "-I", "-L", "-package")):
        return
    outs = call.values(*options, glued=glued)
    static = any(re.fullmatch(r"-?-static|-cclib=?-static|-L-static|-ccopt=?-static", head) for head in call.heads)
    paired = any(
        head in ("-ccopt", "-cclib") and (call.text(at + 1) or "") == "-static" for at, head in enumerate(call.heads)
    )
    link = STATIC if static or paired else UNKNOWN
    yield call.product(ecosystem, call.name, path=call.place(outs[-1]) if outs else None, link=link)


def ocaml(call: Call) -> Iterator[Product]:
    """`ocamlopt -o out main.ml`, `ocamlfind ocamlopt …`."""
    if call.name == "ocamlfind":
        rest = call.rest(0)
        if rest is not None and rest.name in ("ocamlopt", "ocamlc", "opt", "c"):
            yield from _option_compiler(rest, "ocaml", ("-o",))
        return
    yield from _option_compiler(call, "ocaml", ("-o",))


def d_compiler(call: Call) -> Iterator[Product]:
    """`ldc2 -of=out app.d`, `dmd -of=out app.d`."""
    outs = [head[3:].lstrip("=") for head in call.heads if head.startswith("-of")]
    if not call.positions() or not {"-c", "--version", "-run"}.isdisjoint(call.heads):
        return
    path = call.place(outs[-1]) if outs else None
    link = STATIC if call.has("-static", "--static") else DYNAMIC
    yield call.product("d", call.name, path=path, link=link)


def dub(call: Call) -> Iterator[Product]:
    """`dub build`."""
    at = call.subcommand(("-b", "--build", "-c", "--config", "--compiler", "-a", "--arch", "--root"))
    if call.text(at) == "build":
        yield call.product("d", "dub build", last=at)


def other(call: Call) -> Iterator[Product]:
    """Vala, Vlang, Odin, Ada, Pascal, COBOL, Solidity."""
    name = call.name
    if name == "valac":
        yield from _option_compiler(call, "vala", ("-o", "--output"), folder=("--pkg", "-X", "-d"))
    elif name == "v":
        if call.has("-o") and call.text(call.subcommand()) not in ("run", "test", "install", "fmt", "up", "self"):
            yield from _option_compiler(call, "v", ("-o",), folder=("-cc", "-cflags", "-gc", "-d", "-os"))
    elif name == "odin":
        if call.text(0) == "build":
            yield call.product("odin", "odin build", path=call.place(call.value("-out")), last=0)
    elif name in ("gnatmake", "gprbuild"):
        yield from _option_compiler(call, "ada", ("-o",), folder=("-P", "-D"))
    elif name == "fpc":
        outs = [head[2:] for head in call.heads if head.startswith("-o") and len(head) > 2]
        if call.positions():
            yield call.product("pascal", "fpc", path=call.place(outs[-1]) if outs else None)
    elif name == "cobc" and call.has("-x"):
        yield call.product("cobol", "cobc", path=call.place(call.value("-o")), link=DYNAMIC)


READERS = {
    "swift": swift,
    "swiftc": swiftc,
    "zig": zig,
    "nim": nim,
    "nimble": nimble,
    "crystal": crystal,
    "shards": shards,
    "dart": dart,
    "dart2native": dart,
    "flutter": flutter,
    "dune": dune,
    "ocamlopt": ocaml,
    "ocamlc": ocaml,
    "ocamlfind": ocaml,
    "ldc2": d_compiler,
    "dmd": d_compiler,
    "dub": dub,
    "valac": other,
    "v": other,
    "odin": other,
    "gnatmake": other,
    "gprbuild": other,
    "fpc": other,
    "cobc": other,
}
