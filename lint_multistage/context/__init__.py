"""A build context: the files that COPY and ADD may bring."""

from lint_multistage.context.folder import Context

__all__ = ["Context"]
