from __future__ import annotations

from collections.abc import Iterator

from lint_multistage.api import Check, Finding, Invalid, Severity, Survey, Valid, parse_image

REGISTRY = "images.acme.example"


class UnapprovedRegistry(Check):
    """A stage that ships starts from an image of a registry that Acme does not approve.

    ## Why is this bad?
    Images of other registries are neither scanned nor kept: a build of next year may not find them. Builder stages may
    use any image, since nothing of them ships but what is copied.
    """

    code = "ACME001"
    severity = Severity.WARNING
    valid = (
        Valid("FROM images.acme.example/base:stable\n"),
        Valid("FROM golang AS build\nFROM images.acme.example/base\nCOPY --from=build /app /app\n"),
        Valid("FROM scratch\n"),
    )
    invalid = (
        Invalid("FROM «debian:12»\n", message="docker.io", hint="images.acme.example"),
        Invalid("FROM images.acme.example/go AS build\nFROM «ghcr.io/other/base» AS final\n"),
    )

    def check(self, survey: Survey) -> Iterator[Finding]:
        for stage in survey.shipped:
            image = parse_image(stage.base)
            if stage.parent is not None or stage.base == "scratch" or isinstance(image, str):
                continue
            if image.registry != REGISTRY:
                yield Finding(
                    span=stage.from_.base.span,
                    message=f"'{stage.base}' comes from {image.registry}, which Acme does not approve",
                    hint=f"start from an image of {REGISTRY}",
                    stage=stage.index,
                )
