"""Arrays of draws: the same on the CPU, in the simulator of CUDA, and element by element."""

from __future__ import annotations

import numpy as np
import pytest

from analog.kernels import CPU, Target, target_of
from analog.random import RandomKey, Stream, integers, normals, uniforms

KEY = RandomKey(seed=7, tile=3)


class Memory:
    """NumPy's arrays."""

    def empty(self, shape: tuple[int, ...], dtype: object = np.float32) -> np.ndarray:
        return np.empty(shape, dtype)

    @property
    def target(self) -> Target:
        return target_of(None)


def drawn(kind: str, shape: tuple[int, ...], step: int = 5, *, step_per_row: bool = False) -> np.ndarray:
    draw = {"normals": normals, "uniforms": uniforms, "integers": integers}[kind]
    return draw(Memory(), KEY, Stream.WEIGHT_NOISE, step, shape, step_per_row=step_per_row)


@pytest.mark.parametrize("kind", ["normals", "uniforms", "integers"])
@pytest.mark.parametrize(("shape", "step_per_row"), [((37,), False), ((3, 7), False), ((3, 7), True)])
def test_simulator_draws_the_same(simulator, kind: str, shape: tuple[int, ...], step_per_row: bool) -> None:
    here = drawn(kind, shape, step_per_row=step_per_row)
    there = simulator(drawn, kind, shape, step_per_row=step_per_row)
    if kind == "normals":
        np.testing.assert_allclose(there, here, rtol=1e-6)
    else:
        np.testing.assert_array_equal(there, here)
