from __future__ import annotations

import subprocess
import sys

from report_samples import found, results

from lint_multistage.reports import lint_multistage_reports


def test_each_format_has_its_own_report() -> None:
    reports = lint_multistage_reports()
    run = results(found("FROM «gcc»\n"))
    assert list(reports) == [
        "text", "concise", "json", "sarif", "github", "gitlab", "checkstyle", "junit", "markdown"
    ]  # fmt: skip
    assert reports["text"](run).startswith("Dockerfile:1:6 MS301 what is wrong\n")
    assert reports["concise"](run) == "Dockerfile:1:6: warning MS301 what is wrong\n"
    assert reports["json"](run).startswith('{\n  "version": 1,')
    assert '"version": "2.1.0"' in reports["sarif"](run)
    assert reports["github"](run).startswith("::warning file=Dockerfile,")
    assert reports["gitlab"](run).startswith('[\n  {\n    "description": "MS301: what is wrong"')
    assert "<checkstyle version=" in reports["checkstyle"](run)
    assert "<testsuites name=" in reports["junit"](run)
    assert reports["markdown"](run).startswith("### lint-multistage: 1 finding (1 warning) in 1 file\n")


def test_only_the_chosen_report_is_loaded() -> None:
    script = (
        "import sys\n"
        "from lint_multistage.reports import lint_multistage_reports\n"
        "from lint_multistage.results import Results\n"
        "lint_multistage_reports()['concise'](Results((), ()))\n"
        "print(*sorted(name for name in sys.modules if name.startswith('lint_multistage.reports.')))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["lint_multistage.reports.concise", "lint_multistage.reports.style"]
