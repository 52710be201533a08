"""What the names of stages, files and folders tell of an image's role."""

from __future__ import annotations

import posixpath
import re

# Words of stage names, file names and folder names, and the role that they tell.
_WORDS = (
    (
        "development",
        "dev devel develop development local workspace devcontainer shell playground debug debugger debugging editable",
    ),
    (
        "test",
        "test tests tester testers testing unittest unittests e2e integration spec coverage bench benchmark fuzz "
        "fuzzing playwright cypress",
    ),
    ("ci", "ci lint linter linting check checks validate validation vendor format fmt docs doc"),
    ("export", "export exporter output outputs artifact artifacts artefact artefacts"),
    ("toolchain", "builder build buildenv buildbase toolchain toolchains sdk compile compiler cross"),
)
_ROLES = {word: role for role, words in _WORDS for word in words.split()}
# Folders tell less: many hold what ships, too. What lies anywhere below these does not.
_FOLDERS = {
    **dict.fromkeys("dev development devcontainer workspace playground debug editable".split(), "development"),
    **dict.fromkeys(
        "test tests testing e2e integration spec coverage bench benchmark fuzz fuzzing clusterfuzzlite".split(), "test"
    ),
    **dict.fromkeys("ci lint linting validate validation".split(), "ci"),
    **dict.fromkeys(
        "toolchain toolchains cross cross-images buildenv build-env build-image build-images".split(), "toolchain"
    ),
    "packaging": "toolchain",
}
# The folder that holds the Dockerfile often has the name of the image.
_NAMES_OF_IMAGES = {
    **dict.fromkeys("dev devel devcontainer".split(), "development"),
    **dict.fromkeys("e2e test tests".split(), "test"),
    **dict.fromkeys("ci lint linter tools tooling".split(), "ci"),
    **dict.fromkeys("builder buildenv toolchain toolchains cross".split(), "toolchain"),
}
_SPLIT = re.compile(r"[-_.\s]+")
_MOST_WORDS = 2
_FILE = re.compile(r"(?i)^(?:docker|container)file|(?:docker|container)file$")
_VERSION = re.compile(r"v?\d[\d.]*")


def role_of_name(name: str) -> str:
    """The role that the last telling word of a name tells, "" for none: `test-runner` is a test, `app-dev` is for
    development.
    """
    words = _SPLIT.split(name.lower())
    return next((_ROLES[word] for word in reversed(words) if word in _ROLES), "")


def role_of_path(path: str) -> tuple[str, str]:
    """The role that the path of a Dockerfile (relative to the root of its project) tells, and why; "" for none."""
    folder, _, name = path.rpartition("/")
    rest = _FILE.sub("", name).strip("-._")
    # A longer name is about something else: `final-from-builder.Dockerfile`.
    if len(_SPLIT.split(rest)) <= _MOST_WORDS and (role := role_of_name(rest)):
        return role, f"the file is named '{name}'"
    folders = folder.split("/") if folder else []
    words = [word for word in _SPLIT.split(posixpath.basename(folder).lower()) if not _VERSION.fullmatch(word)]
    if words and (role := _NAMES_OF_IMAGES.get(words[-1], "")):
        return role, f"it lies in '{folders[-1]}'"
    for at in range(len(folders) - 1, -1, -1):
        word = folders[at].lower().lstrip(".")
        if role := _FOLDERS.get(word, ""):
            return role, f"it lies in '{folders[at]}'"
        if word == "local" and folders[at - 1 : at] != ["usr"]:
            return "development", f"it lies in '{folders[at]}'"
    return "", ""
