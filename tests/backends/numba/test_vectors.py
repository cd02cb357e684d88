"""Kernels that ask for the widest vectors: in every function that they are made of, and where memory is no limit."""

from __future__ import annotations

import re
from pathlib import Path

import numba
import numpy as np
import pytest

import tensorlayer as tl
from backends.numba import loop
from backends.numba.compilation import CompiledKernel, compile_kernel
from backends.numba.vectors import WIDE, WideCompiler


def assert_wide(text: str, name: str) -> None:
    groups = {number for number, held in re.findall(r"attributes #(\d+) = \{([^}]*)\}", text) if WIDE in held}
    defined = re.findall(rf"^define .*{name}.*#(\d+)", text, re.MULTILINE)
    assert defined
    assert groups.issuperset(defined)


def test_every_function_prefers_the_widest_vectors() -> None:
    @numba.njit(pipeline_class=WideCompiler, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    def double(x, y):
        for i in range(x.size):
            y[i] = x[i] + x[i]

    double.compile((numba.float32[::1], numba.float32[::1]))
    (text,) = double.inspect_llvm().values()
    assert_wide(text, "double")


def test_loops_that_take_steps_ask_for_them_and_others_do_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[tuple[bool, CompiledKernel]] = []

    def compiled(source: str, *, wide: bool = False) -> CompiledKernel:
        found.append((wide, compile_kernel(source, wide=wide)))
        return found[-1][1]

    # Only machine code that is made here has a text.
    monkeypatch.setenv("TENSORLAYER_CACHE", str(tmp_path))
    compile_kernel.cache_clear()
    monkeypatch.setattr(loop, "compile_kernel", compiled)
    x = np.linspace(0.5, 2, 1 << 19)
    for text in ("y[i] = log(x[i]) + 1", "y[i] = (x[i] * 2 + 1) * x[i] - 3"):
        tl.program(text)(x=tl.tensor(x, backend="numba")).numpy()
    assert [wide for wide, _ in found] == [True, False]
    texts = [one.owner.inspect_llvm() for _, one in found]
    assert_wide(texts[0], "kernel")
    assert WIDE not in texts[1]
