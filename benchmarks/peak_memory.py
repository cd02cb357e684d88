"""Peak memory of a training step, each contender in a process of its own: ``python -m benchmarks.peak_memory``.

What is measured is by how much one step of LeNet-5 at batch 64 (see `benchmarks.topics.networks`) raises the memory of
the process that is resident, at its peak, over what it is after steps with a single image: kernels are compiled then,
and weights and what belongs to them are there. Linux only: the peak is that of ``/proc/self/status``.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.case import OURS
from benchmarks.topics import networks

__all__ = ["growth"]

PRESETS = ("FloatingPointRPUConfig", *networks.GOALS)
#: Steps before the measured one.
WARM_UP = 3


def _contender(name: str, config: str) -> tuple[Callable[..., Any], Any]:
    """A maker of steps, and the configuration."""
    modules = ("analog.presets", "analog.config"), ("aihwkit.simulator.presets", "aihwkit.simulator.configs")
    places = [importlib.import_module(module) for module in modules[name != OURS]]
    found = next(getattr(place, config) for place in places if hasattr(place, config))
    return (networks._ours if name == OURS else networks._aihwkit), found()


def growth(name: str, config: str) -> int:
    """Bytes by which one step raises the resident memory of this process at its peak."""
    make, made = _contender(name, config)
    small, whole = make("LeNet-5", made, batch=1), make("LeNet-5", made)
    for _ in range(WARM_UP):
        small()
    gc.collect()
    ctypes.CDLL("libc.so.6").malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    whole()
    return _status("VmHWM") - before


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith(name))


def _measured(name: str, config: str) -> float:
    command = [sys.executable, "-m", "benchmarks.peak_memory", name, config]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) / (1 << 20)


def main() -> None:
    """A line for each configuration."""
    for config in PRESETS:
        ours, theirs = (_measured(name, config) for name in (OURS, "aihwkit"))
        print(f"{config:24} {ours:6.1f} MiB, aihwkit {theirs:6.1f} MiB, ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(growth(*sys.argv[1:]))
    else:
        main()
