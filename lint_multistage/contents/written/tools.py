"""Where compilers and package managers write."""

from __future__ import annotations

import posixpath

from lint_multistage.contents.products.call import Call
from lint_multistage.contents.products.rust import VALUED as _CARGO_VALUED
from lint_multistage.contents.written.writes import (
    ANYWHERE,
    NOTHING,
    SYSTEM,
    Writes,
    absolute,
    all_of,
    file_at,
    file_of,
    top,
    tree_at,
)
from lint_multistage.late import late_regex

_HOMES = (
    "HOME GOPATH GOBIN GOCACHE GOMODCACHE CARGO_HOME RUSTUP_HOME CARGO_INSTALL_ROOT CARGO_TARGET_DIR "
    "CARGO_BUILD_TARGET_DIR VIRTUAL_ENV UV_PROJECT_ENVIRONMENT UV_CACHE_DIR PIP_CACHE_DIR PIP_TARGET PIP_PREFIX "
    "PYTHONUSERBASE UV_TOOL_DIR UV_TOOL_BIN_DIR PIPX_HOME PIPX_BIN_DIR CONDA_PREFIX GEM_HOME BUNDLE_PATH "
    "POETRY_HOME POETRY_CACHE_DIR POETRY_VIRTUALENVS_PATH XDG_CACHE_HOME XDG_DATA_HOME UV_PYTHON_INSTALL_DIR"
).split()
_GO_RUNS = frozenset(("run", "generate", "tool", "test"))
_GO_SILENT = frozenset(("version", "env", "list", "vet", "doc", "fmt", "bug", "help", "fix"))
_CC_STOPS = frozenset(("--version", "-dumpversion", "-dumpmachine", "-v", "-E", "-fsyntax-only", "-M", "-MM"))
_GLUED = late_regex(r"-o(.+)")


def packages(call: Call) -> Writes:
    """A package manager of the system: all system folders, and other roots that its options name."""
    if any(head.startswith("-") and call.args[at].text is None for at, head in enumerate(call.heads)):
        return ANYWHERE
    return SYSTEM | absolute(call) | _homes(call)


def go(call: Call) -> Writes:
    """`go build`, `go install`, `go mod`."""
    at = call.subcommand(("-C",))
    sub = call.text(at)
    folders = call.values("-C")
    if folders:
        call = call.moved(folders[-1])
    if sub in _GO_SILENT:
        return SYSTEM | _homes(call)
    if sub in _GO_RUNS or sub is None:
        return ANYWHERE
    found = SYSTEM | Writes(trees=("/go",)) | _homes(call)
    if sub == "build":
        if call.opaque(("-o", "-ldflags", "-gcflags", "-tags", "-asmflags", "-mod", "-p", "-buildmode", "-C")):
            return ANYWHERE
        outs = [*call.values("-o"), *call.values("--o")]
        return found | (tree_at(call, outs[-1]) if outs else _here(call))
    return found if sub in ("install", "clean", "get") else found | _here(call)


def cargo(call: Call) -> Writes:
    """`cargo build`, `cargo install`: the folder `target` of the workspace, and where programs are put."""
    at = call.subcommand(_CARGO_VALUED)
    while (call.text(at) or "").startswith("+"):
        at = call.subcommand(_CARGO_VALUED, at + 1)
    sub = call.text(at)
    if sub is None or sub in ("run", "r", "test", "t", "bench", "make", "xtask", "leptos", "tauri", "nextest"):
        return ANYWHERE
    manifests = [*call.values("--manifest-path"), *call.values("--path")]
    places = [call.place(text) for text in manifests] or [call.place(".")]
    found = SYSTEM | _homes(call)
    for place in places:
        if place is not None and posixpath.basename(place) == "Cargo.toml":
            place = posixpath.dirname(place)
        here = Writes(paths=("/Cargo.lock",), trees=("/target", "/.cargo")) if place == "/" else top(place)
        found |= here
    found |= all_of(
        tree_at(call, text)
        for text in call.values("--target-dir", "--out-dir", "--artifact-dir", "--recipe-path", "--destdir")
    )
    if sub == "init" or sub == "new":
        return found | _here(call)
    roots = call.values("--root")
    if sub == "install" and roots:
        root = call.place(roots[-1])
        names = call.values("--bin")
        if root is None:
            return ANYWHERE
        made = [f"{root}/bin/{name}" for name in names if name]
        sides = Writes(paths=(root, f"{root}/.crates.toml", f"{root}/.crates2.json", f"{root}/bin", *made))
        return found | sides | (NOTHING if made and len(made) == len(names) else Writes(trees=(f"{root}/bin",)))
    return found if not call.opaque(_CARGO_VALUED) else ANYWHERE


def compiler(call: Call) -> Writes:
    """`gcc` and its like: what `-o` names, else files beside where it runs."""
    if not _CC_STOPS.isdisjoint(call.heads):
        return NOTHING
    if any(not head for head in call.heads) or any(head.startswith("@") for head in call.heads):
        outs: list[str | None] = call.values("-o")
        if not outs or any("out" in word.raw.lower() for word in call.args if word.text is None):
            return ANYWHERE
    outs = call.values("-o", "--output") or [
        match[1] for head in call.heads if (match := _GLUED.fullmatch(head)) and not head.startswith("-os")
    ]
    if outs:
        beside = outs[-1]
        stem = beside.rpartition(".")[0] if beside and "." in posixpath.basename(beside) else beside
        sides = [file_at(call, f"{stem}.{ending}") for ending in ("d", "gcno")] if stem else []
        return all_of([file_at(call, beside), *sides])
    names = [posixpath.basename(call.heads[at]).rpartition(".")[0] for at in call.positions(("-I", "-L", "-x", "-D"))]
    files = [f"{name}.{ending}" for name in names if name for ending in ("o", "d", "s", "i", "gch", "gcno")]
    return all_of(file_at(call, name) for name in ("a.out", *files))


def archiver(call: Call) -> Writes:
    """`ar rcs lib.a …`, `ranlib`."""
    places = call.positions(())
    return all_of(file_of(call, at) for at in places if (call.text(at) or ".a").endswith((".a", ".lib")))


def python(call: Call) -> Writes:
    """`python -m venv`, `python -m pip`; a script may write anything."""
    at = 0
    while at < len(call.heads) and call.heads[at].startswith("-") and call.heads[at] != "-m":
        if call.heads[at] in ("-V", "--version"):
            return NOTHING
        if call.heads[at] == "-c":
            return ANYWHERE
        at += 1
    rest = call.rest(at + 1) if call.text(at) == "-m" else None
    if rest is None:
        return ANYWHERE
    if rest.program.text == "pip":
        return pip(rest) | _environment(call)
    if rest.program.text in ("venv", "virtualenv"):
        return venv(rest)
    if rest.program.text in ("ensurepip", "compileall"):
        return SYSTEM | _environment(call) | absolute(rest)
    return ANYWHERE


def pip(call: Call) -> Writes:
    """`pip install`, `pip wheel`: the environment, the folders that options name, and where a project is built."""
    sub = call.text(call.subcommand(()))
    if sub in ("list", "show", "freeze", "check", "config", "cache", "--version", "debug"):
        return SYSTEM
    if any(head.startswith("-") and call.args[at].text is None for at, head in enumerate(call.heads)):
        return ANYWHERE
    named = all_of(
        tree_at(call, text)
        for text in call.values("--target", "-t", "--prefix", "--root", "-w", "--wheel-dir", "-d", "--dest", "--src")
    )
    return SYSTEM | _homes(call) | absolute(call) | _environment(call) | named | _here(call)


def venv(call: Call) -> Writes:
    """`python -m venv DIR`, `virtualenv DIR`."""
    places = call.positions(("--prompt", "-p", "--python"))
    if any(call.text(at) is None for at in places):
        return ANYWHERE
    return SYSTEM | all_of(tree_at(call, call.text(at)) for at in places)


def uv(call: Call) -> Writes:
    """`uv sync`, `uv pip install`, `uv venv`."""
    sub = call.text(call.subcommand(("--directory", "--project")))
    if sub in ("run", "build", "tool", None):
        return ANYWHERE
    if any(head.startswith("-") and call.args[at].text is None for at, head in enumerate(call.heads)):
        return ANYWHERE
    named = all_of(tree_at(call, text) for text in call.values("--target", "--prefix", "-o", "--output-file"))
    return SYSTEM | _homes(call) | absolute(call) | named | _here(call)


def rustup(call: Call) -> Writes:
    """`rustup target add` and the like."""
    return SYSTEM | _homes(call) if call.text(call.subcommand(())) != "run" else ANYWHERE


def openssl(call: Call) -> Writes:
    """`openssl req -out FILE` and the like."""
    return absolute(call) | _here(call)


def awk(call: Call) -> Writes:
    """`awk`, whose program may write files, too."""
    return ANYWHERE if any(">" in head or "system" in head or not head for head in call.heads) else NOTHING


def _here(call: Call) -> Writes:
    """The tree in which a tool runs; a tool that runs in `/` may write anywhere."""
    return top(call.place("."))


def _homes(call: Call) -> Writes:
    """The folders that variables give the tools for what they keep."""
    places = [call.place(value.partition(":")[0]) for name in _HOMES if (value := call.env.get(name))]
    return Writes(trees=tuple(place for place in places if place is not None and place != "/"))


def _environment(call: Call) -> Writes:
    """The virtual environment that a program called by its path lies in."""
    place = call.place(call.program.text) if "/" in (call.program.text or "") else None
    folder = posixpath.dirname(posixpath.dirname(place)) if place else "/"
    return Writes(trees=(folder,)) if folder != "/" else NOTHING


def build_tool(call: Call) -> Writes:
    """A tool that runs what a project's own files say: as a rule it writes within the project and the system."""
    if any(head.startswith("-") and call.args[at].text is None for at, head in enumerate(call.heads)):
        return ANYWHERE
    here = _here(call)
    return SYSTEM | _homes(call) | absolute(call) | here | Writes(usual=True)


_PACKAGES = (
    "apt-get apt aptitude dpkg apt-mark apt-key apt-cache apk yum dnf microdnf tdnf zypper pacman rpm gem adduser "
    "useradd addgroup groupadd usermod groupmod deluser userdel passwd chpasswd chsh update-ca-certificates "
    "update-alternatives locale-gen localedef update-locale dpkg-reconfigure systemctl a2enmod a2ensite a2dissite "
    "docker-php-ext-install docker-php-ext-configure docker-php-ext-enable pecl install-php-extensions "
    "add-apt-repository corepack update-rc.d service rc-update mandb fc-cache debconf-set-selections gpg gpgconf "
    "ldconfig dpkg-query dpkg-architecture rpmkeys yum-config-manager subscription-manager crudini"
)
_BUILD_TOOLS = (
    "npm yarn pnpm bun npx pnpx bunx mvn mvnw gradle gradlew dotnet composer bundle bundler mix rebar3 sbt lein tsc "
    "ng vite next nuxt nuxi webpack rollup esbuild nx turbo lerna poetry pdm pipenv hugo mkdocs node deno swift "
    "flutter dart stack cabal wasm-pack trunk bower gulp grunt react-scripts"
)
READERS = {
    **dict.fromkeys(_PACKAGES.split(), packages),
    **dict.fromkeys(("go", "xx-go", "garble", "tinygo"), go),
    **dict.fromkeys(("cargo", "cross", "xx-cargo"), cargo),
    "cc": compiler,
    "ar": archiver,
    "ranlib": archiver,
    "python": python,
    "pip": pip,
    "virtualenv": venv,
    "uv": uv,
    "rustup": rustup,
    "openssl": openssl,
    **dict.fromkeys(_BUILD_TOOLS.split(), build_tool),
    **dict.fromkeys(("awk", "gawk", "mawk"), awk),
}
