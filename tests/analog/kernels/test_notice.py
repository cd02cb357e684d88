"""Somebody who waits for a compiler at a terminal is told so; nobody else is."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path

import numpy as np
import pytest

from analog.kernels import CPU, Kernel
from analog.kernels.compile import cpu_loop


class Terminal(io.StringIO):
    """Whoever writes here is watched."""

    def isatty(self) -> bool:
        return True


def shift(row: int, first: int, last: int, x: np.ndarray) -> None:
    for column in range(first, last):
        x[row, column] += 11


def launched(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO | None) -> str:
    """What is written while a fresh loop runs for the first time."""
    cpu_loop.cache_clear()
    monkeypatch.setattr(sys, "stderr", stream)
    CPU.launch(Kernel(shift), 1, 1, np.zeros((1, 1), np.int16))
    return "" if stream is None else stream.getvalue()


def test_a_line_is_there_while_a_kernel_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TENSORLAYER_CACHE", str(tmp_path))
    caplog.set_level(logging.INFO, "analog.kernels.notice")
    first, *rest = launched(monkeypatch, Terminal()).split("\r\x1b[K")[1:]
    assert "compiling kernels (" in first
    assert "kept on disk" in first
    assert rest == [""]  # the line is empty again, and no further kernel was compiled
    assert ["compiled in" in record.message for record in caplog.records] == [True]
    assert launched(monkeypatch, Terminal()) == ""  # loaded from the disk
    assert len(caplog.records) == 1


@pytest.mark.parametrize("stream", [io.StringIO(), None])
def test_where_nobody_watches_nothing_is_written(
    stream: io.StringIO | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENSORLAYER_CACHE", str(tmp_path))
    assert launched(monkeypatch, stream) == ""
