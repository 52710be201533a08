"""What the commands of a RUN build, and where it lies: the things that another stage may copy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from importlib import import_module

from lint_multistage.contents.products.call import Call, Product, Read, call_of, nothing_at_hand
from lint_multistage.syntax.shell_commands import Command, Script

__all__ = ["MOVES", "Product", "products"]

# The commands after which `moves.placed` looks where a product went.
MOVES = frozenset(("cp", "mv", "install"))

Reader = Callable[[Call], Iterator[Product]]

# The tools that each module reads; most scripts use few, so a module is loaded when one of its tools is met.
FAMILIES = {
    "beam": "mix rebar3 gleam",
    "dotnet": "dotnet msbuild xbuild mcs csc fsharpc",
    "haskell": "stack cabal ghc",
    "java": (
        "mvn mvnw mvnd gradle gradlew sbt mill ant lein clojure clj javac kotlinc scalac groovyc kotlinc-native "
        "jar jlink jpackage native-image scala-cli quarkus grails grailsw"
    ),
    "libraries": (
        "bundle bundler gem rails rake composer composer.phar php docker-php-ext-install install-php-extensions "
        "pecl carton cpanm"
    ),
    "make": (
        "make gmake just task mage cmake ninja samu meson scons waf xmake b2 bjam colcon bazel bazelisk buck2 "
        "rpmbuild dpkg-buildpackage dpkg-deb debuild makepkg abuild"
    ),
    "native": (
        "swift swiftc zig nim nimble crystal shards dart dart2native flutter dune ocamlopt ocamlc ocamlfind ldc2 "
        "dmd dub valac v odin gnatmake gprbuild fpc cobc"
    ),
    "node": "npm yarn pnpm bun deno grunt gulp lerna nx rush turbo",
    "python": (
        "uv virtualenv poetry pdm pipenv hatch flit rye pixi maturin pyproject-build pyinstaller nuitka nuitka3 "
        "pex shiv conda mamba micromamba conda-pack"
    ),
    "rust": "cargo cross xx-cargo rustc trunk wasm-pack",
    "sites": (
        "hugo sphinx-build jekyll mkdocs mdbook zola middleman bridgetown quarto jupyter-book zensical antora pelican"
    ),
    "web": (
        "vite ng tsc tsgo webpack webpack-cli rspack rollup esbuild next nuxt nuxi react-scripts craco "
        "react-app-rewired vue-cli-service gatsby astro docusaurus vitepress vuepress eleventy parcel svelte-kit "
        "remix react-router nest ionic quasar expo swc babel tsup ncc pkg nexe ember elm build-storybook "
        "storybook strapi medusa asc"
    ),
}
# Tools whose names carry a version or a target, the module that reads them, and the name that they go by there.
SHAPES = (
    (
        r"(?:[\w.]+-)*(?:cc|c\+\+|gcc|g\+\+|clang|clang\+\+|tcc|gfortran|gdc|icx|icpx|icc|icpc|ifort|ifx|nvcc|hipcc"
        r"|emcc|em\+\+|mpicc|mpicxx|mpic\+\+|mpif90|mpifort)(?:-\d+(?:\.\d+)*)?",
        "c",
        "cc",
    ),
    (r"(?:[\w.]+-)*(?:ld|lld|mold)(?:\.(?:bfd|gold|lld))?", "c", "ld"),
    (r"go|xx-go|garble|tinygo|go1\.\d+(?:\.\d+)?|gotip", "go", "go"),
    (r"(?:python|pypy)(?:\d+(?:\.\d+)*)?", "python", "python"),
    (r"pip(?:\d+(?:\.\d+)*)?", "python", "pip"),
)
WRAPPERS = frozenset(
    (
        "asdf bash bear bun bundle bunx cabal ccache conda corepack cross-env cross-env-shell distcc dotenv emcmake "
        "emmake fvm hatch mamba micromamba mise mold npm npx opam pdm pipenv pixi pnpm pnpx poetry retry rustup rye "
        "scan-build sccache sh stack unbuffer uv volta yarn"
    ).split()
)
_ACTIVATE = "/bin/activate"


def products(script: Script, variables: Mapping[str, str], read: Read = nothing_at_hand) -> tuple[Product, ...]:
    """What the commands of `script` build, in order; `variables` is the environment that the RUN starts with, and
    `read` gives the texts of files that are there.
    """
    found: list[Product] = []
    environment: Mapping[str, str | None] = variables
    for command in script.commands:
        name = command.name
        if name in WRAPPERS:
            from lint_multistage.contents.products.wrapped import unwrapped

            call = call_of(command, environment, read)
            call = unwrapped(call) if call else None
        elif _place(name) is not None:
            call = call_of(command, environment, read)
        else:
            environment = _activated(command, environment)
            continue
        reader = _reader(call.name) if call else None
        if call is not None and reader is not None:
            found += reader(call)
    return tuple(found)


@cache
def _tools() -> dict[str, tuple[str, str]]:
    return {name: (module, name) for module, names in FAMILIES.items() for name in names.split()}


@lru_cache(maxsize=2048)
def _place(name: str) -> tuple[str, str] | None:
    """The module that reads the tool `name`, and the tool's name there."""
    if name in _tools():
        return _tools()[name]
    return next(((module, key) for shape, module, key in SHAPES if re.fullmatch(shape, name)), None)


def _reader(name: str) -> Reader | None:
    place = _place(name)
    if place is None:
        return None
    readers: Mapping[str, Reader] = import_module(f"{__name__}.{place[0]}").READERS
    return readers[place[1]]


def _activated(command: Command, environment: Mapping[str, str | None]) -> Mapping[str, str | None]:
    """The environment after `. venv/bin/activate`."""
    if command.name not in (".", "source") or len(command.words) < 2:
        return environment
    call = call_of(command, environment)
    place = call.place(call.text(0)) if call else None
    if place is None or not place.endswith(_ACTIVATE):
        return environment
    folder = place.removesuffix(_ACTIVATE)
    return {**environment, "VIRTUAL_ENV": folder, "PATH": f"{folder}/bin"}
