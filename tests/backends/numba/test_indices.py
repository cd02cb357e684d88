"""More elements, and longer steps in memory, than 32 bits can count; nothing of that size is stored."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlayer as tl
from backends.numba import backend
from backends.numba.loop import CompiledLoop
from tensorlayer.graph import Fused, Input, Map, Reduce
from tensorlayer.scalar import argument, call, constant

MANY = 2**31 + 8


def test_more_elements_than_32_bits_count():
    ones = np.broadcast_to(np.int8(1), (MANY,))
    source = Map.of([Input.of(0, (MANY,), ones.dtype)], [(0,)], (MANY,), call("multiply", argument(0), constant(2)))
    total = backend.kernel(Fused.of(source, "sum", (0,)))
    assert isinstance(total, CompiledLoop)
    assert int(total(ones)) == 2 * MANY


def test_more_rows_times_columns_than_32_bits_count():
    ones = np.broadcast_to(np.float32(1), (2**16, 2**15 + 1))
    row = backend.kernel(Reduce.of(Input.of(0, ones.shape, ones.dtype), "sum", (0, 1)))
    assert isinstance(row, CompiledLoop)
    assert float(row(ones)) == 2.0**16 * (2**15 + 1)


@pytest.mark.parametrize("step", [2**31, -(2**31)])
def test_steps_longer_than_32_bits_count(step):
    memory = np.empty(2**31 + 2**20, np.int8)  # of which the system gives what is touched
    start = memory if step > 0 else memory[2**31 :]
    x = np.lib.stride_tricks.as_strided(start, (2, 2**20), (step, 1))
    x[:] = np.arange(2**20) % 5 + np.array([[0], [1]])
    y = tl.program("y[i,j] = x[i,j] * x[i,j] + 3 * x[i,j] - 1")(x=tl.tensor(x, backend="numba"))
    np.testing.assert_array_equal(y, x * x + 3 * x - 1)
