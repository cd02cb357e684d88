"""Products block by block: against exact sums, and the same whatever comes with a vector and however they are cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog.kernels import CPU, recording
from analog.kernels.panels import LANES
from analog.mvm import product as products
from analog.mvm.blocks import COSTS, Blocks, _fastest, blocks
from analog.mvm.product import DEPTH, LEAST, multiply

RNG = np.random.default_rng(5)
#: Vectors, inputs, outputs: with rests of lanes, of rows, and of panels' depths.
SHAPES = [(1000, 25, 6), (300, 17, 15), (16, 400, 11), (65, 3, 340), (2, DEPTH + 1, 130), (70, 2 * DEPTH, 600)]


def product(u: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, int]:
    """And how many kernels made it."""
    out = np.full((len(u), len(weights)), np.nan, np.float32)
    with recording() as launches:
        multiply(u, weights, out, CPU)
    return out, len(launches)


def matrices(count: int, inputs: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    u, weights = (RNG.normal(size=(lines, inputs)).astype(np.float32) for lines in (count, outputs))
    return u, weights


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("order", ["lines", "inputs", "neither"])
def test_sums_are_exact_to_rounding(shape: tuple[int, int, int], order: str) -> None:
    u, weights = matrices(*shape)
    if order == "inputs":
        weights = np.asfortranarray(weights)
    elif order == "neither":
        weights = np.repeat(weights, 2, axis=1)[:, ::2]
    y, launches = product(u, weights)
    assert launches == 1
    # Summing n products makes errors of at most n roundings of the sum of their sizes.
    bound = shape[1] * 2.0**-24 * (abs(u.astype(float)) @ abs(weights.astype(float)).T)
    assert (abs(y - u.astype(float) @ weights.astype(float).T) <= bound).all()


@pytest.mark.parametrize("inputs", [50, 2 * DEPTH + 50])
def test_a_vector_gives_the_same_bits_in_any_batch(inputs: int) -> None:
    u, weights = matrices(700, inputs, 70)
    whole, _ = product(u, weights)
    for first in (350, 690, 698):
        part, launches = product(u[first:], np.asfortranarray(weights))
        assert launches == (2 * len(part) * inputs * 35 > LEAST)
        assert not launches or whole[first:].tobytes() == part.tobytes()


@pytest.mark.parametrize("lanes", [LANES, 2 * LANES, 4 * LANES])
@pytest.mark.parametrize("order", ["C", "F"])
def test_results_do_not_depend_on_how_they_are_cut(lanes: int, order: Any) -> None:
    u, weights = matrices(150, DEPTH + 40, 77)
    whole, _ = product(u, weights)
    taken = np.array(weights, order=order)
    for kernel, cut in (
        (products._BY_VECTORS, next(Blocks.cuts(150, 77, lanes))),
        (products._BY_LINES, next(Blocks.cuts(77, 150, lanes))),
        (products._BY_LINES, Blocks(lanes, 12, 13, -(-77 // lanes) * 13)),
    ):
        out = np.full((150, 77), np.nan, np.float32)
        CPU.launch(kernel, cut.total, 1, u, taken, out, cut)
        assert out.tobytes() == whole.tobytes()


@pytest.mark.parametrize("extents", [(2, 1, 1), (64, 512, 512), (64, 10, 84), (50_000, 6, 25), (3, 5000, 4000)])
@pytest.mark.parametrize("turned", [False, True])
def test_blocks_cover_a_product_once(extents: tuple[int, int, int], turned: bool) -> None:
    cut, along_lines = blocks(*extents, turned=turned)
    beside, behind = (extents[1], extents[0]) if along_lines else extents[:2]
    columns = cut.total // cut.across
    assert (columns - 1) * cut.lanes < beside <= columns * cut.lanes
    assert (cut.across - 1) * cut.rows < behind <= cut.across * cut.rows
    assert cut.total == columns * cut.across


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_threads_have_vectors_to_themselves(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analog.mvm.blocks._costs", lambda: COSTS)
    monkeypatch.setattr("analog.mvm.blocks.thread_count", lambda: threads)
    monkeypatch.setattr("analog.mvm.blocks._fastest", _fastest.__wrapped__)
    assert blocks(64, 512, 512, turned=False) == ((64 // threads, 512, 1, threads), False)


@pytest.mark.parametrize("shape", [(16, 64, LEAST // 16 // 64), (1, 1000, 1000)])
def test_libraries_make_the_others(shape: tuple[int, int, int]) -> None:
    count, inputs, outputs = shape
    y, launches = product(np.ones((count, inputs), np.float32), np.ones((outputs, inputs), np.float32))
    assert launches == 0
    assert (y == inputs).all()
