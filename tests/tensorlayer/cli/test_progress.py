"""The display of long computations, on a terminal that is a text buffer."""

from __future__ import annotations

import io
import threading
import time

import pytest
from rich.console import Console

from tensorlayer.cli import progress


def shown(*, seconds: float, terminal: bool) -> str:
    buffer = io.StringIO()
    console = Console(file=buffer, force_terminal=terminal, width=80, color_system=None)
    with progress.shown_progress(console) as told:
        told(1, 3)
        time.sleep(seconds)
    return buffer.getvalue()


def test_a_long_computation_shows_its_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.01)
    display = shown(seconds=0.4, terminal=True)
    assert "computing" in display
    assert "1/3" in display


def test_a_short_computation_shows_nothing() -> None:
    assert "computing" not in shown(seconds=0.0, terminal=True)


def test_a_pipe_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE", 0.01)
    assert shown(seconds=0.1, terminal=False) == ""


def test_no_thread_is_left_after_an_error() -> None:
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), progress.shown_progress():
        raise ZeroDivisionError
    assert threading.active_count() == before
