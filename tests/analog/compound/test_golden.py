"""Transfers as aihwkit 1.2.0 does them on the CPU, without noise: 84 vector pairs, one golden state each."""

from __future__ import annotations

import numpy as np
import pytest

import analog.compound
from analog import Crossbar
from analog.config import UnitCellRPUConfig
from analog.devices import ConstantStepDevice
from tests.analog.compound.places import CERTAIN, PERFECT

DEVICE = ConstantStepDevice(
    dw_min=0.0031, dw_min_dtod=0.0, dw_min_std=0.0, w_max_dtod=0.0, w_min_dtod=0.0, up_down_dtod=0.0, up_down=0.07
)
OPTIONS = {
    "TransferCompound": {
        "units_in_mbatch": False,
        "transfer_every": 2,
        "transfer_lr": 7.7,
        "gamma": 0.3,
        "n_reads_per_transfer": 2,
        "fast_lr": 1.3,
        "transfer_update": CERTAIN,
    },
    "BufferedTransferCompound": {"units_in_mbatch": False, "transfer_lr": 4.3, "thres_scale": 1.37, "momentum": 0.21},
    "ChoppedTransferCompound": {
        "in_chop_prob": 0.3,
        "in_chop_random": False,
        "fast_lr": 0.23,
        "transfer_lr": 2.9,
        "auto_scale": True,
        "auto_momentum": 0.53,
        "auto_granularity": 11.3,
    },
    "DynamicTransferCompound": {
        "in_chop_prob": 0.45,
        "fast_lr": 0.11,
        "transfer_lr": 17.3,
        "tail_weightening": 0.73,
        "experimental_correct_accumulation": True,
        "forget_buffer": False,
        "buffer_cap": 0.57,
        "momentum": 0.13,
    },
}
GOLDEN = {
    "TransferCompound": {
        "hidden_weights_0": [[0.037975, 0.076973, -0.029698], [-0.1466922, 0.102424, -0.0999752]],
        "hidden_weights_1": [[0.1309943, 0.1551783, 0.0622647], [-0.6, 0.6, -0.5821194]],
        "weights": [[0.1423869, 0.1782702, 0.0533553], [-0.6440077, 0.6307272, -0.612112]],
    },
    "BufferedTransferCompound": {
        "hidden_weights_0": [[0.046035, 0.058652, -0.028923], [-0.1100191, 0.086552, -0.057102]],
        "hidden_weights_1": [[0.0800923, -0.0115087, -0.0512883], [-0.1426055, 0.137054, 0.0282081]],
        "buffered_FP_weight_0": [[0.0026319, 0.0026915, -0.0015264], [-0.0048234, 0.0035078, -0.0026556]],
        "weights": [[0.0800923, -0.0115087, -0.0512883], [-0.1426055, 0.137054, 0.0282081]],
    },
    "ChoppedTransferCompound": {
        "hidden_weights_0": [[0.035278, 0.0270631, 0.1878292], [0.181845, -0.1615721, 0.0951379]],
        "hidden_weights_1": [[0.0245093, -0.0487087, -0.0836523], [-0.0881075, 0.057756, 0.0880381]],
        "buffered_FP_weight_0": [[0.0760393, -0.5588449, 0.0], [0.0, -0.0, 0.0]],
        "weights": [[0.0245093, -0.0487087, -0.0836523], [-0.0881075, 0.057756, 0.0880381]],
    },
    "DynamicTransferCompound": {
        "hidden_weights_0": [[0.1021134, -0.3510751, -0.0757639], [0.0939919, -0.0586209, 0.2811395]],
        "hidden_weights_1": [[0.0268963, -0.0285896, -0.0865353], [-0.1002905, 0.0439921, 0.0791721]],
        "buffered_FP_weight": [[0.57, 0.57, 0.57], [0.57, 0.57, -0.57]],
        "running_mean_weight": [[0.1053743, -0.2711163, -0.0101354], [0.0761347, -0.0173643, 0.2581485]],
        "past_mean_weight": [[0.1143983, -0.2463299, 0.0109698], [0.0833521, -0.0152223, 0.2507549]],
        "weights": [[0.0268963, -0.0285896, -0.0865353], [-0.1002905, 0.0439921, 0.0791721]],
    },
}


@pytest.mark.parametrize("name", OPTIONS)
def test_golden_states(name):
    random = np.random.default_rng(0)
    weights = random.uniform(-0.1, 0.1, (2, 3)).astype(np.float32)
    x = random.uniform(-1, 1, (12, 7, 3)).astype(np.float32)
    d = (0.3 * random.normal(size=(12, 7, 2))).astype(np.float32)
    cell = getattr(analog.compound, name)(unit_cell_devices=(DEVICE, DEVICE), transfer_forward=PERFECT, **OPTIONS[name])
    tile = Crossbar((2, 3), UnitCellRPUConfig(device=cell, update=CERTAIN), seed=1)
    tile.set_weights(weights)
    for some_x, some_d in zip(x, d, strict=True):
        tile.update_(some_x, some_d, lr=0.0437)
    found = tile.hidden_parameters | {"weights": tile.weights}
    for array, expected in GOLDEN[name].items():
        # Buffers are divided by granularities: they are larger than weights.
        np.testing.assert_allclose(found[array], expected, atol=2e-5, err_msg=array)
