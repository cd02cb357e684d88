"""The text that numba makes of kernels for an H100; no GPU is needed to make it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from analog.kernels import CPU, Kernel, popcount32, popcount64, recording
from analog.random import RandomKey, Stream, fill_integers, fill_normals, fill_uniforms
from tests.analog.ptx import distinct, ptx, types_of


def fill_everything() -> list[Any]:
    with recording() as launches:
        for fill, dtype in ((fill_normals, np.float32), (fill_uniforms, np.float32), (fill_integers, np.uint32)):
            fill(np.empty(8, dtype), RandomKey(seed=1), Stream.RESET, 1, target=CPU)
    return list(distinct(launches).values())


@pytest.mark.parametrize("number", range(3))
def test_draws_compile(number: int) -> None:
    text = ptx(*fill_everything()[number])
    assert ".target sm_90" in text
    # Philox is 64-bit products of 32-bit numbers, and nothing is computed in float64.
    assert "mul.wide.u32" in text or "mul.hi.u32" in text
    assert ".f64" not in text
    assert "call" not in re.sub(r"//.*", "", text)


def counted(row: int, first: int, last: int, words: Any, out: Any) -> None:
    for column in range(first, last):
        word = words[row, column]
        out[row, column] = popcount64(word) + popcount32(np.uint32(word & np.uint64(0xFFFFFFFF)))


@pytest.mark.parametrize("per", ["element", "row"])
def test_bits_are_one_instruction_and_elements_are_counted_in_64_bits(per: Any) -> None:
    words = np.zeros((2, 2), np.uint64)
    text = ptx(Kernel(counted, per), types_of((words, words)))
    assert "popc.b64" in text
    assert "popc.b32" in text
    # The loop over the grid compares 64-bit numbers of elements or rows, and steps by them.
    assert re.search(r"setp\.(lt|ge|gt|le)\.s64", text)
    assert "setp.lt.s32" not in text
