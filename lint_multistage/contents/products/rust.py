"""Products of cargo, rustc and the tools around them."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.contents.products.call import (
    DEFAULT,
    DYNAMIC,
    STATIC,
    UNKNOWN,
    Call,
    Product,
    libc_of_target,
    own_folder,
)
from lint_multistage.late import late_regex

VALUED = frozenset(
    (
        "-C -Z -p -j -F --config --color --manifest-path --package --bin --example --test --bench --features "
        "--target --target-dir --profile --jobs --exclude --message-format --root --path --git --branch --tag --rev "
        "--version --index --registry --crate-type --out-dir --artifact-dir --lockfile-path"
    ).split()
)
_BUILDS = frozenset(("build", "b", "rustc", "zigbuild"))
_IN_FRONT = frozenset(("auditable", "xwin", "careful"))
_OTHERS = {
    "leptos": "build",
    "lambda": "build",
    "tauri": "build",
    "contract": "build",
    "component": "build",
    "pgrx": "package",
}
_WHOLE = frozenset(("deb", "generate-rpm", "build-bpf", "build-sbf", "cbuild", "cinstall", "ndk"))
_STATIC_FLAG = late_regex(r"(?<=[=\s])-static(?:-pie)?(?![\w-])")
_PROFILES = {"dev": "debug", "test": "debug", "bench": "release"}


def cargo(call: Call) -> Iterator[Product]:
    """`cargo build`, `cargo install` and subcommands that build like them."""
    at = call.subcommand(VALUED)
    while (call.text(at) or "").startswith("+") or call.text(at) in _IN_FRONT:
        at = call.subcommand(VALUED, at + 1)
    sub = call.text(at)
    stops = ("--help", "-h", "--version", "--build-plan", "--unit-graph", "--dry-run", "--list", "-V")
    if sub is None or (sub != "install" and call.has(*stops)):
        return
    program = call.name if call.name in ("cross", "xx-cargo") else "cargo"
    if sub in _BUILDS:
        yield from _build(call, f"{program} {'build' if sub == 'b' else sub}", at)
    elif sub == "install":
        if not call.has("--list", "--help", "-h", "--dry-run"):
            yield from _install(call, f"{program} install", at)
    elif sub in _OTHERS and _OTHERS[sub] in call.heads[at + 1 :]:
        yield call.product("rust", f"{program} {sub} {_OTHERS[sub]}", last=call.heads.index(_OTHERS[sub], at + 1))
    elif sub in _WHOLE:
        destination = call.value("--destdir") if sub == "cinstall" else None
        yield call.product("rust", f"{program} {sub}", path=own_folder(call.place(destination)), last=at)


def _build(call: Call, label: str, at: int) -> Iterator[Product]:
    if call.has("--tests", "--benches", "--test", "--bench"):
        return
    link, libc = _link(call), _libc(call)
    folder = _profile_folder(call)
    bins = call.values("--bin")
    examples = call.values("--example")
    if not bins and not examples and not call.has(*_OTHER_THAN_ALL):
        bins = [*_by_manifest(call)]
    for name in bins:
        yield call.product("rust", label, path=call.inside(folder, _file(call, name)), link=link, last=at, libc=libc)
    for name in examples:
        path = call.inside(folder, "examples", _file(call, name))
        yield call.product("rust", label, path=path, link=link, last=at, libc=libc)
    if not bins and not examples:
        yield call.product("rust", label, link=link, sure=not call.has("--lib"), last=at, libc=libc)


_OTHER_THAN_ALL = ("--lib", "-p", "--package", "--workspace", "--all", "--manifest-path", "-C", "--exclude")


def _by_manifest(call: Call) -> list[str]:
    """The binaries that the crate's own Cargo.toml tells; none where it is not at hand."""
    text = call.file("Cargo.toml")
    if text is None:
        return []
    from lint_multistage.contents.products.manifests import cargo_programs

    return cargo_programs(text, call.file("src/main.rs") is not None)


def _profile_folder(call: Call) -> str | None:
    """Where cargo puts programs: target/[triple/]release."""
    artifacts = call.values("--artifact-dir", "--out-dir")
    if artifacts:
        return call.place(artifacts[-1])
    given = call.values("--target-dir")
    folder: str | None = "target"
    if given:
        folder = given[-1]
    elif "CARGO_TARGET_DIR" in call.env or "CARGO_BUILD_TARGET_DIR" in call.env:
        folder = call.env.get("CARGO_TARGET_DIR", call.env.get("CARGO_BUILD_TARGET_DIR"))
    elif call.has("--manifest-path", "-C"):
        # The folder lies beside the workspace's manifest, which may stand above this one.
        return None
    parts: list[str | None] = []
    triple = _triple(call)
    if triple != "":
        parts.append(_folder_of(triple))
    if call.has("--profile"):
        profile = call.value("--profile")
        parts.append(_PROFILES.get(profile, profile) if profile else None)
    elif call.has("--release", "-r"):
        parts.append("release")
    else:
        # What is not known may be --release.
        parts.append(None if call.opaque(VALUED) else "debug")
    return call.inside(call.place(folder), *parts)


def _triple(call: Call) -> str | None:
    """The target that is built for: "" where none is named, None where it is not known."""
    given = call.values("--target")
    if len(given) > 1 or call.name == "xx-cargo":
        return None
    return given[0] if given else call.env.get("CARGO_BUILD_TARGET", "")


def _folder_of(triple: str | None) -> str | None:
    """The folder's name: without the glibc version that cargo-zigbuild takes, without a specification's ending."""
    if triple is None:
        return None
    triple = triple.rpartition("/")[2].removesuffix(".json")
    return triple.partition(".")[0] if "-gnu" in triple else triple


def _file(call: Call, name: str | None) -> str | None:
    triple = _triple(call)
    if name is None or triple is None:
        return None
    return f"{name}.exe" if "windows" in triple else f"{name}.wasm" if triple.startswith("wasm") else name


def _link(call: Call) -> str:
    """Static where the target or the flags say so.

    Without a named target the image decides: a toolchain of rustup links statically on musl, and dynamically on glibc.
    """
    flags = _flags(call)
    if flags is not None and "-crt-static" in flags:
        return DYNAMIC
    if flags is not None and ("+crt-static" in flags or _STATIC_FLAG.search(flags)):
        return STATIC
    triple = _triple(call)
    if flags is None or triple is None or call.has("--config") or call.opaque(VALUED):
        return UNKNOWN
    if not triple:
        return DEFAULT
    if "musl" in triple:
        return STATIC
    return DYNAMIC if libc_of_target(triple) else UNKNOWN


def _flags(call: Call) -> str | None:
    """The flags that the environment gives to rustc, for one target or for all; None where they are not known."""
    values = [
        value
        for name, value in call.env.items()
        if name in ("RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS")
        or (name.startswith("CARGO_TARGET_") and name.endswith("_RUSTFLAGS"))
        or name == "CARGO_BUILD_RUSTFLAGS"
    ]
    return None if None in values else " ".join(value for value in values if value)


def _libc(call: Call) -> str:
    """The C library of the target, "" where none is named."""
    return libc_of_target(_triple(call) or "") or ""


def _install(call: Call, label: str, at: int) -> Iterator[Product]:
    env = call.env
    if call.has("--root"):
        root = call.place(call.value("--root"))
    elif "CARGO_INSTALL_ROOT" in env:
        root = call.place(env["CARGO_INSTALL_ROOT"])
    else:
        root = call.place(env.get("CARGO_HOME"))
    folder = call.inside(root, "bin")
    link, libc = _link(call), _libc(call)
    local = call.has("--path")
    bins = call.values("--bin")
    for name in bins:
        yield call.product("rust", label, path=call.inside(folder, name), link=link, sure=local, last=at, libc=libc)
    if not bins and (local or call.has("--git") or call.positions(VALUED, at + 1)):
        # What comes from a registry may be a tool that only the build needs.
        yield call.product("rust", label, path=folder, link=link, sure=local, last=at, libc=libc)


def rustc(call: Call) -> Iterator[Product]:
    """`rustc main.rs [-o out]`."""
    if call.has("--version", "-V", "-vV", "--print", "--help", "-h", "--explain", "--test"):
        return
    emits = call.values("--emit")
    if emits and "link" not in (emits[-1] or "link"):
        return
    values = (
        "-o",
        "-C",
        "-L",
        "-l",
        "--out-dir",
        "--target",
        "--edition",
        "--crate-type",
        "--crate-name",
        "--cfg",
        "-A",
    )
    sources = call.positions(values)
    if not sources:
        return
    kind = call.value("--crate-type")
    source = call.text(sources[0])
    outs = call.values("-o")
    if outs:
        path = call.place(outs[-1])
    elif kind is None and not call.has("--crate-type", "--crate-name") and source and source.endswith(".rs"):
        folder = call.value("--out-dir") if call.has("--out-dir") else "."
        path = call.inside(call.place(folder), source.rpartition("/")[2][:-3])
    else:
        path = None
    link = STATIC if any("+crt-static" in head for head in call.heads) else _link(call)
    yield call.product(
        "rust", "rustc", path=path, link=link, sure=kind in (None, "bin", "cdylib", "dylib"), libc=_libc(call)
    )


def trunk(call: Call) -> Iterator[Product]:
    """`trunk build`: a site in WebAssembly."""
    at = call.subcommand(("--config", "-v"))
    if call.text(at) == "build":
        path = call.place(call.value("--dist", "-d"))
        yield call.product("rust", "trunk build", path=path, last=at)


def wasm_pack(call: Call) -> Iterator[Product]:
    """`wasm-pack build`: a package in pkg/ of the crate, or in --out-dir."""
    at = call.subcommand()
    if call.text(at) != "build":
        return
    crates = call.positions(("--out-dir", "-d", "--target", "-t", "--out-name", "--scope", "--profile", "-s"), at + 1)
    crate = call.place(call.text(crates[0])) if crates else call.place(".")
    given = call.values("--out-dir", "-d")
    path = call.inside(crate, given[-1] if given else "pkg")
    # The package may be an input of a bundler in the same stage.
    yield call.product("rust", "wasm-pack build", path=path, sure=False, last=at)


READERS = {
    "cargo": cargo,
    "cross": cargo,
    "xx-cargo": cargo,
    "rustc": rustc,
    "trunk": trunk,
    "wasm-pack": wasm_pack,
}
