"""Every check behaves as its examples say, and is made as the contract asks."""

from __future__ import annotations

import inspect
import re

import pytest

from lint_multistage.check import Check, Invalid, Valid
from lint_multistage.model.dockerfile import read_dockerfile
from lint_multistage.plugins import verified
from lint_multistage.testing import check_example
from lint_multistage.text import Source

CHECKS = verified(()).checks


def examples() -> list[object]:
    return [
        pytest.param(check, example, id=f"{check.code}-{kind}-{number}")
        for check in CHECKS
        for kind, given in (("valid", check.valid), ("invalid", check.invalid))
        for number, example in enumerate(given)
    ]


@pytest.mark.parametrize(("check", "example"), examples())
def test_example(check: type[Check], example: Valid | Invalid) -> None:
    check_example(check, example)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_contract(check: type[Check]) -> None:
    assert check.valid
    assert check.invalid
    documentation = inspect.getdoc(check) or ""
    first, _, rest = documentation.partition("\n")
    assert first.endswith(".")
    assert rest.startswith("\n"), "the first sentence stands alone"
    assert "## Why is this bad?" in documentation
    offers_fix = any(example.fixed is not None or example.words for example in check.invalid)
    assert ("## Fix safety" in documentation) == offers_fix
    assert re.sub(r"-", "_", check.name()) == check.__module__.rpartition(".")[2]
    known = {other.code for other in CHECKS}
    assert set(check.yields_to) <= known


@pytest.mark.parametrize("check", [check for check in CHECKS if check.code != "MS901"], ids=lambda check: check.code)
def test_valid_examples_are_dockerfiles(check: type[Check]) -> None:
    for example in check.valid:
        assert not read_dockerfile(Source.of("Dockerfile", example.text)).problems


def test_codes_are_unique() -> None:
    codes = [check.code for check in CHECKS]
    assert codes == sorted(set(codes))
