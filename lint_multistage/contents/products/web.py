"""Products of JavaScript compilers, bundlers and site builders that are called by their own names."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from lint_multistage.contents.products.call import Call, Product, own_folder


class WebTool(Struct, frozen=True):
    """How a tool is told to build, and where to put what it makes.

    `words` are the subcommands that build, none where the tool has none; `bare` says that it builds without one.
    `out` are the options that name the output, `variable` is an environment variable that does; `folder` is the output
    that it has whatever its configuration says. `rooted` says that a folder given as an argument is what `out` is
    relative to. `certain` is false where the result may be an input of another build. With an option of `not_with` it
    does not build.
    """

    words: tuple[str, ...] = ()
    out: tuple[str, ...] = ()
    bare: bool = False
    variable: str = ""
    folder: str = ""
    rooted: bool = False
    certain: bool = True
    not_with: tuple[str, ...] = ()


# FreeBSD's `pkg` is a package manager.
_PACKAGE_MANAGEMENT = frozenset(("install", "add", "update", "upgrade", "delete", "remove", "clean", "search", "info"))
_NO_BUILDS = frozenset(
    ("serve", "server", "s", "watch", "w", "init", "info", "configtest", "create", "help", "version")
)

WEB_TOOLS: dict[str, WebTool] = {
    "vite": WebTool(("build",), ("--outDir",), rooted=True),
    "ng": WebTool(("build",), ("--output-path",)),
    "tsc": WebTool(
        (),
        ("--outDir", "--outFile"),
        bare=True,
        not_with=("--noEmit", "--init", "--showConfig", "--emitDeclarationOnly"),
    ),
    "tsgo": WebTool((), ("--outDir",), bare=True, not_with=("--noEmit", "--init")),
    "webpack": WebTool(("build", "bundle", "b"), ("--output-path", "-o"), bare=True, not_with=("-w", "--watch")),
    "webpack-cli": WebTool(("build", "bundle", "b"), ("--output-path", "-o"), bare=True, not_with=("-w", "--watch")),
    "rspack": WebTool(("build",), ("--output-path", "-o")),
    "rollup": WebTool((), ("-o", "--file", "-d", "--dir"), not_with=("-w", "--watch")),
    "esbuild": WebTool((), ("--outfile", "--outdir"), not_with=("--serve", "--watch")),
    "next": WebTool(("build", "export")),
    "nuxt": WebTool(("build", "generate")),
    "nuxi": WebTool(("build", "generate")),
    "react-scripts": WebTool(("build",), variable="BUILD_PATH"),
    "craco": WebTool(("build",), variable="BUILD_PATH"),
    "react-app-rewired": WebTool(("build",), variable="BUILD_PATH"),
    "vue-cli-service": WebTool(("build",), ("--dest",)),
    "gatsby": WebTool(("build",), folder="public"),
    "astro": WebTool(("build",), ("--outDir",)),
    "docusaurus": WebTool(("build",), ("--out-dir",), rooted=True),
    "vitepress": WebTool(("build",), ("--outDir",)),
    "vuepress": WebTool(("build",), ("-d", "--dest")),
    "eleventy": WebTool((), ("--output",), bare=True, not_with=("--serve", "--watch")),
    "parcel": WebTool(("build",), ("--dist-dir", "-d", "--out-dir")),
    "svelte-kit": WebTool(("build",)),
    "remix": WebTool(("build", "vite:build")),
    "react-router": WebTool(("build",)),
    "nest": WebTool(("build",)),
    "ionic": WebTool(("build",)),
    "quasar": WebTool(("build",)),
    "expo": WebTool(("export", "export:web"), ("--output-dir",)),
    "swc": WebTool((), ("-d", "--out-dir", "-o", "--out-file"), not_with=("-w", "--watch")),
    "babel": WebTool((), ("-d", "--out-dir", "-o", "--out-file"), not_with=("-w", "--watch")),
    "tsup": WebTool((), ("-d", "--out-dir"), bare=True, not_with=("--watch",)),
    "ncc": WebTool(("build",), ("-o", "--out")),
    "pkg": WebTool((), ("-o", "--output", "--out-path", "--outdir")),
    "nexe": WebTool((), ("-o", "--output")),
    "ember": WebTool(("build", "b"), ("--output-path", "-o")),
    "elm": WebTool(("make",), ("--output",)),
    "build-storybook": WebTool((), ("-o", "--output-dir"), certain=False),
    "storybook": WebTool(("build",), ("-o", "--output-dir"), certain=False),
    "strapi": WebTool(("build",), certain=False),
    "medusa": WebTool(("build",), certain=False),
    "asc": WebTool((), ("-o", "--outFile"), certain=False),
}


def web_tool(call: Call) -> Iterator[Product]:
    """The product of one of WEB_TOOLS."""
    tool = WEB_TOOLS[call.name]
    stops = ("--help", "-h", "--version", "--dry-run", *tool.not_with)
    if any(head == stop or head == f"{stop}=true" for head in call.heads for stop in stops):
        return
    if call.name == "tsc" and _emits_nothing(call):
        return
    valued = (*tool.out, "-c", "--config", "-m", "--mode", "--base", "--configuration", "-p", "--project", "-l")
    places = call.positions(valued)
    word = call.text(places[0]) if places else None
    named = bool(places) and word in tool.words
    if tool.words and not named and (not tool.bare or word in _NO_BUILDS):
        return
    if not tool.words and (word in _PACKAGE_MANAGEMENT or not (tool.bare or call.args)):
        return
    last = places[0] if named else -1
    label = f"{call.name} {word}" if named else call.name
    yield call.product("node", label, path=_out(call, tool, places[1:] if named else []), sure=tool.certain, last=last)


def _emits_nothing(call: Call) -> bool:
    return any(
        head.lower() == "--noemit" and (call.text(at + 1) or "").lower() != "false"
        for at, head in enumerate(call.heads)
    )


def _out(call: Call, tool: WebTool, folders: list[int]) -> str | None:
    """The output, where the command line or the environment names it."""
    root = call.place(".")
    if tool.rooted and folders:
        root = call.place(call.text(folders[0]))
    outs = call.values(*tool.out)
    if outs:
        out = outs[-1]
        return own_folder(call.place(out) if out and out.startswith("/") else call.inside(root, out))
    if tool.variable and call.env.get(tool.variable):
        return own_folder(call.place(call.env.get(tool.variable)))
    return call.inside(root, tool.folder) if tool.folder else None


READERS = dict.fromkeys(WEB_TOOLS, web_tool)
