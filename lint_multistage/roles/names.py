"""What the names of stages, files and folders tell of an image's role."""

from __future__ import annotations

from lint_multistage.late import late_regex

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
    "playwright": "test",
}
# The folder that holds the Dockerfile often has the name of the image.
_NAMES_OF_IMAGES = {
    **dict.fromkeys("dev devel devcontainer".split(), "development"),
    **dict.fromkeys("e2e test tests".split(), "test"),
    **dict.fromkeys("ci lint linter tools tooling".split(), "ci"),
    **dict.fromkeys("builder buildenv toolchain toolchains cross".split(), "toolchain"),
}
# Words that tell in any part of a folder's name, at any depth: `test_runner`, `load-tests`. Users of an A/B test, or of
# one that measures their network, are no developers.
_PARTS = frozenset("test tests e2e integ testdata loadtest loadtests".split())
_FOR_USERS = frozenset(("ab", "speed"))
# Folders that say in what form an image comes, below the one that has its name.
_FORMS = late_regex(
    r"v?\d[\d.]*|rootfs|linux|windows|alpine\d*|debian\d*|ubuntu\d*|bookworm|bullseye|buster|trixie|jammy|noble|"
    r"focal|ltsc\d+|nanoserver|windowsservercore|slim|amd64|arm64"
)
_SPLIT = late_regex(r"[-_.\s]+")
_CAMEL = late_regex(r"(?<=[a-z0-9])(?=[A-Z])")
_MOST_WORDS = 2
_FILE = late_regex(r"(?i)^(?:docker|container)file|(?:docker|container)file$")
_VERSION = late_regex(r"v?\d[\d.]*")


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
    named = len(folders) - 1
    while named > 0 and all(_FORMS.fullmatch(word) for word in _words(folders[named])):
        named -= 1
    words = [word for word in _words(folders[named]) if not _VERSION.fullmatch(word)] if folders else []
    role = _NAMES_OF_IMAGES.get(words[-1], "") if words else ""
    # `tools/linux` holds more than tools.
    if role and (role != "ci" or named == len(folders) - 1) and _FOR_USERS.isdisjoint(words):
        return role, f"it lies in '{folders[named]}'"
    for at in range(len(folders) - 1, -1, -1):
        word = folders[at].lower().lstrip(".")
        # What others wrote and keep here by its host: `vendor/github.com/…`.
        if word == "vendor" and "." in "".join(folders[at + 1 : at + 2]):
            return "ci", f"it lies in '{folders[at]}/{folders[at + 1]}'"
        if role := _FOLDERS.get(word, ""):
            return role, f"it lies in '{folders[at]}'"
        parts = _words(folders[at])
        if not _PARTS.isdisjoint(parts) and _FOR_USERS.isdisjoint(parts):
            return "test", f"it lies in '{folders[at]}'"
        if word == "local" and folders[at - 1 : at] != ["usr"]:
            return "development", f"it lies in '{folders[at]}'"
    return "", ""


def _words(folder: str) -> list[str]:
    """The words of a folder's name: `TestSuite` and `test-suite` have two."""
    return _SPLIT.split(_CAMEL.sub("-", folder).lower())
