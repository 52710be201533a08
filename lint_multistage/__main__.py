"""`python -m lint_multistage`."""

from __future__ import annotations

import sys

from lint_multistage.cli import main

sys.exit(main())
