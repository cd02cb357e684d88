"""Numbers of vectors: those of their addresses, whether threads go along lines or along vectors."""

from __future__ import annotations

import numpy as np
import pytest

from analog.kernels import CPU
from analog.mvm.draws import BLOCK, NORMAL, UNIFORM, Draws
from analog.random import Stream, normals4, uniforms4
from tests.analog.compound.places import site

ADDRESS = (1, 7, 5, 123, 4)
FILLINGS = pytest.mark.parametrize(("filling", "numbers"), [(NORMAL, normals4), (UNIFORM, uniforms4)])


def filled(kernel, grid, vectors, width):
    out = np.full((len(vectors), width), np.nan, np.float32)
    CPU.launch(kernel, *grid, out, vectors, ADDRESS)
    return out


@FILLINGS
@pytest.mark.parametrize("width", [1, 4, 7])
def test_numbers_are_those_of_their_addresses(filling, numbers, width):
    vectors = np.array([3, 0, 9], np.int64)
    draw, step, *rest = ADDRESS
    places = [(int(vector), line) for vector in vectors for line in range(width)]
    expected = [numbers(line // 4, draw, step + vector, *rest)[line % 4] for vector, line in places]
    np.testing.assert_allclose(filled(filling.short, (1, 3), vectors, width).ravel(), expected, rtol=1e-6)


@FILLINGS
@pytest.mark.parametrize("width", [1, 2, 3, 4, 5, 31, 32])
@pytest.mark.parametrize("count", [1, BLOCK - 1, BLOCK, 2 * BLOCK + 3])
def test_threads_along_vectors_give_the_same_bits(filling, numbers, width, count):
    vectors = np.random.default_rng(0).permutation(count).astype(np.int64)
    along_lines = filled(filling.long, (count, -(-width // 4)), vectors, width)
    along_vectors = filled(filling.short, (-(-count // BLOCK), min(count, BLOCK)), vectors, width)
    assert along_vectors.tobytes() == along_lines.tobytes()


@pytest.mark.parametrize("width", [5, 40])
def test_vectors_keep_their_numbers_in_any_batch(width):
    """Vectors are counted over the whole life of a crossbar: the fifth has its numbers in a batch of its own, too."""
    late, here = 3 << 32, site((2, 2))

    def drawn(step, vectors):
        out = Draws(here, step, 1).fill(NORMAL, Stream.OUTPUT_NOISE, vectors, "numbers", (len(vectors), width))
        return out.copy()

    whole = drawn(late, np.arange(9))
    np.testing.assert_array_equal(drawn(late + 5, np.array([0, 2])), whole[[5, 7]])
    assert len({row.tobytes() for row in (*whole, *drawn(0, np.arange(9)))}) == 18
