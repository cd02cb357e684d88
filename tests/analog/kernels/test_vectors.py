"""Kernels of the CPU ask for the widest vectors, in every function that they are made of."""

from __future__ import annotations

import re

import numba

from analog.kernels.vectors import WIDE, WideCompiler


def test_every_function_prefers_the_widest_vectors() -> None:
    @numba.njit(pipeline_class=WideCompiler, no_cpython_wrapper=True, no_cfunc_wrapper=True)
    def double(x, y):
        for i in range(x.size):
            y[i] = x[i] + x[i]

    double.compile((numba.float32[::1], numba.float32[::1]))
    (text,) = double.inspect_llvm().values()
    groups = {number for number, held in re.findall(r"attributes #(\d+) = \{([^}]*)\}", text) if WIDE in held}
    defined = re.findall(r"^define .*double.*#(\d+)", text, re.MULTILINE)
    assert defined
    assert groups.issuperset(defined)
