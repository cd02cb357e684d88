"""Training rules by name: what the field's own helper makes of the same names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog import Crossbar
from analog.config import IOParameters, RPUConfig, SoftBoundsDevice, UpdateParameters, build_config
from analog.errors import ConfigError

#: Fields of what aihwkit 1.2.0's build_config gives, printed there.
PRINTED: dict[str, dict[str, Any]] = {
    "sgd": {"update.desired_bl": 31},
    "ttv1": {
        "device.units_in_mbatch": True, "device.fast_lr": 1.0, "device.transfer_every": 1.0, "update.desired_bl": 31,
        "device.transfer_update.desired_bl": 31, "device.transfer_update.update_management": True,
    },
    "ttv2": {
        "device.units_in_mbatch": False, "device.fast_lr": 1.0, "device.auto_scale": False, "device.in_chop_prob": 0.0,
        "device.momentum": 0.0, "device.scale_fast_lr": False, "update.desired_bl": 5,
        "device.transfer_update.desired_bl": 1, "device.transfer_update.update_management": False,
        "device.transfer_update.update_bl_management": False,
    },
    "ttv3": {
        "device.fast_lr": 0.1, "device.auto_scale": True, "device.in_chop_prob": 0.1, "device.in_chop_random": True,
        "update.desired_bl": 5, "device.transfer_update.desired_bl": 1,
        "device.transfer_update.update_management": False,
    },
    "ttv4": {
        "device.fast_lr": 0.1, "device.auto_scale": True, "device.in_chop_prob": 0.1, "device.in_chop_random": False,
        "update.desired_bl": 5, "device.transfer_update.desired_bl": 1,
        "device.transfer_update.update_management": True,
    },
    "mp": {"device.transfer_every": 1, "device.granularity": 0.0, "update.desired_bl": 31},
}  # fmt: skip
SAME = {
    "tt": "ttv1",
    "tiki-taka": "ttv1",
    "c-ttv2": "ttv3",
    "Chopped-TTv2": "ttv3",
    "AGAD": "ttv4",
    "mixed-precision": "mp",
}


def at(config: RPUConfig, path: str) -> Any:
    value: Any = config
    for name in path.split("."):
        value = getattr(value, name)
    return value


@pytest.mark.parametrize("algorithm", PRINTED)
def test_rules_are_those_of_the_field(algorithm: str) -> None:
    config = build_config(algorithm)
    assert {path: at(config, path) for path in PRINTED[algorithm]} == PRINTED[algorithm]


@pytest.mark.parametrize("alias", SAME)
def test_names_that_mean_the_same(alias: str) -> None:
    assert build_config(alias) == build_config(SAME[alias])


@pytest.mark.parametrize("algorithm", PRINTED)
def test_every_rule_learns(algorithm: str) -> None:
    """A regression on two devices per crosspoint, or one: the error falls."""
    rng = np.random.default_rng(2)
    target, x = rng.uniform(-0.3, 0.3, (4, 6)), rng.uniform(-1, 1, (400, 8, 6))
    config = build_config(
        algorithm, SoftBoundsDevice(dw_min=0.01, w_max_dtod=0.1, w_min_dtod=0.1), IOParameters(is_perfect=True)
    )
    tile = Crossbar((4, 6), config, seed=1).set_weights(np.zeros((4, 6)))
    for vectors in x:
        tile.update_(vectors, tile.mvm(vectors) - vectors @ target.T, lr=0.05)
    assert np.abs(tile.weights - target).mean() < 0.5 * np.abs(target).mean()


def test_what_is_given_is_used() -> None:
    io, up = IOParameters(out_noise=0.5), UpdateParameters(desired_bl=7)
    config = build_config("ttv3", SoftBoundsDevice, io, up, construction_seed=3, transfer_every=2.0)
    assert (config.forward, config.backward, config.update) == (io, io, up)
    assert config.device.unit_cell_devices == (SoftBoundsDevice(), SoftBoundsDevice())
    assert (config.device.construction_seed, config.device.transfer_every) == (3, 2.0)
    assert config.device.transfer_forward.out_noise == 0.5
    assert build_config("sgd", n_devices=3).device.update_policy.name == "SINGLE_RANDOM"
    assert build_config("sgd", construction_seed=3).device.construction_seed == 3
    assert len(build_config("tt", n_devices=3).device.unit_cell_devices) == 3


@pytest.mark.parametrize(
    ("arguments", "named", "message"),
    [
        (("sdg",), {}, "no training rule 'sdg': did you mean 'sgd'"),
        ((None,), {}, "no training rule None"),
        (("sgd", "ConstantStepDevice"), {}, "device is 'ConstantStepDevice': give a device"),
        (("agad",), {"n_devices": 3}, "n_devices is 3: this rule has 2"),
        (("sgd",), {"n_devices": 0}, "n_devices is 0: this rule has 1 to 14"),
        (("mp",), {"n_devices": 2}, "n_devices is 2: this rule has 1"),
        (("agad",), {"in_chop_porb": 0.1}, "did you mean 'in_chop_prob'"),
        (("sgd",), {"transfer_every": 1}, "ConstantStepDevice has no field 'transfer_every'"),
        (("sgd", IOParameters()), {}, "device is"),
    ],
    ids=range(9),
)
def test_nonsense_is_refused(arguments: tuple[Any, ...], named: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build_config(*arguments, **named)
