"""Products of Python: installed packages, environments, wheels and frozen programs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from msgspec.structs import replace

from lint_multistage.contents.products.call import DYNAMIC, Call, Product, is_true, own_folder
from lint_multistage.contents.products.sites import site, sphinx
from lint_multistage.late import late_regex

_PYTHON_VALUED = ("-W", "-X", "-Q", "--check-hash-based-pycs")
_PIP_VALUED = frozenset(
    (
        "-r -c -e -t -i -f -w --requirement --constraint --editable --target --prefix --root --src --index-url "
        "--extra-index-url --find-links --wheel-dir --trusted-host --timeout --retries --cache-dir --python-version "
        "--platform --only-binary --no-binary --progress-bar --upgrade-strategy --python -p --log --proxy "
        "--default-timeout --implementation --abi --config-settings --group --index --exclude-newer --torch-backend "
        "--build-constraint"
    ).split()
)
# What is installed to install or build other things.
_INSTALLERS = frozenset(
    (
        "pip setuptools wheel uv poetry poetry-core pdm pipenv build hatch hatchling flit flit-core virtualenv twine "
        "tox nox cython ninja cmake meson meson-python scikit-build scikit-build-core setuptools-scm setuptools-rust "
        "maturin packaging pybind11 conan auditwheel pyinstaller nuitka pex shiv poetry-plugin-export "
        "poetry-dynamic-versioning pip-tools"
    ).split()
)
_PACKAGE = late_regex(r"([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*(?:[=<>!~@].*)?", re.DOTALL)
_SYSTEM_FOLDERS = frozenset(
    ("/bin", "/usr/bin", "/usr/local/bin", "/sbin", "/usr/sbin", "/root/.local/bin", "/opt/conda/bin")
)


def environment_of(call: Call) -> str | None:
    """The virtual environment that a Python program belongs to, by its path or by an activated environment."""
    text = call.program.text or ""
    folder, slash, _ = text.rpartition("/")
    if slash:
        place = call.place(folder)
        return posixpath.dirname(place) if place and place.endswith("/bin") and place not in _SYSTEM_FOLDERS else None
    active = call.place(call.env.get("VIRTUAL_ENV"))
    search = call.env.get("PATH", "")
    # Without its folder in front in PATH, VIRTUAL_ENV does not change which pip runs.
    return active if active and search and search.partition(":")[0].rstrip("/") == f"{active}/bin" else None


def python(call: Call) -> Iterator[Product]:
    """`python -m MODULE …`, `python setup.py …`."""
    at = 0
    while at < len(call.args) and call.heads[at].startswith("-") and call.heads[at] not in ("-m", "-c", "-"):
        at += 2 if call.heads[at] in _PYTHON_VALUED else 1
    rest = call.rest(at + 1)
    if call.text(at) == "-m" and rest is not None:
        reader = _MODULES.get(rest.program.text or "")
        if reader is not None:
            yield from reader(_in_environment(rest, call))
    elif (call.text(at) or "").rpartition("/")[2] == "setup.py":
        yield from _setup(call, at)


def _in_environment(module: Call, interpreter: Call) -> Call:
    """The call of a module, in the environment that the interpreter's path tells."""
    if "/" not in (interpreter.program.text or ""):
        return module
    folder = environment_of(interpreter)
    return module.with_env({"VIRTUAL_ENV": folder, "PATH": f"{folder}/bin"} if folder else {"VIRTUAL_ENV": None})


def pip(call: Call) -> Iterator[Product]:
    """`pip install`, `pip wheel`."""
    at = call.subcommand(_PIP_VALUED)
    sub = call.text(at)
    if call.has("--dry-run", "--help", "-h"):
        return
    if sub == "wheel":
        outs = call.values("-w", "--wheel-dir", glued=True)
        path = own_folder(call.place(outs[-1])) if outs else None
        yield call.product("python", "pip wheel", path=path, sure=False, last=at)
    elif sub == "install" and not _only_installers(call, at):
        path, given = _pip_folder(call)
        path = path if given else environment_of(call)
        made = call.product("python", "pip install", path=path, sure=False, last=at)
        yield replace(made, addons=_compiled(call, at)) if path else made


def _compiled(call: Call, at: int) -> tuple[str, ...]:
    """The packages for one C library among those that are named, or that files of requirements at hand name."""
    from lint_multistage.contents.products.manifests import compiled_requirements

    named = [call.text(number) or "" for number in call.positions(_PIP_VALUED, at + 1)]
    for name in (*call.values("-r"), *call.values("--requirement")):
        named += (call.file(name) or "").splitlines() if name else ()
    return compiled_requirements(named)


def _only_installers(call: Call, at: int) -> bool:
    if call.has("-r", "--requirement", "-e", "--editable", "--group") or any(h.startswith("-r") for h in call.heads):
        return False
    names = [_PACKAGE.fullmatch(call.heads[place]) for place in call.positions(_PIP_VALUED, at + 1)]
    return all(match is not None and match[1].lower().replace("_", "-") in _INSTALLERS for match in names)


def _pip_folder(call: Call) -> tuple[str | None, bool]:
    """Where the options tell pip to install, and whether they do."""
    for names in (("--target", "-t"), ("--prefix",), ("--root",)):
        values = call.values(*names)
        if values:
            return own_folder(call.place(values[-1])), True
    if call.has("--user"):
        base = call.env.get("PYTHONUSERBASE", "~/.local")
        return call.place(base), True
    for variable in ("PIP_TARGET", "PIP_PREFIX"):
        if variable in call.env:
            return own_folder(call.place(call.env[variable])), True
    return None, False


def venv(call: Call) -> Iterator[Product]:
    """`python -m venv DIR`, `virtualenv DIR`."""
    valued = ("--prompt", "-p", "--python", "--pip", "--setuptools", "--wheel", "--app-data", "--seeder", "--creator")
    places = call.positions(valued)
    if places and not call.has("--help", "-h", "--version"):
        path = own_folder(call.place(call.text(places[-1])))
        label = "python -m venv" if call.name == "venv" else "virtualenv"
        yield call.product("python", label, path=path, sure=False, last=places[-1])


_UV_VALUED = frozenset(
    (
        "--project --directory --python -p --group --extra --package --only-group --no-group --no-extra --index-url "
        "-i --extra-index-url --find-links -f --cache-dir --config-file --index --link-mode --prompt "
        "--no-install-package --default-index --index-strategy --exclude-newer --refresh-package --upgrade-package "
        "-P -o --out-dir --color --with"
    ).split()
)


def uv(call: Call) -> Iterator[Product]:
    """`uv sync`, `uv pip install`, `uv venv`, `uv build`."""
    at = call.subcommand(_UV_VALUED)
    sub = call.text(at)
    if call.has("--help", "--dry-run", "-h"):
        return
    folders = call.values("--directory")
    if folders:
        call = call.moved(folders[-1])
    if sub == "pip":
        inner = call.rest(at)
        if inner is not None and inner.text(inner.subcommand()) == "install" and not _only_installers(inner, 0):
            path, given = _pip_folder(inner)
            if not given and not call.has("--system", "-p", "--python") and "UV_SYSTEM_PYTHON" not in call.env:
                path = call.place(call.env.get("VIRTUAL_ENV"))
            yield call.product("python", "uv pip install", path=path, sure=False, last=at + 1)
    elif sub == "sync":
        project = call.place(call.value("--project")) if call.has("--project") else call.place(".")
        folder = call.env.get("UV_PROJECT_ENVIRONMENT", "")
        path = call.place(call.env.get("VIRTUAL_ENV")) if call.has("--active") else None
        if not call.has("--active"):
            path = None if folder is None else call.inside(project, folder or ".venv")
        yield call.product("python", "uv sync", path=own_folder(path), sure=False, last=at)
    elif sub == "venv":
        names = call.positions(_UV_VALUED, at + 1)
        path = own_folder(call.place(call.text(names[0]) if names else ".venv"))
        yield call.product("python", "uv venv", path=path, sure=False, last=at)
    elif sub == "build":
        yield _built(call, "uv build", call.values("-o", "--out-dir"), at, "")


def project_tool(call: Call) -> Iterator[Product]:
    """`poetry install`, `pdm sync`, `pipenv sync`, `hatch build`, `flit build`, `rye sync`."""
    name = call.name
    valued = (
        "-C",
        "--directory",
        "-P",
        "--project",
        "-p",
        "--python",
        "-G",
        "--group",
        "-E",
        "--extras",
        "--with",
        "--only",
    )
    at = call.subcommand(valued)
    sub = call.text(at)
    if call.has("--help", "-h", "--dry-run"):
        return
    folders = call.values(*(("-C", "--directory", "-P", "--project") if name == "poetry" else ("-p", "--project")))
    if folders and name != "pipenv":
        call = call.moved(folders[-1])
    if sub in ("install", "sync") and name in ("poetry", "pdm", "pipenv", "rye", "pixi"):
        yield call.product("python", f"{name} {sub}", path=_project_environment(call), sure=False, last=at)
    elif sub == "build" and name in ("poetry", "pdm", "hatch", "flit", "rye", "maturin"):
        options = {
            "poetry": ("-o", "--output"),
            "pdm": ("-d", "--dest"),
            "maturin": ("-o", "--out"),
            "rye": ("-o", "--out"),
        }
        default = "" if name in ("maturin", "rye", "hatch") else "dist"
        yield _built(call, f"{name} build", call.values(*options.get(name, ())), at, default)


def _project_environment(call: Call) -> str | None:
    """Where a project tool keeps the environment; poetry's and pipenv's own folders have names that are hashes."""
    env = call.env
    active = environment_of(call) if "/" not in (call.program.text or "") else None
    if active is not None:
        return active
    name = call.name
    inside = {
        "poetry": is_true(env.get("POETRY_VIRTUALENVS_IN_PROJECT"))
        and not _off(env.get("POETRY_VIRTUALENVS_CREATE", "1")),
        "pipenv": is_true(env.get("PIPENV_VENV_IN_PROJECT")) and not call.has("--system"),
        "rye": True,
        "pdm": "VIRTUAL_ENV" not in env and "PDM_USE_VENV" not in env,
    }.get(name, False)
    return call.inside(call.place("."), ".venv") if inside else None


def _off(text: str | None) -> bool:
    return text is None or text.lower() in ("0", "false", "no", "off")


def _built(call: Call, label: str, outs: list[str | None], last: int, default: str) -> Product:
    """A wheel in the folder that the options name."""
    path = own_folder(call.place(outs[-1])) if outs else call.inside(call.place("."), default) if default else None
    return call.product("python", label, path=path, last=last)


def build_module(call: Call) -> Iterator[Product]:
    """`python -m build [-o DIR] [SOURCE]`."""
    if call.has("--help", "-h", "--version", "-V"):
        return
    sources = call.positions(("-o", "--outdir", "-C", "--config-setting", "--installer"))
    source = call.moved(call.text(sources[0])) if sources else call
    outs = call.values("-o", "--outdir")
    yield _built(call if outs else source, "python -m build", outs, -1, "dist")


def _setup(call: Call, at: int) -> Iterator[Product]:
    """`python setup.py bdist_wheel`, `build_ext`, `install`."""
    commands = {"bdist_wheel", "sdist", "bdist_egg", "bdist", "build", "build_ext", "install", "develop", "py2exe"}
    found = [place for place in range(at + 1, len(call.args)) if call.text(place) in commands]
    if not found:
        return
    command = call.text(found[-1]) or ""
    script = call.text(at) or ""
    default = (
        "dist" if command in ("bdist_wheel", "sdist", "bdist_egg") and script in ("setup.py", "./setup.py") else ""
    )
    product = _built(call, f"python setup.py {command}", call.values("-d", "--dist-dir"), found[-1], default)
    if default or command == "bdist":
        yield product
    else:
        # It may only make the project usable where it stands.
        path = None
        if command == "install":
            path = own_folder(call.place(call.value("--prefix") or call.value("--root")))
        yield call.product("python", product.command, path=path, sure=command == "build", last=found[-1])


def pyinstaller(call: Call) -> Iterator[Product]:
    """`pyinstaller app.py`: dist/app, a file or a folder."""
    if call.has("--help", "-h", "--version", "-v"):
        return
    valued = (
        "-n --name --distpath --workpath --specpath -p --paths --add-data --add-binary --hidden-import "
        "--hiddenimport --collect-all --collect-data --collect-submodules --collect-binaries --copy-metadata "
        "--additional-hooks-dir --runtime-hook --exclude-module -i --icon --upx-dir --log-level --runtime-tmpdir "
        "--splash --target-arch"
    ).split()
    sources = call.positions(valued)
    if not sources:
        return
    folder = call.value("--distpath") if call.has("--distpath") else "dist"
    source = call.text(sources[0]) or ""
    name: str | None = None
    if call.has("-n", "--name"):
        name = call.value("-n", "--name")
    elif source.endswith(".py"):
        name = source.rpartition("/")[2][:-3]
    path = call.inside(call.place(folder), name)
    yield call.product("python", "pyinstaller", path=path, link=DYNAMIC)


def freezer(call: Call) -> Iterator[Product]:
    """`nuitka`, `pex -o FILE`, `shiv -o FILE`."""
    if not call.args or call.has("--help", "-h", "--version"):
        return
    if call.name in ("pex", "shiv"):
        out = call.value("-o", "--output-file", "--output")
        if out is not None or call.has("-o", "--output-file"):
            yield call.product("python", call.name, path=call.place(out))
    else:
        yield call.product("python", "nuitka", link=DYNAMIC)


def conda(call: Call) -> Iterator[Product]:
    """`conda env create -p DIR`, `conda create`, `conda install`, `conda-pack -o FILE`."""
    if call.has("--help", "-h", "--version", "--dry-run", "-V"):
        return
    if call.name == "conda-pack":
        yield call.product("python", "conda-pack", path=call.place(call.value("-o", "--output")))
        return
    at = call.subcommand()
    sub = call.text(at)
    if sub == "env":
        at = call.subcommand((), at + 1)
        sub = call.text(at)
    if sub in ("create", "update", "install"):
        path = own_folder(call.place(call.value("-p", "--prefix")))
        yield call.product("python", f"{call.name} {sub}", path=path, sure=False, last=at)


_MODULES = {
    "pip": pip,
    "venv": venv,
    "virtualenv": venv,
    "build": build_module,
    "PyInstaller": pyinstaller,
    "nuitka": freezer,
    "poetry": project_tool,
    "pdm": project_tool,
    "pipenv": project_tool,
    "hatch": project_tool,
    "flit": project_tool,
    "maturin": project_tool,
    "uv": uv,
    "mkdocs": site,
    "sphinx": sphinx,
}


READERS = {
    "python": python,
    "pip": pip,
    "uv": uv,
    "virtualenv": venv,
    "poetry": project_tool,
    "pdm": project_tool,
    "pipenv": project_tool,
    "hatch": project_tool,
    "flit": project_tool,
    "rye": project_tool,
    "pixi": project_tool,
    "maturin": project_tool,
    "pyproject-build": build_module,
    "pyinstaller": pyinstaller,
    "nuitka": freezer,
    "nuitka3": freezer,
    "pex": freezer,
    "shiv": freezer,
    "conda": conda,
    "mamba": conda,
    "micromamba": conda,
    "conda-pack": conda,
}
