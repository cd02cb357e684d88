"""What a periphery does not take leaves its state as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog.errors import ConfigError, NotFiniteError
from analog.mvm import Periphery
from analog.parameters import IOParameters
from tensorlayer.errors import DtypeError, ShapeError
from tests.analog.mvm.sites import product, site

WEIGHTS = np.ones((3, 4), np.float32)
IO = IOParameters(noise_management="AVERAGE_ABS_MAX")


def spoilt(value: float) -> np.ndarray:
    x = np.ones((5, 4), np.float32)
    x[3, 1] = value
    return x


@pytest.mark.parametrize("options", [{}, {"is_perfect": True}, {"noise_management": "NONE"}])
@pytest.mark.parametrize(
    ("x", "error", "message"),
    [
        (spoilt(np.nan), NotFiniteError, "element 3, 1 of the vectors is nan"),
        (spoilt(np.inf), NotFiniteError, "element 3, 1 of the vectors is inf"),
        (spoilt(-np.inf), NotFiniteError, "element 3, 1 of the vectors is -inf"),
        (np.ones((5, 3), np.float32), ShapeError, r"\(batch, 4\) here, not \(5, 3\)"),
        (np.ones(4, np.float32), ShapeError, r"not \(4,\)"),
        (np.ones((5, 4)), DtypeError, "float32, not float64"),
    ],
)
def test_bad_vectors_change_nothing(
    options: dict[str, Any], x: np.ndarray, error: type[Exception], message: str
) -> None:
    place, periphery = site(WEIGHTS.shape), Periphery(IO.replace(**options))
    state = periphery.create(place)
    periphery.product(state, place, WEIGHTS, np.ones((2, 4), np.float32))
    before = state.copy()
    with pytest.raises(error, match=message):
        periphery.product(state, place, WEIGHTS, x)
    assert state.numbers == before.numbers


def test_large_numbers_are_no_infinities() -> None:
    """The check for infinities does not overflow itself."""
    x = np.full((3, 4), 3e38, np.float32)
    np.testing.assert_allclose(product(IOParameters(out_noise=0.0), 0.01 * WEIGHTS, x), 0.04 * x[:, :3], rtol=0.5)


def test_zeros_give_zeros() -> None:
    x = np.zeros((3, 4), np.float32)
    x[1] = 1
    y = product(IOParameters(out_noise=0.5, w_noise=0.1, w_noise_type="PCM_READ", out_nonlinearity=0.1), WEIGHTS, x)
    assert not y[[0, 2]].any()
    assert y[1].all()


def test_without_noise_management_zeros_are_noisy() -> None:
    y = product(IOParameters(noise_management="NONE"), WEIGHTS, np.zeros((3, 4), np.float32))
    assert y.any()


def test_input_noise_is_there_without_input() -> None:
    assert product(IOParameters(inp_noise=0.5, out_noise=0.0), WEIGHTS, np.zeros((3, 4), np.float32)).any()


def test_an_empty_batch() -> None:
    assert product(IOParameters(), WEIGHTS, np.zeros((0, 4))).shape == (0, 3)


def test_the_arguments_are_left_alone() -> None:
    x, weights = np.linspace(-2, 2, 8, dtype=np.float32).reshape(2, 4), WEIGHTS.copy()
    x.flags.writeable = weights.flags.writeable = False
    place, periphery = site(WEIGHTS.shape), Periphery(IOParameters(mv_type="POS_NEG_SEPARATE"))
    first = periphery.product(periphery.create(place), place, weights, x)
    kept = first.copy()
    periphery.product(periphery.create(place), place, weights, 2 * x)
    np.testing.assert_array_equal(first, kept)


def test_vectors_may_lie_anyhow() -> None:
    x = np.linspace(-2, 2, 8, dtype=np.float32).reshape(2, 4)
    place, periphery = site(WEIGHTS.shape), Periphery(IO)
    for same in (np.asfortranarray(x), np.repeat(x, 2, axis=1)[:, ::2]):
        y = periphery.product(periphery.create(place), place, WEIGHTS, same)
        np.testing.assert_array_equal(y, product(IO, WEIGHTS, x))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inp_bound": 2.0}, "inp_bound is 2.0: with noise_management=ABS_MAX .* must be 1.0"),
        ({"bound_management": "SHIFT"}, "use 'ITERATIVE' or 'NONE'"),
        ({"mv_type": "BIT_WISE"}, "needs IOParametersIRDropT"),
        ({"mv_type": "ONE"}, "did you mean 'ONE_PASS'"),
        ({"out_noise": -0.1}, "out_noise"),
        ({"out_noise": np.nan}, "out_noise"),
        ({"inp_asymmetry": 2.0}, "inp_asymmetry"),
        ({"out_nois": 0.1}, "did you mean 'out_noise'"),
        ({"max_bm_factor": 2.5}, "max_bm_factor"),
    ],
)
def test_bad_parameters(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        IOParameters(**options)
