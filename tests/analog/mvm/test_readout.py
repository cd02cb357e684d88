"""Products, noise and converters in one kernel: the bits of all of them, one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog.kernels import recording
from analog.mvm import Periphery
from analog.mvm.blocks import Blocks
from analog.mvm.chain import chain
from analog.mvm.readout import _planned
from analog.parameters import IOParameters
from tests.analog.mvm.sites import site

OPTIONS = {
    "default": {},
    "bounds exceeded": {"out_bound": 0.1},
    "spread noise": {"out_noise": 0.1, "out_noise_std": 0.3},
    "stochastic rounding": {"out_sto_round": True, "inp_sto_round": True},
    "no noise": {"out_noise": 0.0},
    "compression": {"out_nonlinearity": 0.3, "out_nonlinearity_std": 0.1, "slope_calibration": 0.2},
}


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("shape", [(150, 70), (3, 9), (33, 300)])
def test_one_kernel_gives_the_bits_of_all(
    options: dict[str, Any], transposed: bool, shape: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, place = np.random.default_rng(3), site(shape)
    weights = rng.normal(size=shape).astype(np.float32) * np.float32(0.05)
    x = rng.uniform(-1, 1, (90, shape[0 if transposed else 1])).astype(np.float32)

    def run() -> tuple[bytes, int]:
        periphery = Periphery(IOParameters(**options), transposed=transposed)
        with recording() as launches:
            return periphery.product(periphery.create(place), place, weights, x).tobytes(), len(launches)

    # Products of whole numbers of vectors are those of blocks either way.
    monkeypatch.setattr("analog.mvm.product.LEAST", 0)
    together, few = run()
    monkeypatch.setitem(vars(chain(IOParameters(**options), transposed=transposed)), "plain", False)
    apart, many = run()
    assert few < many
    assert together == apart


@pytest.mark.parametrize("options", [{}, {"inp_sto_round": True, "inp_noise": 0.1}], ids=["default", "noisy inputs"])
@pytest.mark.parametrize("along_lines", [False, True])
@pytest.mark.parametrize(("lanes", "rows"), [(16, 128), (32, 64), (64, 128)])
def test_a_reading_does_not_depend_on_how_it_is_cut(
    options: dict[str, Any], along_lines: bool, lanes: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, place = np.random.default_rng(4), site((100, 40))
    weights = rng.normal(size=(100, 40)).astype(np.float32) * np.float32(0.05)
    x = rng.uniform(-1, 1, (120, 40)).astype(np.float32)

    def run() -> list[bytes]:
        """Two batches: the second leaves other numbers in the memory that products share."""
        periphery = Periphery(IOParameters(**options))
        state = periphery.create(place)
        return [periphery.product(state, place, weights, x).tobytes() for _ in range(2)]

    together = run()
    beside, behind = (100, 120) if along_lines else (120, 100)
    across = -(-behind // rows)
    cut = Blocks(lanes, rows, across, -(-beside // lanes) * across)
    monkeypatch.setattr("analog.mvm.readout._planned", _planned.__wrapped__)
    monkeypatch.setattr("analog.mvm.readout.blocks", lambda *_, **__: (cut, along_lines))
    assert run() == together
