"""Presets have the published numbers, are classes like any other, and train."""

from __future__ import annotations

import dataclasses
import pickle
import re
from typing import Any

import numpy as np
import pytest

import analog.presets
from analog import Crossbar
from analog.config import (
    DigitalRankUpdateRPUConfig,
    InferenceRPUConfig,
    IOParameters,
    SingleRPUConfig,
    UnitCellRPUConfig,
    UpdateParameters,
)
from analog.devices import PulsedDevice
from tensorlayer.errors import UnsupportedOperationError
from tests.analog.devices.sites import made

PRESETS = {name: getattr(analog.presets, name) for name in analog.presets.__all__}
TRAINING = {name: cls for name, cls in PRESETS.items() if issubclass(cls, SingleRPUConfig)}
INFERENCE = {name: cls for name, cls in PRESETS.items() if issubclass(cls, InferenceRPUConfig)}

# Weights after 1, 10, 100, 200 pulses up and then as many down, without spread and noise.
TRACES = {
    "ReRamES": [0.001481, 0.014791, 0.146008, 0.28868, 0.28564, 0.258949, 0.039296, -0.147556],
    "ReRamSB": [0.002, 0.019857, 0.184957, 0.342546, 0.339633, 0.313759, 0.086514, -0.109518],
    "Capacitor": [0.005, 0.049944, 0.493863, 0.97553, 0.970286, 0.92315, 0.457579, -0.047583],
    "EcRam": [0.002, 0.019982, 0.198065, 0.392272, 0.38979, 0.367589, 0.158577, -0.048079],
    "EcRamMO": [0.000282, 0.00282, 0.028075, 0.05587, 0.055574, 0.052912, 0.026623, -0.001902],
    "Idealized": [0.0002, 0.002, 0.02, 0.04, 0.0398, 0.038, 0.02, 0],
    "GokmenVlasov": [0.0016, 0.016, 0.16, 0.32, 0.3184, 0.304, 0.16, 0],
    "PCM": [0.28235, 0.924401, 2, 2, 0, 0, 0, 0],
}
# Of the noise, which the traces do not show: dw_min_dtod, dw_min_std, w_max_dtod, w_min_dtod, up_down_dtod.
SPREADS = {
    "ReRamES": (0.2, 5.0, 0.3, 0.3, 0.05),
    "ReRamSB": (0.3, 3.75, 0.24, 0.4, 0.01),
    "Capacitor": (0.1, 0.3, 0.07, 0.07, 0.06),
    "EcRam": (0.1, 0.3, 0.05, 0.05, 0.01),
    "EcRamMO": (0.1, 2.0, 0.05, 0.05, 0.01),
    "Idealized": (0.3, 0.3, 0.3, 0.3, 0.0),
    "GokmenVlasov": (0.3, 0.3, 0.3, 0.3, 0.01),
    "PCM": (0.2, 0.6, 0.1, 0.0, 0.05),
    "ReRamArrayOM": (0.7829, 0.4158, 0.3499, 0.5695, 0.01),
    "ReRamArrayHfO2": (0.7125, 0.2174, 0.4295, 0.5990, 0.01),
}
ARRAY = {
    "dw_min_dtod_log_normal": True,
    "up_down": 0.0,
    "corrupt_devices_range": 0.01,
    "subtract_symmetry_point": True,
    "reference_std": 0.05,
    "mult_noise": False,
    "w_max": 1.0,
    "w_min": -1.0,
}
OTHERS: dict[str, dict[str, Any]] = {
    "ReRamES": {"write_noise_std": 75.0},
    "ReRamSB": {"write_noise_std": 56.0, "mult_noise": False, "subtract_symmetry_point": False},
    "Capacitor": {"lifetime": 1e6, "lifetime_dtod": 0.3, "mult_noise": False, "gamma_up_dtod": 0.01},
    "EcRam": {"mult_noise": True, "gamma_down_dtod": 0.05},
    "EcRamMO": {"mult_noise": True, "gamma_down_dtod": 0.05},
    "PCM": {"dw_min_std_add": 0.042, "dw_min_std_slope": 0.108, "reset": 0.01, "reset_dtod": 0.02},
    "ReRamArrayOM": {"dw_min": 0.0949, "write_noise_std": 1.4113, **ARRAY},
    "ReRamArrayHfO2": {"dw_min": 0.4622, "write_noise_std": 0.5841, **ARRAY},
}
SIX = ("ReRamES", "ReRamSB", "Capacitor", "EcRam", "EcRamMO", "Idealized")
# fast_lr, auto_granularity, in_chop_prob, update.desired_bl, tail_weightening
BUFFERED = {
    "TTv2ReRamES": (0.5, 1000, 0, 31),
    "TTv2ReRamSB": (0.5, 1000, 0, 31),
    "TTv2Capacitor": (0.1, 1000, 0, 31),
    "TTv2EcRam": (0.1, 500, 0, 100),
    "TTv2EcRamMO": (0.1, 500, 0, 100),
    "TTv2Idealized": (0.1, 500, 0, 100),
    "ChoppedTTv2ReRamES": (0.5, 1000, 0.01, 31),
    "ChoppedTTv2ReRamSB": (0.5, 1000, 0.01, 31),
    "ChoppedTTv2Capacitor": (0.1, 1000, 0.01, 31),
    "ChoppedTTv2EcRam": (1.0, 500, 0.01, 100),
    "ChoppedTTv2EcRamMO": (0.1, 500, 0.001, 100),
    "ChoppedTTv2Idealized": (0.1, 500, 0.001, 100),
    "AGADReRamES": (0.5, 1000, 0.02, 31, 5),
    "AGADReRamSB": (0.5, 1000, 0.02, 31, 5),
    "AGADCapacitor": (0.1, 1000, 0.01, 31, 20),
    "AGADEcRam": (0.1, 750, 0.005, 31, 50),
    "AGADEcRamMO": (0.1, 500, 0.005, 100, 50),
    "AGADIdealized": (0.1, 500, 0.005, 100, 50),
}


def device(name: str) -> PulsedDevice:
    return PRESETS[f"{name}PresetDevice"]()


def quiet(named: PulsedDevice) -> PulsedDevice:
    """Without spread, noise and decay."""
    fields = [field.name for field in dataclasses.fields(named) if field.init]
    noises = [name for name in fields if name.endswith(("_dtod", "_std"))]
    return named.replace(**dict.fromkeys(noises, 0), lifetime=0)


def config(name: str) -> Any:
    return PRESETS[f"{name}Preset"]()


@pytest.mark.parametrize("name", TRACES)
def test_devices_answer_pulses_as_published(name: str) -> None:
    plain = quiet(device(name))
    state, place = made(plain)
    trace = []
    for count in (1, 9, 90, 100, -1, -9, -90, -100):
        plain.write(state, place, np.full((1, 1), count, np.int32))
        trace.append(float(state.arrays["weights"][0, 0]))
    np.testing.assert_allclose(trace, TRACES[name], rtol=0, atol=1.1e-6)


@pytest.mark.parametrize("name", SPREADS)
def test_devices_have_the_published_spreads(name: str) -> None:
    found, others = device(name), OTHERS.get(name, {})
    spreads = (found.dw_min_dtod, found.dw_min_std, found.w_max_dtod, found.w_min_dtod, found.up_down_dtod)
    assert spreads == SPREADS[name]
    assert {field: getattr(found, field) for field in others} == others


def test_peripheries_have_the_published_numbers() -> None:
    preset, standard = analog.presets.PresetIOParameters(), analog.presets.StandardIOParameters()
    assert (preset.out_bound, preset.out_noise, preset.inp_res, preset.out_res) == (20, 0.1, 1 / 126, 1 / 510)
    assert (standard.out_bound, standard.out_noise, standard.inp_res, standard.out_res) == (10, 0.04, 1 / 254, 1 / 254)
    assert analog.presets.PresetUpdateParameters().to_dict() == UpdateParameters().to_dict() | {
        "class": "PresetUpdateParameters"
    }


@pytest.mark.parametrize("name", TRAINING)
def test_every_configuration_has_the_periphery_of_presets(name: str) -> None:
    found = TRAINING[name]()
    assert found.forward == found.backward == analog.presets.PresetIOParameters()
    assert isinstance(found.update, analog.presets.PresetUpdateParameters)


@pytest.mark.parametrize("name", SIX)
def test_families(name: str) -> None:
    one = device(name)
    assert config(name).device == one
    for count in (2, 4):
        several = config(f"{name}{count}").device
        assert several.unit_cell_devices == (one,) * count
        assert several.update_policy.name == "SINGLE_RANDOM"
    assert config(f"MixedPrecision{name}").device.device == one
    pair = (one.replace(subtract_symmetry_point=True) if name == "ReRamSB" else one,) * 2
    plain = config(f"TikiTaka{name}").device
    assert plain.unit_cell_devices == pair
    assert (plain.fast_lr, plain.transfer_lr, plain.transfer_every, plain.n_reads_per_transfer) == (1, 1, 1, 1)
    assert plain.units_in_mbatch
    assert plain.transfer_update == analog.presets.PresetUpdateParameters()
    for family in ("TikiTaka", "TTv2", "ChoppedTTv2", "AGAD"):
        cell = config(f"{family}{name}").device
        assert cell.unit_cell_devices == pair
        assert cell.transfer_forward == analog.presets.PresetIOParameters(
            noise_management="NONE", bound_management="NONE"
        )


def test_configurations_beyond_the_six() -> None:
    assert config("GokmenVlasov").device == config("MixedPrecisionGokmenVlasov").device.device == device("GokmenVlasov")
    cell = analog.presets.PCMPresetUnitCell()
    assert config("PCM").device == config("MixedPrecisionPCM").device.device == cell
    assert cell.unit_cell_devices == (device("PCM"),) * 2
    assert (cell.refresh_every, cell.units_in_mbatch) == (1, True)
    assert isinstance(config("PCM"), UnitCellRPUConfig)
    assert isinstance(config("MixedPrecisionPCM"), DigitalRankUpdateRPUConfig)


@pytest.mark.parametrize("name", BUFFERED)
def test_rules_with_buffers_have_the_published_numbers(name: str) -> None:
    found, (fast_lr, auto_granularity, in_chop_prob, desired_bl, *tail) = config(name), BUFFERED[name]
    cell = found.device
    assert (cell.fast_lr, cell.auto_granularity, cell.in_chop_prob) == (fast_lr, auto_granularity, in_chop_prob)
    assert found.update.desired_bl == desired_bl
    assert [cell.tail_weightening] == tail if tail else not hasattr(cell, "tail_weightening")
    assert cell.auto_scale
    written = cell.transfer_update
    assert (written.desired_bl, written.update_management, written.update_bl_management) == (1, False, False)


def test_all_are_there() -> None:
    assert len(TRAINING) == 8 + 2 * 6 + 4 * 6 + 8
    assert len(INFERENCE) == 4
    assert len([cls for cls in PRESETS.values() if issubclass(cls, PulsedDevice)]) == 10


@pytest.mark.parametrize("name", PRESETS)
def test_they_are_classes_like_any_other(name: str) -> None:
    cls = PRESETS[name]
    assert cls.__name__ == name
    assert re.search(r"\(20\d\d\)|as in aihwkit", cls.__doc__), "no source"
    one = cls()
    assert repr(one) == f"{name}()"
    assert pickle.loads(pickle.dumps(one)) == one
    assert cls.from_dict(one.to_dict()) == cls.from_json(one.to_json(defaults=False)) == one


def written(tile: Crossbar) -> Any:
    """The weights without the noise of writing, which is larger than what a few updates change."""
    hidden = tile.hidden_parameters
    persistent = [name for name in hidden if name.startswith("persistent_weights")]
    return np.asarray(hidden[persistent[-1]] if persistent else tile.weights)


@pytest.mark.parametrize("name", TRAINING)
def test_every_configuration_trains(name: str) -> None:
    """Weights follow a constant gradient, by more than five standard errors of their mean over 200 crosspoints."""
    tile = Crossbar((100, 2), TRAINING[name](), seed=1).set_weights(np.zeros((100, 2)))
    x, d = np.ones((100, 2)), np.full((100, 100), -0.5)
    assert np.isfinite(tile.mvm(x)).all()
    before = written(tile)
    # AGAD writes nothing before its first 200 sweeps over all lines.
    for _ in range(6):
        tile.update_(x, d, lr=0.1).post_update_()
    change = written(tile) - before
    assert change.mean() > 5 * change.std() / np.sqrt(change.size)


@pytest.mark.parametrize("name", INFERENCE)
def test_inference_is_for_later(name: str) -> None:
    with pytest.raises(UnsupportedOperationError, match="trained by pulses"):
        Crossbar((2, 2), INFERENCE[name]())


def test_hardware_aware_training_has_the_published_numbers() -> None:
    standard = analog.presets.StandardHWATrainingPreset()
    changed = {
        name: value
        for name, value in standard.forward.to_dict().items()
        if name != "class" and value != IOParameters().to_dict()[name]
    }
    assert changed == {
        "inp_res": 1 / 254, "out_res": 1 / 254, "out_bound": 10.0, "out_noise": 0.04, "w_noise": 0.0175,
        "w_noise_type": "PCM_READ", "ir_drop": 1.0, "nm_thres": 1.0,
        "noise_management": "CONSTANT", "bound_management": "NONE",
    }  # fmt: skip
    mapping = standard.mapping
    assert (mapping.weight_scaling_omega, mapping.max_input_size, mapping.max_output_size) == (1.0, 512, 0)
    assert mapping.weight_scaling_columnwise
    assert mapping.learn_out_scaling
    assert mapping.out_scaling_columnwise
    assert standard.pre_post.input_range.enable
    assert (standard.clip.type.name, standard.clip.fixed_value) == ("FIXED_VALUE", 1.0)
    assert standard.remap.type.name == "CHANNELWISE_SYMMETRIC"
    web, old = analog.presets.WebComposerInferenceRPUConfig(), analog.presets.OldWebComposerInferenceRPUConfig()
    assert web.forward == old.forward == analog.presets.PresetIOParameters()
    assert web.modifier == old.modifier
    assert (web.modifier.type.name, web.modifier.std_dev) == ("ADD_NORMAL", 0.1)
    assert (web.mapping.learn_out_scaling, old.mapping.learn_out_scaling) == (True, False)
    assert (web.mapping.digital_bias, old.mapping.digital_bias, old.mapping.max_input_size) == (True, False, 0)
    exact = analog.presets.FloatingPointPreset()
    assert exact.forward.is_perfect
    assert (exact.mapping.max_input_size, exact.mapping.max_output_size) == (0, 0)
