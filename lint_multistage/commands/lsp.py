"""`lint-multistage lsp`."""

from __future__ import annotations

import os
from argparse import Namespace

from lint_multistage.linting import Options
from lint_multistage.settings.errors import UsageError


def run(arguments: Namespace) -> int:
    """Serve an editor until it says goodbye, over standard input and output or TCP, and give the exit status."""
    try:
        from lint_multistage.lsp.server import make_server
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError("lint-multistage lsp needs pygls: install it with the extra, 'lint-multistage[lsp]'") from None
    if arguments.project_root and not os.path.isdir(arguments.project_root):
        raise UsageError(f"--project-root: there is no folder {arguments.project_root}")
    options = Options(
        # What folders are walked without is not to be marked where it is opened, either.
        overrides={"force-exclude": ("lint-multistage lsp", True)},
        isolated=arguments.isolated,
        config=arguments.config,
        project_root=arguments.project_root,
    )
    server = make_server(options)
    if arguments.tcp:
        server.start_tcp(*_address(arguments.tcp))
    else:
        server.start_io()
    return 0


def _address(text: str) -> tuple[str, int]:
    """Host and port of `[HOST:]PORT`; without a host only this machine is served."""
    host, _, port = text.rpartition(":")
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--tcp: write PORT or HOST:PORT, not {text}")
    return host.strip("[]") or "127.0.0.1", int(port)
