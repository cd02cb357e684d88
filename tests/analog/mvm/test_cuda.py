"""The same on CUDA: in numba's simulator, and as code for a GPU."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog.kernels import recording
from analog.mvm import Periphery
from analog.parameters import IOParameters
from tests.analog import ptx
from tests.analog.mvm.sites import site
from tests.analog.simulator import Simulator

RNG = np.random.default_rng(11)
WEIGHTS = RNG.uniform(-0.6, 0.6, (5, 7)).astype(np.float32)
VECTORS = RNG.normal(0, 2, (3, 7)).astype(np.float32)

CASES: list[dict[str, Any]] = [
    {},
    {"out_bound": 0.5, "inp_sto_round": True, "out_sto_round": True, "inp_noise": 0.05},
    {"w_noise": 0.0175, "w_noise_type": "PCM_READ", "ir_drop": 1.0, "ir_drop_g_ratio": 100.0},
    {
        "w_noise": 0.02,
        "w_noise_type": "ADDITIVE_CONSTANT",
        "v_offset_std": 0.05,
        "r_series": 0.01,
        "out_noise_std": 0.1,
    },
    {"mv_type": "POS_NEG_SEPARATE", "out_nonlinearity": 0.2, "inp_asymmetry": 0.1, "noise_management": "MAX"},
    {"mv_type": "POS_NEG_SEPARATE_DIGITAL_SUM", "out_asymmetry": 0.1, "bound_management": "ITERATIVE_WORST_CASE"},
    {"noise_management": "AVERAGE_ABS_MAX", "w_read_asymmetry_dtod": 0.1, "mv_type": "POS_NEG_SEPARATE"},
    {"noise_management": "ABS_MAX_NP_SUM", "is_perfect": True},
]


def products(options: dict[str, Any]) -> list[np.ndarray]:
    """Both directions, twice, so that counters count."""
    results = []
    for transposed in (False, True):
        place, periphery = site(WEIGHTS.shape), Periphery(IOParameters(**options), transposed=transposed)
        state = periphery.create(place)
        x = np.ascontiguousarray(VECTORS[:, :5]) if transposed else VECTORS
        results += [np.asarray(periphery.product(state, place, WEIGHTS, x)) for _ in range(2)]
    return results


@pytest.mark.parametrize("options", CASES, ids=str)
def test_the_simulator_agrees(options: dict[str, Any], simulator: Simulator) -> None:
    for here, there in zip(products(options), simulator(products, options), strict=True):
        np.testing.assert_allclose(there, here, rtol=1e-6, atol=1e-6 * np.abs(here).max())


def test_every_kernel_compiles_for_a_gpu() -> None:
    with recording() as launches:
        for options in CASES:
            products(options)
    found = ptx.distinct(launches)
    assert len(found) > 15
    for kernel, types in found.values():
        assert ".visible .entry" in ptx.ptx(kernel, types)
