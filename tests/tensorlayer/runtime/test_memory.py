"""Memory as the system tells it: of the machine, or of a control group with a limit."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tensorlayer.runtime import Memory, format_bytes, host_memory, memory

KIB = 1024


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, "ascii")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(tmp_path, meminfo="MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable:  600 kB\nHugePages_Total:  0\n")
    monkeypatch.setattr(memory, "_MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    return tmp_path


def test_this_machine_has_memory() -> None:
    here = host_memory()
    assert 0 < here.free <= here.total <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_the_machine_without_a_limit(machine: Path) -> None:
    assert host_memory() == Memory(1000 * KIB, 600 * KIB)
    write(machine, memory__max="max\n")
    assert host_memory() == Memory(1000 * KIB, 600 * KIB)


def test_a_limit_counts_what_can_be_given_up_as_free(machine: Path) -> None:
    stat = f"anon 5\ninactive_file {100 * KIB}\n"
    write(machine, memory__max=str(500 * KIB), memory__current=str(400 * KIB), memory__stat=stat)
    assert host_memory() == Memory(500 * KIB, 200 * KIB)


def test_a_limit_never_frees_more_than_the_machine_has(machine: Path) -> None:
    write(machine, memory__max=str(900 * KIB), memory__current="0")
    assert host_memory() == Memory(900 * KIB, 600 * KIB)


def test_without_proc_the_system_calls_answer(machine: Path) -> None:
    (machine / "meminfo").unlink()
    assert host_memory().total == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("amount", "shown"),
    [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (5 * 2**40, "5.0 TiB"), (2**60, "1024.0 PiB")],
)
def test_bytes_for_people(amount: int, shown: str) -> None:
    assert format_bytes(amount) == shown


def test_memory_says_what_is_in_use() -> None:
    assert str(Memory(4 * KIB, KIB)) == "3.0 KiB of 4.0 KiB in use, 1.0 KiB free"
