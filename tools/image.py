"""Build the linter's image from the Dockerfile as it stands, and run it: python tools/image.py COMMAND.

COMMAND is the linter to compare with: the image must report of the examples what COMMAND reports. Needs root, buildah
and debootstrap (apt-get installs what is missing), but no engine and no registry of images: the base image is made of
Debian's packages, under the name that FROM asks for. Ends with 1 where anything of this fails.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ("c/before/Dockerfile", "c/after/Dockerfile", "go/before/Dockerfile", "go/after/Dockerfile", "compose.yaml")
SUITE, PYTHON = "bookworm", "3.11"
MIRROR = "http://deb.debian.org/debian"
PACKAGES = "python3,python3-pip,python3-venv,ca-certificates"
BASE = f"docker.io/library/python:{PYTHON}-slim-{SUITE}"
BUILT = "localhost/lint-multistage"
TRIES = 3
_PLACE = re.compile(r"(?:(file:)//)?(/[^\s'\"]+)")


class Fault(Exception):
    """What is wrong with the image, or why it cannot be built."""


def run(*command: str, status: tuple[int, ...] = (0,)) -> str:
    """What a command prints. Fault, with all that it said, unless it ends with one of `status`."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in status:
        raise Fault(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-6000:]}{done.stderr[-6000:]}")
    return done.stdout


def fetch(*command: str) -> None:
    """Run a command that needs the network; again, after a pause, where it fails."""
    for pause in (5, 20, 0):
        try:
            run(*command)
            return
        except Fault:
            if not pause:
                raise
            time.sleep(pause)


def install() -> None:
    missing = [name for name in ("buildah", "debootstrap") if not shutil.which(name)]
    if missing:
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        fetch("apt-get", "update", "-qq")
        fetch("apt-get", "install", "-qq", "--no-install-recommends", *missing)


def make_base(folder: Path) -> None:
    """What the official slim Python image is, as far as the Dockerfile asks: Debian with Python, pip and venv."""
    fetch("debootstrap", "--variant=minbase", f"--include={PACKAGES}", SUITE, str(folder), MIRROR)
    for name in ("python", "python3"):
        (folder / "usr/local/bin" / name).symlink_to("/usr/bin/python3")


def pip_settings(folder: Path) -> list[str]:
    """Options that lend the build this machine's pip settings, with the files that they name; no layer keeps them."""
    listed = run(sys.executable, "-m", "pip", "config", "list")
    settings = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        settings[name.replace(":env:.", "global.").rpartition(".")[2]] = value.strip("'\"")
    configuration = folder / "pip.conf"
    configuration.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))
    volumes = [f"{configuration}:/etc/pip.conf", *(f"{place}:{place}" for place in sorted(places(settings.values())))]
    return [option for volume in volumes for option in ("--volume", f"{volume}:ro")]


def places(values: Iterable[str]) -> set[Path]:
    """The files and folders of this machine that pip settings name."""
    found = set()
    for scheme, text in (match for value in values for match in _PLACE.findall(value)):
        path = Path(text)
        if path.exists() and path != Path("/"):
            # The packages of an index in a folder may lie beside it.
            beside = bool(scheme) and path.is_dir() and len(path.parts) > 2
            found.add(path.parent if beside else path)
    return found


def build(folder: Path) -> list[str]:
    """Build the image in `folder`; the beginning of the command that does something with it."""
    buildah = [
        "buildah",
        "--storage-driver",
        "vfs",
        "--root",
        str(folder / "storage"),
        "--runroot",
        str(folder / "run"),
    ]
    make_base(folder / "base")
    container = run(*buildah, "from", "scratch").strip()
    run(*buildah, "add", "--quiet", container, str(folder / "base"), "/")
    run(*buildah, "commit", "--quiet", "--rm", container, BASE)
    arguments = ["--pull-never", "--isolation", "chroot", "--build-arg", f"PYTHON_VERSION={PYTHON}"]
    run(*buildah, "build", *arguments, *pip_settings(folder), "--tag", BUILT, str(ROOT))
    return buildah


def findings(report: str) -> list[object]:
    """What a report in JSON says."""
    document = json.loads(report)
    return [document["files"], document["findings"], document["notes"], document["errors"]]


def check(buildah: list[str], command: str) -> None:
    """Fault unless the image says of the examples what `command` says, and is what it should be."""
    image = json.loads(run(*buildah, "inspect", "--type", "image", BUILT))["OCIv1"]["config"]
    if (image["Entrypoint"], image["User"], image["WorkingDir"]) != (["lint-multistage"], "65532:65532", "/work"):
        raise Fault(f"the image is not set up as the Dockerfile says: {image}")
    container = run(*buildah, "from", "--pull-never", BUILT).strip()
    inside = [*buildah, "run", "--isolation", "chroot", "--volume", f"{ROOT / 'examples'}:/work:ro", container]
    arguments = ["--isolated", "--format", "json", *EXAMPLES]
    here = subprocess.run([command, *arguments], cwd=ROOT / "examples", capture_output=True, text=True)
    there = run(*inside, *image["Entrypoint"], *arguments, status=(here.returncode,))
    if not findings(here.stdout)[1] or findings(here.stdout) != findings(there):
        raise Fault(f"the image reports\n{there}\nand {command}\n{here.stdout}{here.stderr}")
    user = run(*inside, "id", "-u").strip()
    if user != "65532":
        raise Fault(f"the image runs as user {user}")
    left = run(*inside, "find", "/opt/lint-multistage", "-maxdepth", "5", "-name", "pip*")
    if left:
        raise Fault(f"the image carries what only building needs: {left}")


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lint-multistage-image-") as name:
        try:
            install()
            check(build(Path(name)), str(Path(arguments[0]).resolve()))
        except (Fault, OSError) as fault:
            print(f"image: {fault}", file=sys.stderr)
            return 1
    print(f"image: built and run in {time.monotonic() - start:.0f} s; it reports what is reported outside")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
