"""Numbers of another implementation, computed once: its product of a 3 x 4 array with two vectors, noise off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog.parameters import IOParameters
from tests.analog.mvm.sites import product

WEIGHTS = np.array([[0.30, -0.20, 0.10, 0.05], [-0.15, 0.25, 0.40, -0.35], [0.05, 0.10, -0.30, 0.20]])
VECTORS = np.array([[0.9, -0.4, 0.25, 0.6], [2, -1, 0.5, 3]])
EXACT = {"inp_res": -1.0, "out_res": -1.0}

GOLDEN: dict[str, tuple[dict[str, Any], list[float], list[float]]] = {
    "exact": ({"is_perfect": True}, [0.405, -0.345, 0.05], [1.0, -1.4, 0.45]),
    "default": ({}, [0.423529, -0.338824, 0.042353], [0.988235, -1.411765, 0.423529]),
    "no management": (
        {"noise_management": "NONE", "bound_management": "NONE"},
        [0.423529, -0.329412, 0.047059],
        [0.611765, -0.564706, 0],
    ),
    "bound management": ({"out_bound": 0.5}, [0.405882, -0.342353, 0.047647], [1.0, -1.411765, 0.458824]),
    "largest output": (
        {"out_bound": 1, "noise_management": "ABS_MAX_NP_SUM"},
        [0.403529, -0.345882, 0.049412],
        [0.996471, -1.384706, 0.44],
    ),
    "largest output, limited": (
        {
            "out_bound": 0.25,
            "noise_management": "ABS_MAX_NP_SUM",
            "bound_management": "NONE",
            "nm_thres": 1.5,
            "inp_res": 0.1,
            "out_res": -1.0,
        },
        [0.28125, -0.28125, 0.0675],
        [0.46875, -0.46875, 0.24375],
    ),
    "worst case, limited": (
        {
            "out_bound": 0.25,
            "bound_management": "ITERATIVE_WORST_CASE",
            "nm_thres": 1.5,
            "inp_res": 0.1,
            "out_res": -1.0,
        },
        [0.4275, -0.225, -0.045],
        [0.9375, -0.9375, 0.4125],
    ),
    "voltage drop": (
        {"ir_drop": 1, "ir_drop_g_ratio": 100, **EXACT},
        [0.404268, -0.343013, 0.04976],
        [0.998239, -1.388783, 0.44744],
    ),
    "series resistance": (
        {"r_series": 0.1, **EXACT},
        [0.294706, -0.269865, 0.037625],
        [0.734844, -1.103376, 0.335883],
    ),
    "compression": (
        {"out_bound": 1, "out_nonlinearity": 0.3, "slope_calibration": 0.5, "bound_management": "NONE"},
        [0.472941, -0.405882, 0.063529],
        [1.2, -1.635294, 0.576471],
    ),
    "asymmetries": (
        {"inp_asymmetry": 0.1, "out_asymmetry": 0.2},
        [0.381177, -0.254118, 0.042353],
        [0.988235, -1.129412, 0.423529],
    ),
    "digital sum": (
        {"mv_type": "POS_NEG_SEPARATE_DIGITAL_SUM", "out_bound": 0.3, "bound_management": "NONE"},
        [0.350471, -0.342, 0.047647],
        [0.998824, -1.150588, 0.458824],
    ),
    "few steps": (
        {"inp_res": 1 / 6, "out_res": 1 / 14, "out_bound": 1},
        [0.385714, -0.257143, 0],
        [0.857143, -1.714286, 0.428571],
    ),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_vectors(name: str) -> None:
    options, *expected = GOLDEN[name]
    y = product(IOParameters(out_noise=0.0, **options), WEIGHTS, VECTORS)
    np.testing.assert_allclose(y, expected, atol=1.5e-6)


def test_steps_may_be_counted() -> None:
    """A resolution above 1 is a number of steps."""
    parts, steps = ({"inp_res": 1 / 6, "out_res": 1 / 14}, {"inp_res": 6, "out_res": 14})
    both = [product(IOParameters(out_noise=0.0, **each), WEIGHTS, VECTORS) for each in (parts, steps)]
    np.testing.assert_array_equal(*both)


@pytest.mark.parametrize(
    ("options", "reduction"),
    [
        ({"inp_res": 1 / 126}, 16),
        ({"inp_res": 1 / 30}, 4),
        ({"inp_res": 1 / 1000}, 128),
        ({"inp_res": -1}, 1024),
        ({"inp_res": -1, "max_bm_factor": 10}, 16),
        ({"bound_management": "NONE"}, 1),
    ],
)
def test_bound_management_gives_up(options: dict[str, Any], reduction: int) -> None:
    """An output that always exceeds is clipped in the end, at the bound times by how much the input was divided."""
    y = product(IOParameters(out_noise=0.0, **options), np.array([[1e6]]), np.array([[1.0]]))
    np.testing.assert_allclose(y, [[12 * reduction]], rtol=1e-6)


@pytest.mark.parametrize("weights", [[5.0, -5.0], [-5.0, 5.0]])
def test_a_negative_bound_that_is_not_tested_hides_no_positive_one(weights: list[float]) -> None:
    io = IOParameters(out_noise=0.0, out_bound=1, inp_res=-1, out_res=-1, bm_test_negative_bound=False)
    y = product(io, np.array(weights)[:, None], np.array([[1.0]]))
    np.testing.assert_allclose(y, [weights], rtol=1e-6)


def test_a_negative_bound_that_is_not_tested_clips() -> None:
    io = IOParameters(out_noise=0.0, out_bound=1, inp_res=-1, out_res=-1, bm_test_negative_bound=False)
    np.testing.assert_allclose(product(io, np.array([[-5.0]]), np.array([[1.0]])), [[-1]], rtol=1e-6)
