"""Compiled code on disk: found by other processes, never stale, never needed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from analog.kernels import CPU, Kernel
from analog.kernels.compile import cpu_loop
from tensorlayer.runtime import cache

ROOT = Path(__file__).parents[3]
#: A script of a user: its functions live in __main__.
SCRIPT = """
import numpy as np
from analog.kernels import CPU, Kernel
from analog.kernels.compile import cpu_loop

def law(x):
    return x {law}

def body(row, first, last, x):
    for column in range(first, last):
        x[row, column] = law(x[row, column])

x = np.full((2, 3), 5.0, np.{dtype})
CPU.launch(Kernel(body), 2, 3, x)
print(x[1, 2], sum(cpu_loop(body).stats.cache_hits.values()))
"""


def start(law: str, dtype: str = "float32") -> subprocess.Popen[str]:
    script = SCRIPT.format(law=law, dtype=dtype)
    command = [sys.executable, "-W", "error", "-c", script]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TENSORLAYER_CACHE", str(tmp_path))
    return tmp_path / "analog"


@pytest.mark.processes
def test_processes_share_code_and_edits_of_called_functions_count(folder: Path) -> None:
    both = [start("+ 1"), start("+ 1", "float64")]
    assert [finished(process) for process in both] == ["6.0 0", "6.0 0"]
    again = [start("+ 1"), start("+ 1", "float64"), start("* 3")]
    assert [finished(process) for process in again] == ["6.0 1", "6.0 1", "15.0 0"]
    assert {path.suffix for path in folder.iterdir()} == {".bin"}


def shift(row: int, first: int, last: int, x: np.ndarray) -> None:
    for column in range(first, last):
        x[row, column] += 7


def shifted() -> tuple[float, int]:
    """What a fresh loop gives, and whether it came from the disk."""
    x = np.zeros((1, 1), np.int16)
    cpu_loop.cache_clear()
    CPU.launch(Kernel(shift), 1, 1, x)
    return float(x[0, 0]), sum(cpu_loop(shift).stats.cache_hits.values())


def test_a_folder_that_cannot_be_written_to_is_done_without(folder: Path) -> None:
    folder.write_text("a file where the folder should be")
    assert shifted() == (7, 0)


def test_damaged_files_are_done_without(folder: Path) -> None:
    assert [shifted(), shifted()] == [(7, 0), (7, 1)]
    (file,) = folder.iterdir()
    for damage in (lambda data: data[: len(data) // 2], lambda data: data[:-1] + b"!", lambda data: b""):
        file.write_bytes(damage(file.read_bytes()))
        assert shifted() == (7, 0)
        assert shifted() == (7, 1)


def test_what_was_not_used_for_longest_is_forgotten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MOST_ENTRIES", 3)
    for number in range(3):
        cache.save_cached("analog", f"entry{number}.bin", b"code")
        os.utime(folder / f"entry{number}.bin", (number, number))
    assert cache.load_cached("analog", "entry0.bin") == b"code"
    cache.save_cached("analog", "entry3.bin", b"code")
    assert sorted(path.stem for path in folder.iterdir()) == ["entry0", "entry2", "entry3"]


def test_a_disk_that_is_full_is_left_clean(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, target: Path) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert shifted() == (7, 0)
    assert list(folder.iterdir()) == []


STEP = 1


def stepped(x: int) -> int:
    return x + STEP


def first(row: int, first: int, last: int, x: np.ndarray) -> None:
    x[row, 0] = stepped(x[row, 0])


def second(row: int, first: int, last: int, x: np.ndarray) -> None:
    x[row, 0] = 2 * stepped(x[row, 0])


def test_a_constant_that_changes_between_kernels_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.zeros((1, 1), np.int64)
    CPU.launch(Kernel(first), 1, 1, x)
    monkeypatch.setattr(sys.modules[__name__], "STEP", 10)
    CPU.launch(Kernel(second), 1, 1, x)
    assert x[0, 0] == 2 * (1 + 10)
