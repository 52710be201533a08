"""The progress line, and what the terminal gets."""

from __future__ import annotations

import sys

import pytest

from lint_multistage.commands import terminal


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(terminal, "time", clock)
    return clock


def test_a_short_run_shows_no_progress(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = terminal.Progress(10)
    clock.now = 0.9
    progress(5)
    progress.clear()
    assert capsys.readouterr().err == ""


def test_a_long_run_shows_progress_on_a_terminal_and_takes_it_away(
    clock: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    progress = terminal.Progress(10)
    for now, done in ((1.5, 4), (1.51, 5), (2.0, 6)):
        clock.now = now
        progress(done)
    progress.clear()
    assert capsys.readouterr().err == "\r4 of 10 files\r6 of 10 files\r\x1b[K"


def test_no_progress_in_a_log(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    progress = terminal.Progress(10)
    clock.now = 5
    progress(5)
    progress.clear()
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("choice", "environment", "is_terminal", "expected"),
    [
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {}, True, False),
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"TERM": "dumb"}, True, False),
    ],
)
def test_colour(
    choice: str, environment: dict[str, str], is_terminal: bool, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    assert terminal.coloured(choice) is expected
