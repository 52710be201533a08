"""What Acme wants of its Dockerfiles: one check, and what is in Acme's own base images."""

from __future__ import annotations

from acme_lint.unapproved_registry import UnapprovedRegistry
from lint_multistage.api import Check, Image, MoreFacts, Runtime, hookimpl


@hookimpl
def lint_multistage_checks() -> list[type[Check]]:
    return [UnapprovedRegistry]


@hookimpl
def lint_multistage_facts() -> MoreFacts:
    """Acme's Go image holds a compiler; its programs run on Acme's base image."""
    go = Image(
        repositories=("images.acme.example/go",),
        role="toolchain",
        distro="debian",
        libc="glibc",
        toolchains=("go",),
        runtimes=(Runtime("images.acme.example/base:stable"),),
    )
    return MoreFacts(images=(go,))
