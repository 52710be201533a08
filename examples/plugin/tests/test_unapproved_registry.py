from acme_lint.unapproved_registry import UnapprovedRegistry

from lint_multistage.testing import check_examples


def test_examples() -> None:
    check_examples(UnapprovedRegistry)
