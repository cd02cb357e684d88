"""Arrays of draws: the same on every target, by any number of threads, and element by element."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog.errors import ConfigError
from analog.kernels import Kernel, Target, target_of
from analog.kernels import kernel as kernels
from analog.random import RandomKey, Stream, fill_normals, integers, normal_at, normals, uniform_at, uniforms, word_at
from tensorlayer.errors import LayoutError
from tests.analog.random import reference

KEY = RandomKey(seed=7, tile=3)
STEP = 5
ADDRESS = (STEP, KEY.of(Stream.WEIGHT_NOISE), KEY.seed, KEY.tile)


class Memory:
    """NumPy's arrays."""

    def empty(self, shape: tuple[int, ...], dtype: object = np.float32) -> np.ndarray:
        return np.empty(shape, dtype)

    @property
    def target(self) -> Target:
        return target_of(None)


def drawn(kind: str, shape: tuple[int, ...], step: int = STEP, *, step_per_row: bool = False) -> np.ndarray:
    draw = {"normals": normals, "uniforms": uniforms, "integers": integers}[kind]
    return draw(Memory(), KEY, Stream.WEIGHT_NOISE, step, shape, step_per_row=step_per_row)


def each(row: int, first: int, last: int, out: Any, address: Any) -> None:
    step, stream, seed, tile = address
    for column in range(first, last):
        out[0, column] = normal_at(column, step, stream, seed, tile)
        out[1, column] = uniform_at(column, step, stream, seed, tile)
        out[2, column] = word_at(column, step, stream, seed, tile)


EACH = Kernel(each)


def element_by_element(size: int) -> np.ndarray:
    out = np.zeros((3, size))
    target_of(out).launch(EACH, 1, size, out, ADDRESS)
    return out


@pytest.mark.parametrize("kind", ["normals", "uniforms", "integers"])
@pytest.mark.parametrize(("shape", "step_per_row"), [((37,), False), ((3, 7), False), ((3, 7), True), ((2, 0), False)])
def test_the_simulator_draws_the_same(simulator, kind: str, shape: tuple[int, ...], step_per_row: bool) -> None:
    here = drawn(kind, shape, step_per_row=step_per_row)
    there = simulator(drawn, kind, shape, step_per_row=step_per_row)
    assert (here.dtype, here.shape) == (there.dtype, there.shape)
    np.testing.assert_array_equal(there, here)


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 4096 * 4 - 1, 4096 * 4 + 6])
def test_words_of_an_array_are_those_of_the_reference(size: int) -> None:
    np.testing.assert_array_equal(drawn("integers", (size,)), reference.integers(size, *ADDRESS))


def test_numbers_of_an_array_are_made_of_its_words() -> None:
    words = drawn("integers", (1000,))
    np.testing.assert_array_equal(drawn("uniforms", (1000,)), reference.uniforms(words))
    np.testing.assert_allclose(drawn("normals", (1000,)), reference.normals(words.reshape(-1, 2)).ravel(), rtol=6e-7)


def test_elements_are_those_of_the_array(simulator) -> None:
    expected = [drawn(kind, (37,)) for kind in ("normals", "uniforms", "integers")]
    np.testing.assert_array_equal(element_by_element(37), expected)
    np.testing.assert_array_equal(simulator(element_by_element, 37), expected)


def test_rows_with_their_own_steps_are_batches_in_pieces() -> None:
    whole = drawn("normals", (9, 5), step_per_row=True)
    pieces = [drawn("normals", (rows, 5), STEP + first, step_per_row=True) for first, rows in ((0, 4), (4, 1), (5, 4))]
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    np.testing.assert_array_equal(drawn("normals", (5,), STEP + 3), whole[3])


def test_the_number_of_threads_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernels, "WORTH_A_THREAD", 1e-12)
    monkeypatch.setattr(kernels, "thread_count", lambda: 1)
    alone = drawn("normals", (100_003,))
    for threads in (2, 3, 7):
        monkeypatch.setattr(kernels, "thread_count", lambda: threads)  # noqa: B023
        np.testing.assert_array_equal(drawn("normals", (100_003,)), alone)


def test_only_what_is_filled_is_written() -> None:
    array = np.zeros(30, np.float32)
    fill_normals(array[7:20], KEY, Stream.WEIGHT_NOISE, STEP)
    assert np.all(array[7:20] == drawn("normals", (13,)))
    assert not array[:7].any()
    assert not array[20:].any()


def test_arrays_with_gaps_are_refused() -> None:
    array = np.zeros((4, 6), np.float32)
    with pytest.raises(LayoutError, match=r"shape \(4, 3\) that is not C-contiguous"):
        fill_normals(array[:, ::2], KEY, Stream.WEIGHT_NOISE, STEP)
    assert not array.any()


@pytest.mark.parametrize(("step", "rows"), [(-1, 1), (1 << 40, 1), ((1 << 40) - 2, 3)])
def test_steps_that_do_not_fit_are_refused(step: int, rows: int) -> None:
    array = np.zeros((rows, 2), np.float32)
    with pytest.raises(ConfigError, match="below 1099511627776"):
        fill_normals(array, KEY, Stream.WEIGHT_NOISE, step, step_per_row=True)
    assert not array.any()


def test_the_last_step_is_drawn() -> None:
    assert len(np.unique(drawn("integers", (3, 4), (1 << 40) - 3, step_per_row=True))) == 12
