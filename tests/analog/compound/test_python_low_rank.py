"""Low-rank transfer by the names of a fork is low-rank transfer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog import Crossbar
from analog.config import LRTTTransferCompound, PythonLRTTDevice, PythonLRTTRPUConfig, UnitCellRPUConfig
from analog.errors import ConfigError

SAME: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"transfer_lr": 1.0}),
    ({"lora_alpha": 2.0, "units_in_mbatch": True}, {"lora_alpha": 2.0, "transfer_lr": 1.0, "transfer_unit": "samples"}),
    ({"correct_gradient_magnitudes": True}, {"transfer_lr": 1.0, "gradient_scale": "1/sqrt(r)"}),
    ({"forward_inject": False}, {"transfer_lr": 1.0, "composition": "visible"}),
]


@pytest.mark.parametrize(("fork", "own"), SAME, ids=range(len(SAME)))
def test_the_same_bits_by_other_names(fork: dict[str, Any], own: dict[str, Any]) -> None:
    common = {"rank": 2, "transfer_every": 6}
    tiles = [
        Crossbar((4, 5), PythonLRTTRPUConfig(device=PythonLRTTDevice(**common, **fork)), seed=3),
        Crossbar((4, 5), UnitCellRPUConfig(device=LRTTTransferCompound(**common, **own)), seed=3),
    ]
    rng = np.random.default_rng(1)
    for _ in range(7):
        x, d = rng.uniform(-1, 1, (3, 5)), rng.uniform(-1, 1, (3, 4))
        for tile in tiles:
            tile.update_(x, d, lr=0.1)
    assert tiles[0].state == tiles[1].state
    assert tiles[0].state["transfers"] == (3 if fork.get("units_in_mbatch") else 1)
    np.testing.assert_array_equal(tiles[0].mvm(x), tiles[1].mvm(x))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"columns_mode": False}, "columns_mode is False, which never had an effect: leave True"),
        ({"ab_bl_mgmt": {"desired_bl": 5}}, "fast_update and transfer_update"),
        ({"transfer_bl_mgmt": {"desired_bl": 5}}, "fast_update and transfer_update"),
        ({"transfer_unit": "samples"}, "no field 'transfer_unit'"),
        ({"unit_cell_devices": ()}, "1 to 14 cells"),
    ],
)
def test_what_never_had_an_effect_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        PythonLRTTDevice(**fields)
