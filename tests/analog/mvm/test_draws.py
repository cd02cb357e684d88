"""What a vector draws depends on its number, and on nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from analog.mvm import Periphery
from analog.parameters import IOParameters
from tests.analog.mvm.sites import product_and_state, site

RNG = np.random.default_rng(5)
#: Sums of these are exact in float32, whatever the order.
WEIGHTS = RNG.integers(-4, 5, (6, 9)).astype(np.float32) / 8
VECTORS = RNG.integers(-64, 65, (12, 9)).astype(np.float32) / 64
VECTORS[:, 0] = 1
BINARY: dict[str, Any] = {"inp_res": 1 / 128, "out_bound": 1.0, "out_res": 1 / 256}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"out_sto_round": True, "inp_sto_round": True},
        {"mv_type": "POS_NEG_SEPARATE_DIGITAL_SUM"},
        {"w_noise": 0.1, "w_noise_type": "ADDITIVE_CONSTANT"},
        {"noise_management": "AVERAGE_ABS_MAX", "out_noise": 0.0},
    ],
)
@pytest.mark.parametrize("transposed", [False, True])
def test_parts_of_a_batch_draw_what_the_whole_does(options: dict[str, Any], transposed: bool) -> None:
    """Also those that bound management repeats: the bound is low enough for most."""
    io = IOParameters(**BINARY | options)
    weights = np.ascontiguousarray(WEIGHTS.T) if transposed else WEIGHTS
    whole, state = product_and_state(io, weights, VECTORS, transposed=transposed)
    assert state.numbers["vectors"] == len(VECTORS)
    place, periphery = site(weights.shape), Periphery(io, transposed=transposed)
    part = periphery.create(place)
    pieces = [VECTORS[:1], VECTORS[1:6], VECTORS[6:6], VECTORS[6:]]
    results = [periphery.product(part, place, weights, piece) for piece in pieces]
    np.testing.assert_array_equal(np.concatenate(results), whole)
    assert dict(part.items()).keys() == dict(state.items()).keys()
    assert part.numbers == state.numbers


def test_vectors_that_exceed_draw_again() -> None:
    io = IOParameters(inp_res=-1, out_res=-1, out_bound=1.0, out_noise=0.02)
    weights, x = np.array([[3.0]], np.float32), np.ones((1, 1), np.float32)
    once = product_and_state(io.replace(out_bound=-1.0), weights, x)[0]
    again = product_and_state(io, weights, x)[0]
    # 3 + noise, against 4 * (3 / 4 + other noise), which the same noise would make 3 + 4 * noise.
    assert 0 < abs(again - 3) < 4 * 0.1
    assert not np.isclose((again - 3) / 4, once - 3, rtol=1e-3)


def test_equal_states_give_equal_bits_and_calls_differ() -> None:
    io = IOParameters(inp_noise=0.1, w_noise=0.1, w_noise_type="PCM_READ")
    place, periphery = site(WEIGHTS.shape), Periphery(io)
    state = periphery.create(place)
    copy = state.copy()
    first = periphery.product(state, place, WEIGHTS, VECTORS)
    np.testing.assert_array_equal(periphery.product(copy, place, WEIGHTS, VECTORS), first)
    assert not np.array_equal(periphery.product(state, place, WEIGHTS, VECTORS), first)


def test_directions_seeds_and_tiles_draw_apart() -> None:
    io = IOParameters(inp_res=-1, out_res=-1, out_bound=-1)
    weights, x = np.zeros((8, 8), np.float32), np.ones((4, 8), np.float32)
    noises = []
    for transposed in (False, True):
        for place in (site((8, 8)), site((8, 8), seed=2), site((8, 8), tile=1)):
            periphery = Periphery(io, transposed=transposed)
            noises.append(periphery.product(periphery.create(place), place, weights, x).ravel())
    assert len(np.unique(np.concatenate(noises))) == 6 * 32


@pytest.mark.parametrize("options", [{}, {"w_noise": 0.1, "w_noise_type": "PCM_READ"}, {"inp_noise": 0.1}])
def test_transposed_is_the_product_with_the_transposed(options: dict[str, Any]) -> None:
    """But for the draws, so with means over many."""
    io = IOParameters(bound_management="NONE", inp_res=-1, out_res=-1, **options)
    x = np.repeat(VECTORS[:1, :6], 4000, axis=0)
    forward = product_and_state(io, np.ascontiguousarray(WEIGHTS.T), x)[0]
    backward = product_and_state(io, WEIGHTS, x, transposed=True)[0]
    error = 4.5 * np.sqrt((forward.var(axis=0) + backward.var(axis=0)) / len(x))
    assert np.all(np.abs(forward.mean(axis=0) - backward.mean(axis=0)) < error)
    np.testing.assert_allclose(forward.std(axis=0), backward.std(axis=0), rtol=0.09)


def test_transposed_without_noise() -> None:
    io = IOParameters(out_noise=0.0, bound_management="NONE")
    x = np.ascontiguousarray(VECTORS[:, :6])
    forward = product_and_state(io, np.ascontiguousarray(WEIGHTS.T), x)[0]
    np.testing.assert_allclose(product_and_state(io, WEIGHTS, x, transposed=True)[0], forward, atol=1e-6)


def test_directions_have_their_own_spreads() -> None:
    io = IOParameters(v_offset_std=0.1, out_nonlinearity=0.1, out_nonlinearity_std=0.1, out_noise_std=0.1)
    forward, backward = (Periphery(io, transposed=way).create(site((64, 64))).arrays for way in (False, True))
    assert forward.keys() == backward.keys() == {"v_offset", "out_nonlinearity", "out_noise_values"}
    for name, values in forward.items():
        assert np.corrcoef(values, backward[name])[0, 1] < 0.5


def test_the_running_average_goes_on() -> None:
    io = IOParameters(noise_management="AVERAGE_ABS_MAX", nm_decay=0.5, out_noise=0.0, inp_res=-1, out_res=-1)
    place, periphery = site((1, 1)), Periphery(io)
    state = periphery.create(place)
    # A vector of 8 is clipped at the average.
    results = [periphery.product(state, place, np.ones((1, 1), np.float32), np.full((1, 1), x, "f")) for x in (2, 8, 8)]
    np.testing.assert_allclose(np.ravel(results), [2, 5, 6.5])
    assert state.numbers["average_abs_max"] == 6.5


@pytest.mark.parametrize("inp_noise", [0.0, 0.1])
def test_zeros_do_not_start_the_running_average(inp_noise: float) -> None:
    io = IOParameters(noise_management="AVERAGE_ABS_MAX", inp_noise=inp_noise)
    x = np.array([[0], [0], [4]], np.float32)
    y, state = product_and_state(io, np.ones((1, 1)), x)
    assert state.numbers["average_abs_max"] == 4
    assert not y[:2].any()


def test_threads_share_a_periphery() -> None:
    """Every thread has its own memory for what is between the stages."""
    io = IOParameters(inp_noise=0.1, w_noise=0.1, w_noise_type="PCM_READ", ir_drop=1.0)
    periphery, weights = Periphery(io), WEIGHTS.copy()

    def products(tile: int) -> list[np.ndarray]:
        place = site(WEIGHTS.shape, tile=tile)
        state = periphery.create(place)
        return [periphery.product(state, place, weights, VECTORS[: 1 + count % 12]) for count in range(60)]

    alone = [products(tile) for tile in range(4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(products, range(4)))
    for one, other in zip(alone, together, strict=True):
        for each, same in zip(one, other, strict=True):
            np.testing.assert_array_equal(each, same)
