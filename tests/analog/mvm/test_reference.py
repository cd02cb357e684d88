"""Every combination of stages against an independent float64 account of the same physics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analog.kernels import running_on
from analog.mvm import Periphery
from analog.parameters import IOParameters
from analog.parameters.enums import AnalogMVType, BoundManagementType, NoiseManagementType
from tests.analog.mvm.reference import Reference
from tests.analog.mvm.sites import Plain, site

RNG = np.random.default_rng(3)
WEIGHTS = RNG.uniform(-0.6, 0.6, (4, 7)).astype(np.float32)
VECTORS = RNG.normal(0, 1, (6, 7)).astype(np.float32) * np.geomspace(0.1, 20, 6, dtype=np.float32)[:, None]
VECTORS[2] = 0


def option(*values: Any) -> st.SearchStrategy[Any]:
    """Mostly the first value, which switches the stage off or is the default."""
    return st.one_of(st.just(values[0]), st.sampled_from(values))


OPTIONS = st.fixed_dictionaries(
    {
        "is_perfect": option(False, False, False, True),
        "mv_type": st.sampled_from([kind for kind in AnalogMVType if kind.name not in ("SPLIT_MODE", "BIT_WISE")]),
        "inp_res": option(1 / 126, -1.0, 30.0, 0.1),
        "inp_asymmetry": option(0.0, 0.15, -0.1),
        "out_bound": option(12.0, 1.0, 0.4, -1.0),
        "out_res": option(1 / 510, -1.0, 254.0),
        "out_scale": option(1.0, 2.5),
        "out_asymmetry": option(0.0, 0.2, -0.1),
        "bound_management": st.sampled_from([kind for kind in BoundManagementType if kind.name != "SHIFT"]),
        "noise_management": st.sampled_from(NoiseManagementType),
        "ir_drop": option(0.0, 1.0),
        "ir_drop_g_ratio": option(571428.5, 20.0),
        "out_nonlinearity": option(0.0, 0.3),
        "out_nonlinearity_std": option(0.0, 0.2),
        "slope_calibration": option(0.0, 0.5),
        "v_offset_std": option(0.0, 0.1),
        "v_offset_w_min": option(-1.0, 0.0, -0.3),
        "r_series": option(0.0, 0.05),
        "w_read_asymmetry_dtod": option(0.0, 0.1),
        "max_bm_factor": option(1000, 3),
        "max_bm_res": option(0.25, 0.05),
        "bm_test_negative_bound": st.booleans(),
        "nm_thres": option(0.0, 1.5),
        "nm_assumed_wmax": option(0.6, 0.2),
        "nm_decay": option(1e-3, 0.3),
    }
)


def compare(io: IOParameters, *, transposed: bool = False) -> int:
    """How many vectors were compared."""
    weights = np.ascontiguousarray(WEIGHTS.T) if transposed else WEIGHTS
    place, periphery = site(weights.shape), Periphery(io, transposed=transposed)
    state = periphery.create(place)
    y = periphery.product(state, place, weights, VECTORS)
    frozen = {name: np.asarray(array, float) for name, array in state.arrays.items()}
    if transposed and "w_asymmetry" in frozen:
        frozen["w_asymmetry"] = frozen["w_asymmetry"].T
    reference = Reference(periphery.io, WEIGHTS.astype(float), frozen)
    compared = 0
    for row, x in zip(y, VECTORS.astype(float), strict=True):
        expected, close = reference.product(x)
        if not close:
            np.testing.assert_allclose(row, expected, rtol=2e-5, atol=2e-5 * max(1.0, np.abs(x).max()))
            compared += 1
    return compared


@settings(max_examples=150, deadline=None, derandomize=True)
@given(OPTIONS, st.booleans())
def test_all_combinations(options: dict[str, Any], transposed: bool) -> None:
    with running_on(Plain()):
        # At most two vectors in six hang on a rounding; the one of zeros never does.
        assert compare(IOParameters(out_noise=0.0, **options), transposed=transposed) >= 1


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"out_bound": 0.4, "noise_management": "NONE", "inp_res": -1.0, "inp_bound": -1.0},
        {"noise_management": "NONE", "inp_bound": 0.5, "inp_res": 0.1, "bound_management": "NONE"},
        {"mv_type": "POS_NEG_SEPARATE", "w_read_asymmetry_dtod": 0.1, "ir_drop": 1.0, "ir_drop_g_ratio": 20.0},
        {"mv_type": "POS_NEG_SEPARATE_DIGITAL_SUM", "v_offset_std": 0.1, "r_series": 0.05, "out_nonlinearity": 0.3},
    ],
)
def test_compiled(options: dict[str, Any]) -> None:
    assert compare(IOParameters(out_noise=0.0, **options)) >= 2
