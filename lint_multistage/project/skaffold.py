"""Skaffold and werf configurations: the images that they build."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping

from lint_multistage.project.files import ProjectFiles
from lint_multistage.project.requests import BuildRequest
from lint_multistage.project.yaml_nodes import Node

_MOST_ARTIFACTS = 500


def read_skaffold(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the artifacts of a skaffold.yaml ask for, those of its profiles included."""
    requests: list[BuildRequest] = []
    for root in files.yaml(path):
        profiles = root.get("profiles")
        for each in (root, *(profiles.values if profiles is not None else ())):
            artifacts = each.get("build", "artifacts")
            for artifact in artifacts.values[:_MOST_ARTIFACTS] if artifacts is not None else ():
                found = _artifact(artifact, path)
                if found is not None:
                    requests.append(found)
    return requests[:_MOST_ARTIFACTS]


def _artifact(artifact: Node, path: str) -> BuildRequest | None:
    docker = artifact.get("docker") or artifact.get("kaniko")
    others = ("buildpacks", "jib", "bazel", "custom", "ko")
    if not artifact.is_mapping or (docker is None and any(artifact.get(other) is not None for other in others)):
        return None
    context = literal(artifact.text_of("context") or ".")
    file = literal((docker.text_of("dockerfile") if docker is not None else "") or "Dockerfile")
    target = docker.get("target") if docker is not None else None
    inputs = docker.get("buildArgs") if docker is not None else None
    place = target or artifact
    return BuildRequest(
        path=path,
        line=place.line,
        column=place.column,
        kind="skaffold",
        name=artifact.text_of("image"),
        dockerfile=below(path, context, file),
        target=literal(target.text) if target is not None else "",
        context=below(path, context),
        arguments=dict(_arguments(inputs)),
    )


def read_werf(path: str, text: str, files: ProjectFiles) -> list[BuildRequest]:
    """What the images of a werf.yaml ask for that are built from Dockerfiles."""
    requests: list[BuildRequest] = []
    for root in files.yaml(path):
        file = root.get("dockerfile")
        if file is None or not file.is_scalar or (root.get("image") is None and root.get("artifact") is None):
            continue
        context = literal(root.text_of("context") or ".")
        target = root.get("target")
        place = target or file
        requests.append(
            BuildRequest(
                path=path,
                line=place.line,
                column=place.column,
                kind="werf",
                name=root.text_of("image"),
                dockerfile=below(path, context, literal(file.text)),
                target=literal(target.text) if target is not None else "",
                context=below(path, context),
                arguments=dict(_arguments(root.get("args"))),
            )
        )
    return requests


def literal(text: str) -> str | None:
    """A value of a configuration; None where it is a template."""
    return None if "{{" in text or "${" in text else text


def below(path: str, *parts: str | None) -> str | None:
    """The path of `parts` below the folder of the file `path`; None where it is not known or lies outside the root."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts) or any(part.startswith(("/", "~")) or "://" in part for part in known):
        return None
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(path), *known))
    return None if joined == ".." or joined.startswith("../") else joined


def _arguments(node: Node | None) -> Iterator[tuple[str, str | None]]:
    pairs: Mapping[str, Node] = node.fields if node is not None else {}
    yield from ((name, literal(value.text)) for name, value in pairs.items() if value.is_scalar)
