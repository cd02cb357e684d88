"""Runs the text of CUDA kernels on this machine: an ordinary C++ compiler, and threads that take turns."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

import backends.cupy.traversal as traversal
from backends.cupy.source import arithmetic

HEADER = Path(__file__).with_name("emulation.h")
LAUNCH = """
static void unpacked(void** arguments) { apply(kernel, arguments); }
extern "C" bool launch(unsigned blocks, unsigned threads, void** arguments)
{
    return run_grid(unpacked, blocks, threads, arguments);
}
"""
#: No contraction of a product and a sum into one rounding, as in the options for the device.
FLAGS = "-x c++ -std=c++17 -O0 -w -shared -fPIC -ffp-contract=off -fno-strict-aliasing".split()


@lru_cache(maxsize=1)
def compiler() -> list[str]:
    """The machine's compiler, or the one that pip installs."""
    chosen = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")
    if chosen:
        return [chosen]
    if importlib.util.find_spec("ziglang"):
        return [sys.executable, "-m", "ziglang", "c++", "-nostdlib++"]
    raise RuntimeError("no C++ compiler to run CUDA kernels with: install one, or `pip install ziglang`")


class Emulator:
    """A `Processor` on NumPy's arrays.

    Attributes
    ----------
    sources : list of str
        The texts that were compiled.
    """

    def __init__(self, folder: Path, blocks: int = 3) -> None:
        self.folder = folder
        self.blocks = blocks
        self.sources: list[str] = []

    def compile(self, source: str) -> Any:
        self.sources.append(source)
        text = HEADER.read_text("utf-8") + arithmetic() + source + LAUNCH
        path = self.folder / f"{sha256(text.encode()).hexdigest()[:16]}.so"
        if not path.exists():
            command = [*compiler(), *FLAGS, "-o", str(path), "-"]
            subprocess.run(command, input=text.encode(), check=True, timeout=120)
        library = ctypes.CDLL(str(path))
        library.launch.restype = ctypes.c_bool
        return library.launch

    def launch(self, kernel: Any, blocks: int, arguments: tuple[Any, ...]) -> None:
        held = [np.array(a.ctypes.data) if isinstance(a, np.ndarray) else np.array(a) for a in arguments]
        addresses = (ctypes.c_void_p * len(held))(*[one.ctypes.data for one in held])
        assert kernel(blocks, traversal.THREADS, addresses), "some threads never reach a barrier"

    def empty(self, size: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
        # What is not written shows.
        return np.full(size * dtype.itemsize, 0xA5, np.uint8).view(dtype)

    def address(self, array: np.ndarray[Any, Any]) -> int:
        return array.ctypes.data
