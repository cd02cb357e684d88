"""Which cells count batches: those that say so are changed otherwise by a batch in two parts, the others are not."""

from __future__ import annotations

import numpy as np
import pytest

from analog import Crossbar
from analog.config import (
    BufferedTransferCompound,
    ChoppedTransferCompound,
    ConstantStepDevice,
    DigitalRankUpdateRPUConfig,
    IOParameters,
    LRTTTransferCompound,
    MixedPrecisionCompound,
    OneSidedUnitCell,
    SingleRPUConfig,
    TransferCompound,
    UnitCellRPUConfig,
    VectorUnitCell,
)

DEVICE = ConstantStepDevice(
    dw_min=0.01, dw_min_dtod=0, dw_min_std=0, up_down_dtod=0, w_max_dtod=0, w_min_dtod=0, reset_std=0, reset_dtod=0
)
PAIR = [DEVICE, DEVICE]
EXACT = IOParameters(is_perfect=True)
TRANSFER = {"transfer_forward": EXACT, "transfer_every": 3, "n_reads_per_transfer": 4}

CELLS = [
    (DEVICE, False),
    (VectorUnitCell(PAIR), False),
    (TransferCompound(PAIR, **TRANSFER, units_in_mbatch=False), False),
    (TransferCompound(PAIR, **{**TRANSFER, "transfer_every": 1}, units_in_mbatch=True), True),
    (BufferedTransferCompound(PAIR, **TRANSFER, units_in_mbatch=False), False),
    (ChoppedTransferCompound(PAIR, **TRANSFER, in_chop_prob=0.0), False),
    (ChoppedTransferCompound(PAIR, **TRANSFER, in_chop_prob=0.0, auto_scale=True, auto_momentum=0.0), True),
    (OneSidedUnitCell(PAIR), False),
    (MixedPrecisionCompound(DEVICE, transfer_every=1, n_rows_per_transfer=1), True),
    (LRTTTransferCompound([DEVICE] * 3, rank=2, transfer_every=2), True),
]
NAMES = [f"{number}-{type(cell).__name__}" for number, (cell, _) in enumerate(CELLS)]
CONFIGS = {ConstantStepDevice: SingleRPUConfig, MixedPrecisionCompound: DigitalRankUpdateRPUConfig}


@pytest.mark.parametrize(("cell", "counts"), CELLS, ids=NAMES)
def test_who_counts_batches(cell, counts: bool) -> None:
    config = CONFIGS.get(type(cell), UnitCellRPUConfig)(device=cell)
    whole, parts = (Crossbar((4, 4), config, seed=1) for _ in range(2))
    rng = np.random.default_rng(2)
    x, d = rng.uniform(-1, 1, (2, 200, 4))
    whole.update_(x, d, 0.1)
    parts.update_(x[:15], d[:15], 0.1).update_(x[15:], d[15:], 0.1)
    assert whole.counts_batches == counts
    assert np.allclose(whole.weights, parts.weights, rtol=0, atol=1e-6) != counts
