"""Products of Node's package managers: scripts that build, and installed packages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec.structs import replace

from lint_multistage.contents.products.call import DYNAMIC, GLIBC, MUSL, UNKNOWN, Call, Product, own_folder
from lint_multistage.late import late_regex

FOLDER_OPTIONS = {
    "npm": ("--prefix", "-C"),
    "yarn": ("--cwd",),
    "pnpm": ("-C", "--dir", "--prefix"),
    "bun": ("--cwd",),
}
VALUED = {
    "npm": frozenset(
        ("--prefix", "-C", "-w", "--workspace", "--loglevel", "--registry", "--cache", "--userconfig", "--omit")
    ),
    "yarn": frozenset(
        "--cwd --network-timeout --cache-folder --modules-folder --registry --mutex --network-concurrency "
        "--global-folder --use-yarnrc --include --exclude --from -j --jobs".split()
    ),
    "pnpm": frozenset(
        "-C --dir --prefix --filter -F --filter-prod --store-dir --loglevel --reporter --registry".split()
    ),
    "bun": frozenset(
        ("--cwd", "--config", "-c", "--filter", "-F", "--env-file", "--shell", "--backend", "--cache-dir")
    ),
}
_RUN = frozenset(("run", "run-script", "rum", "urn"))
_INSTALL = frozenset(
    "install i in ins inst insta instal isntall ci clean-install install-clean add install-test it cit".split()
)
_BUILTIN = frozenset(
    (
        "audit bin cache config create dedupe dlx exec fetch help import info init link list ls login logout node "
        "outdated owner pack patch plugin prune publish rebuild remove rm set store team test t start stop tag "
        "uninstall unlink unplug update up upgrade version versions view why workspaces workspace x approve-builds "
        "env pkg root setup get"
    ).split()
)
_BUILD = late_regex(r"build(?:[-:_.].+)?|.+:build", re.IGNORECASE)
_CERTAIN = late_regex(
    r"build(?:[-:_.]?(?:prod(?:uction)?|release|docker|all|ci|dist|staging|client|server))?", re.IGNORECASE
)
_PARTS = late_regex(r".*[-:_.](?:deps?|dependencies|test|tests|storybook|docker-image|watch)", re.IGNORECASE)
_MAYBE = frozenset("compile bundle dist generate export prod production release transpile package webpack".split())
_NEXT_CONFIGURATIONS = ("next.config.js", "next.config.mjs", "next.config.ts", "next.config.cjs")
_OUT = ("--outDir", "--outdir", "--out-dir", "--output-path", "--outputPath")


def script_product(call: Call, script: str, label: str, last: int) -> Iterator[Product]:
    """The product of a package.json script, by its name."""
    if _PARTS.fullmatch(script):
        return
    if _BUILD.fullmatch(script) or script in _MAYBE:
        # Arguments after the script's name go to what it runs, which sees them last.
        path = own_folder(call.place(call.value(*_OUT)))
        sure = bool(_CERTAIN.fullmatch(script)) and not call.has("--if-present")
        made = call.product("node", label, path=path, sure=sure, last=last)
        yield replace(made, unmade=_unmade(call)) if script == "build" else made


def _unmade(call: Call) -> tuple[str, str] | None:
    """The server of Next.js, and the configuration, which is at hand, that does not ask for it."""
    texts = [(name, text) for name in _NEXT_CONFIGURATIONS if (text := call.file(name)) is not None]
    package = call.file("package.json") if len(texts) == 1 else None
    if package is None or call.env.get("NEXT_PRIVATE_STANDALONE"):
        return None
    from lint_multistage.contents.products.manifests import leaves_out_standalone

    (name, text), place = texts[0], call.place(".next/standalone")
    return (place, name) if place and leaves_out_standalone(text, package) else None


def package_manager(call: Call) -> Iterator[Product]:
    """`npm`, `yarn`, `pnpm`, `bun`."""
    name = call.name
    if call.has("--help", "-h", "--version", "--dry-run"):
        return
    valued = VALUED[name]
    folders = call.values(*FOLDER_OPTIONS[name])
    if folders:
        call = call.moved(folders[-1])
    at = call.subcommand(valued)
    sub = call.text(at)
    if name == "yarn" and sub in ("workspace", "workspaces"):
        yield from _workspaces(call, at)
    elif sub is None or sub in _INSTALL:
        if installs_all(call):
            yield _installed(call, f"{name} {sub}" if sub else name, at if sub else -1)
    elif sub in _RUN:
        script = call.subcommand(valued, at + 1)
        if text := call.text(script):
            yield from script_product(call, text, f"{name} run {text}", script)
    elif name == "bun" and sub == "build":
        yield from _bun_build(call, at)
    elif name == "pnpm" and sub == "deploy":
        folder = call.positions(valued, at + 1)
        path = call.place(call.text(folder[0])) if folder else None
        yield call.product("node", "pnpm deploy", path=path, last=at)
    elif name in ("yarn", "pnpm") and sub not in _BUILTIN:
        yield from script_product(call, sub, f"{name} {sub}", at)


def installs_all(call: Call) -> bool:
    """Whether a call of npm, yarn, pnpm or bun installs what package.json names."""
    valued = VALUED[call.name]
    sub = call.text(call.subcommand(valued))
    if sub is None:
        # A bare `yarn` installs, unless what is not known names a command.
        return call.name == "yarn" and not call.opaque(valued) and not call.has("-v")
    return sub in _INSTALL and not call.has(
        "-g", "--global", "--location=global", "--package-lock-only", "--lockfile-only"
    )


def _workspaces(call: Call, at: int) -> Iterator[Product]:
    """`yarn workspace NAME build`, `yarn workspaces foreach -A run build`, `yarn workspaces focus`."""
    texts = [call.text(number) for number in range(len(call.args))]
    if "focus" in texts:
        yield _installed(call, "yarn workspaces focus", texts.index("focus"))
        return
    start = at + (2 if texts[at] == "workspace" else 1)
    found = [
        number
        for number in range(start, len(texts))
        if (text := texts[number]) is not None and _BUILD.fullmatch(text) and texts[number - 1] not in VALUED["yarn"]
    ]
    # The workspaces' folders are not known.
    elsewhere = call.moved(None)
    for number in found[:1]:
        yield from script_product(elsewhere, texts[number] or "", f"yarn {texts[at]} run {texts[number]}", number)


def _installed(call: Call, label: str, last: int) -> Product:
    """node_modules. Yarn may be set up to keep packages elsewhere, npm may hoist them to a workspace's root."""
    if call.has("--modules-folder"):
        path = call.place(call.value("--modules-folder"))
    else:
        path = call.inside(call.place("."), "node_modules")
    made = call.product("node", label, path=path, sure=False, last=last)
    package = call.file("package.json")
    if package is None or call.has("--ignore-scripts"):
        return made
    from lint_multistage.contents.products.manifests import native_addons

    return replace(made, addons=native_addons(package))


def _bun_build(call: Call, at: int) -> Iterator[Product]:
    outs = call.values("--outfile", "--outdir")
    compiled = call.has("--compile")
    if outs or compiled:
        path = own_folder(call.place(outs[-1])) if outs else None
        target = (call.value("--target") or "?") if call.has("--target") else ""
        libc = MUSL if "musl" in target else GLIBC if "linux" in target else ""
        link = DYNAMIC if compiled and (libc or not target) else UNKNOWN
        yield call.product("node", "bun build", path=path, link=link, last=at, libc=libc)


MONOREPO_TOOLS = frozenset(("turbo", "nx", "lerna", "rush", "gulp", "grunt"))
_MONOREPO_VALUED = frozenset(
    ("--filter", "-F", "--scope", "-t", "--target", "-p", "--projects", "-c", "--configuration")
)


def monorepo(call: Call) -> Iterator[Product]:
    """`turbo run build`, `nx build app`, `nx run app:build`, `lerna run build`, `rush build`, `gulp build`."""
    places = call.positions(_MONOREPO_VALUED)
    texts = [call.text(at) or "" for at in places]
    if call.name == "nx" and texts[:1] == ["run-many"]:
        targets = [text or "" for text in call.values("-t", "--target", "--targets")]
        if any("build" in target.split(",") for target in targets):
            yield call.product("node", "nx run-many", last=places[0])
        return
    for at, text in zip(places, texts, strict=True):
        script = text.partition(":")[2] if call.name == "nx" and ":" in text else text.rpartition("#")[2]
        if _CERTAIN.fullmatch(script):
            path = own_folder(call.place(call.value(*_OUT)))
            yield call.product("node", f"{call.name} {text}", path=path, last=at)
            return


def deno(call: Call) -> Iterator[Product]:
    """`deno compile`, `deno bundle`, `deno task build`."""
    at = call.subcommand()
    sub = call.text(at)
    valued = (
        "--config",
        "-c",
        "--cwd",
        "--target",
        "--output",
        "-o",
        "--include",
        "--env-file",
        "--icon",
        "--import-map",
    )
    names = call.positions(valued, at + 1)
    if sub == "compile":
        out = call.values("--output", "-o")
        windows = "windows" in (call.value("--target") or ("windows" if call.has("--target") else ""))
        path = call.place(out[-1]) if out and not windows else None
        if names:
            # Deno has no runtime for musl.
            yield call.product("node", "deno compile", path=path, link=DYNAMIC, last=at, libc=GLIBC)
    elif sub == "task" and names:
        script = call.text(names[0]) or ""
        inside = call.moved(call.value("--cwd")) if call.has("--cwd") else call
        yield from script_product(inside, script, f"deno task {script}", names[0])
    elif sub == "bundle" and call.has("-o", "--output", "--outdir"):
        yield call.product("node", "deno bundle", path=call.place(call.value("-o", "--output", "--outdir")), last=at)


READERS = {
    "npm": package_manager,
    "yarn": package_manager,
    "pnpm": package_manager,
    "bun": package_manager,
    "deno": deno,
    **dict.fromkeys(MONOREPO_TOOLS, monorepo),
}
