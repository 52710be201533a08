"""What a build file asks for."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class Inline(Struct, frozen=True):
    """The text of a Dockerfile that stands in a build file: in the file at `path`, from `line` (from 1) on."""

    text: str
    path: str
    line: int


class BuildRequest(Struct, frozen=True, kw_only=True):
    """A build of a Dockerfile that a file of the repository asks for.

    `path` (relative to the project root, with `/`), `line` and `column` (from 1) are the place of the words that ask:
    those of the target where there is one, else of an inline Dockerfile's text, else of the build. `kind` is compose,
    bake, workflow, ci, make, script, package, skaffold, werf, tilt, devcontainer or earthly, and `name` what people
    call the build: the service, the bake target, the job.

    `dockerfile` and `context` are paths relative to the project root ("." is the root itself), None where they are not
    literal or lie outside; `context` is None for a remote one, too. `target` is a stage's name, "" for the default,
    None where it is not literal; one with a default that whoever builds may change comes as two requests, of which the
    second has None. Values of `arguments` are None where they are not literal. `contexts` are named contexts: local
    ones as paths relative to the project root, "" where they are not literal. `ships` is false where the result is no
    image that people run: a local output, a cache, a mere context of another build. `inline` is a Dockerfile that
    stands in a build file.
    """

    path: str
    line: int
    kind: str
    column: int = 1
    name: str = ""
    dockerfile: str | None = "Dockerfile"
    target: str | None = ""
    context: str | None = "."
    arguments: Mapping[str, str | None] = {}
    contexts: Mapping[str, str] = {}
    ships: bool = True
    inline: Inline | None = None
