"""Products of static site and documentation builders, which read their default output folder from a configuration."""

from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.contents.products.call import Call, Product, own_folder

_HUGO_VALUED = frozenset(
    (
        "-d -s -b -e -c -t -l --destination --source --baseURL --environment --config --configDir --contentDir "
        "--cacheDir --theme --themesDir --layoutDir --logLevel --ignoreVendorPaths"
    ).split()
)


def hugo(call: Call) -> Iterator[Product]:
    """`hugo [build] [-d DIR]`."""
    places = call.positions(_HUGO_VALUED)
    words = [call.text(at) for at in places]
    if (words and words[0] != "build") or call.has("--renderToMemory", "-h", "--help", "--version", "-w", "--watch"):
        return
    source = call.values("-s", "--source")
    inside = call.moved(source[-1]) if source else call
    outs = call.values("-d", "--destination")
    path = own_folder(inside.place(outs[-1])) if outs else None
    yield call.product("site", "hugo", path=path, last=places[0] if places else -1)


_BUILDERS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "jekyll": (("build", "b"), ("-d", "--destination")),
    "mkdocs": (("build",), ("-d", "--site-dir")),
    "mdbook": (("build",), ("-d", "--dest-dir")),
    "zola": (("build",), ("-o", "--output-dir")),
    "middleman": (("build",), ("--build-dir",)),
    "bridgetown": (("build", "deploy"), ("-d", "--destination")),
    "quarto": (("render",), ("--output-dir",)),
    "jupyter-book": (("build",), ()),
    "zensical": (("build",), ()),
    "antora": ((), ("--to-dir",)),
    "pelican": ((), ("-o", "--output")),
}


def site(call: Call) -> Iterator[Product]:
    """`jekyll build -d DIR` and its like."""
    subcommands, options = _BUILDERS[call.name]
    if call.has("--help", "-h", "--version", "-V", "-l", "--listen"):
        return
    at = call.subcommand(
        (*options, "-f", "--config-file", "-c", "--config", "-s", "--source", "-e", "--environment", "-r")
    )
    if subcommands and call.text(at) not in subcommands:
        return
    outs = call.values(*options) if options else []
    # mdbook and mkdocs take a book's or a configuration's own folder as the one that a relative output stands in.
    elsewhere = call.has("--config-file", "-f", "-s", "--source", "-r", "--root") or (
        call.name in ("mdbook", "zola") and len(call.positions(options, at + 1)) > 0
    )
    out = outs[-1] if outs else None
    path = call.place(out) if out and (out.startswith("/") or not elsewhere) else None
    label = f"{call.name} {call.text(at)}" if subcommands else call.name
    yield call.product("site", label, path=own_folder(path), last=at if subcommands else -1)


def sphinx(call: Call) -> Iterator[Product]:
    """`sphinx-build SOURCE OUT`."""
    valued = (
        "-b",
        "-M",
        "-d",
        "-D",
        "-A",
        "-c",
        "-t",
        "-w",
        "-j",
        "--builder",
        "--jobs",
        "--doctree-dir",
        "--conf-dir",
    )
    if call.has("-M"):
        at = call.heads.index("-M") if "-M" in call.heads else len(call.heads)
        folder = call.place(call.text(at + 3))
        yield call.product("site", "sphinx-build", path=call.inside(folder, call.text(at + 1)))
        return
    places = call.positions(valued)
    if len(places) > 1:
        yield call.product("site", "sphinx-build", path=own_folder(call.place(call.text(places[1]))))


READERS = {"hugo": hugo, "sphinx-build": sphinx, **dict.fromkeys(_BUILDERS, site)}
