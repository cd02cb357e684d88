"""Runs the text of CUDA kernels on this machine: an ordinary C++ compiler, and threads that take turns."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from backends.cupy.source import arithmetic
from backends.cupy.traversal import BlockShape

HEADER = Path(__file__).with_name("emulation.h")
LAUNCH = """
static void unpacked_NAME(void** arguments) { apply(NAME, arguments); }
extern "C" bool launch_NAME(unsigned blocks, unsigned threads, void** arguments)
{
    return run_grid(unpacked_NAME, blocks, threads, arguments);
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


def name_of(source: str) -> str:
    return f"kernel_{sha256(source.encode()).hexdigest()[:16]}"


def together(sources: Iterable[str]) -> str:
    """Several kernels in one text, each under a name of its own."""
    parts = [f"namespace in_{name_of(s)} {{\n{s.replace(' kernel(', f' {name_of(s)}(')}}}\n" for s in sources]
    return "\n".join([arithmetic(), *parts])


class Emulator:
    """A `Processor` on NumPy's arrays.

    Attributes
    ----------
    sources : dict of str
        The texts that were asked for.
    latest : str
        The last of them.
    """

    def __init__(self, folder: Path, block: BlockShape | None = None, blocks: int = 3) -> None:
        self.folder = folder
        self.block = block or BlockShape()
        self.blocks = blocks
        self.sources: dict[str, None] = {}
        self.latest = ""
        self._ready: dict[str, Any] = {}

    def prepare(self, sources: Iterable[str]) -> None:
        """Compile many kernels at once."""
        wanted = [source for source in dict.fromkeys(sources) if source not in self._ready]
        if not wanted:
            return
        text = HEADER.read_text("utf-8") + together(wanted)
        for source in wanted:
            text += LAUNCH.replace("apply(NAME", f"apply(in_{name_of(source)}::NAME").replace("NAME", name_of(source))
        path = self.folder / f"{name_of(text)}.so"
        command = [*compiler(), *FLAGS, "-o", str(path), "-"]
        subprocess.run(command, input=text.encode(), check=True, timeout=250)
        library = ctypes.CDLL(str(path))
        for source in wanted:
            launch = self._ready[source] = getattr(library, f"launch_{name_of(source)}")
            launch.restype = ctypes.c_bool

    def compile(self, source: str) -> Any:
        self.sources[source] = None
        self.latest = source
        self.prepare([source])
        return self._ready[source]

    def launch(self, kernel: Any, blocks: int, arguments: tuple[Any, ...]) -> None:
        held = [np.array(a.ctypes.data) if isinstance(a, np.ndarray) else np.array(a) for a in arguments]
        addresses = (ctypes.c_void_p * len(held))(*[one.ctypes.data for one in held])
        assert kernel(blocks, self.block.threads, addresses), "some threads never reach a barrier"

    def empty(self, size: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
        # What is not written shows.
        return np.full(size * dtype.itemsize, 0xA5, np.uint8).view(dtype)

    def address(self, array: np.ndarray[Any, Any]) -> int:
        return array.ctypes.data


class Collector(Emulator):
    """Notes the texts that a computation asks for, and runs none."""

    def compile(self, source: str) -> Any:
        self.sources[source] = None

    def launch(self, kernel: Any, blocks: int, arguments: tuple[Any, ...]) -> None:
        pass

    def empty(self, size: int, dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
        return np.zeros(size, dtype)
