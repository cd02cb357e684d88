"""On a real GPU: the words of the CPU, its numbers to a millionth, and its crossbars."""

from __future__ import annotations

import numpy as np
import pytest

from analog.cell import Storage
from analog.kernels import CUDA
from analog.random import RandomKey, Stream, integers, normals, uniforms
from tensorlayer.backend import get_backend
from tests.analog.workloads import names, run

pytestmark = pytest.mark.gpu("cupy")

KEY = RandomKey(seed=5, tile=1)
#: One step of the converter of the outputs: numbers that differ in the last bit may be rounded to two of its values.
STEP = 24 / 510


def drawn(draw, backend: str, shape: tuple[int, ...]) -> np.ndarray:
    array = draw(Storage(get_backend(backend).allocator()), KEY, Stream.OUTPUT_NOISE, 3, shape)
    return array.get() if backend == "cupy" else array


def test_arrays_of_a_gpu_are_for_its_kernels() -> None:
    assert Storage(get_backend("cupy").allocator()).target is CUDA


@pytest.mark.parametrize("draw", [integers, uniforms])
def test_words_and_uniform_numbers_are_the_same_bits(draw) -> None:
    np.testing.assert_array_equal(drawn(draw, "cupy", (1003, 97)), drawn(draw, "numpy", (1003, 97)))


def test_normal_numbers_agree_to_a_millionth() -> None:
    np.testing.assert_allclose(drawn(normals, "cupy", (1003, 97)), drawn(normals, "numpy", (1003, 97)), rtol=1e-6)


def test_elements_beyond_two_to_the_31_are_drawn() -> None:
    size = (1 << 31) + 5
    array = integers(Storage(get_backend("cupy").allocator()), KEY, Stream.RESET, 0, (size,))
    tail = integers(Storage(get_backend("numpy").allocator()), KEY, Stream.RESET, 0, (16,))
    np.testing.assert_array_equal(array[:16].get(), tail)
    assert len(np.unique(array[-5:].get())) == 5


@pytest.mark.parametrize("name", names())
def test_crossbars_do_what_they_do_on_the_cpu(name: str) -> None:
    here, there = run(name), run(name, "cupy")
    for key in ("learned", "aged"):
        np.testing.assert_allclose(there[key], here[key], rtol=1e-5, atol=1e-6, err_msg=key)
    for key in ("mvm", "transposed"):
        np.testing.assert_allclose(there[key], here[key], rtol=1e-5, atol=1.01 * STEP, err_msg=key)
