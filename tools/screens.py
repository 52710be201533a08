"""Pictures of what the linter prints, for the documentation: python tools/screens.py [--check].

Each is an SVG of a terminal, made of the real output of a command on the examples. With --check nothing is written:
exit status 1 where a picture is stale.
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "images"
SCREENS = {
    "report.svg": "lint-multistage --isolated examples/c/before/Dockerfile",
    "graph.svg": "lint-multistage graph examples/c/after/Dockerfile",
}
COLUMNS = 100
WIDTH, HEIGHT, MARGIN = 8.4, 19, 16
# Of a dark terminal, by the numbers of SGR.
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea"}
BACK, FRONT, FAINT = "#161b22", "#e6edf3", "#8b949e"


def output(command: str) -> str:
    """What a command prints in colour, where it ends with 0 or 1."""
    words = [sys.executable, "-m", "lint_multistage", *command.split()[1:], "--color", "always"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: {done.stderr}")
    return done.stdout


def runs(line: str) -> Iterator[tuple[str, str]]:
    """The parts of a line with the CSS of each."""
    style = ""
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b["):
            codes = part[2:-1].split(";")
            rules = [f"fill:{COLOURS[code]}" for code in codes if code in COLOURS]
            rules += ["font-weight:bold"] * ("1" in codes) + [f"fill:{FAINT}"] * ("2" in codes)
            style = ";".join(rules)
        elif part:
            yield part, style


def wrapped(line: str) -> Iterator[str]:
    """A line in pieces that fit, each with the looks that hold in it."""
    look, column, piece = "", 0, ""
    for part in re.split(r"(\x1b\[[0-9;]*m)", line):
        if part.startswith("\x1b["):
            look = part
            piece += part
            continue
        for char in part:
            if column == COLUMNS:
                yield piece
                piece, column = look, 0
            piece += char
            column += 1
    yield piece


def picture(command: str, text: str) -> str:
    """The SVG of a terminal in which a command ran."""
    lines = [f"\x1b[2m$\x1b[0m {command}", *text.rstrip("\n").split("\n")]
    rows = [piece for line in lines for piece in wrapped(line)]
    width, height = COLUMNS * WIDTH + 2 * MARGIN, len(rows) * HEIGHT + 2 * MARGIN
    body = []
    for number, row in enumerate(rows):
        spans = "".join(
            f'<tspan style="{style}">{html.escape(part)}</tspan>' if style else f"<tspan>{html.escape(part)}</tspan>"
            for part, style in runs(row)
        )
        body.append(f'<text x="{MARGIN}" y="{MARGIN + (number + 0.75) * HEIGHT:g}" xml:space="preserve">{spans}</text>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" role="img">\n'
        f"<title>{html.escape(command)}</title>\n"
        f'<rect width="100%" height="100%" rx="8" fill="{BACK}"/>\n'
        f'<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14" fill="{FRONT}">\n'
        + "\n".join(body)
        + "\n</g>\n</svg>\n"
    )


def main() -> int:
    stale = 0
    for name, command in SCREENS.items():
        path = FOLDER / name
        drawn = picture(command, output(command))
        if "--check" not in sys.argv:
            path.parent.mkdir(exist_ok=True)
            path.write_text(drawn, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != drawn:
            print(f"{path.relative_to(ROOT)} is stale: run python tools/screens.py", file=sys.stderr)
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
