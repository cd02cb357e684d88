"""Presets are the published parameters and no others: each is built again from the classes of the field."""

from __future__ import annotations

from typing import Any

import pytest

import analog.presets
from analog.config import (
    ChoppedTransferCompound,
    ConstantStepDevice,
    DigitalRankUpdateRPUConfig,
    DynamicTransferCompound,
    ExpStepDevice,
    InferenceRPUConfig,
    InputRangeParameter,
    IOParameters,
    LinearStepDevice,
    MappingParameter,
    MixedPrecisionCompound,
    OneSidedUnitCell,
    PrePostProcessingParameter,
    SingleRPUConfig,
    SoftBoundsReferenceDevice,
    TorchInferenceRPUConfig,
    TransferCompound,
    UnitCellRPUConfig,
    UpdateParameters,
    VectorUnitCell,
    WeightClipParameter,
    WeightModifierParameter,
    WeightRemapParameter,
)
from analog.parameters import Parameters

DEVICES: dict[str, Parameters] = {
    "ReRamES": ExpStepDevice(
        dw_min=0.00135, dw_min_dtod=0.2, dw_min_std=5.0, w_max=1, w_min=-1, w_max_dtod=0.3, w_min_dtod=0.3,
        up_down=0.259359, up_down_dtod=0.05, A_up=-1.18445, A_down=-0.081404, gamma_up=5, gamma_down=5, a=-0.5, b=-0.5,
        write_noise_std=75,
    ),
    "ReRamSB": SoftBoundsReferenceDevice(
        dw_min=0.002, dw_min_dtod=0.3, dw_min_std=3.75, w_max=1.25, w_min=-0.75, w_max_dtod=0.24, w_min_dtod=0.4,
        up_down_dtod=0.01, mult_noise=False, write_noise_std=56,
    ),
    "Capacitor": LinearStepDevice(
        dw_min=0.005, dw_min_dtod=0.1, dw_min_std=0.3, w_max=1, w_min=-1, w_max_dtod=0.07, w_min_dtod=0.07,
        up_down_dtod=0.06, gamma_up=0.05, gamma_down=0.05, gamma_up_dtod=0.01, gamma_down_dtod=0.01, mult_noise=False,
        lifetime=1e6, lifetime_dtod=0.3,
    ),
    "EcRam": LinearStepDevice(
        dw_min=0.002, dw_min_dtod=0.1, dw_min_std=0.3, w_max=1.1724, w_min=-0.8276, w_max_dtod=0.05, w_min_dtod=0.05,
        up_down_dtod=0.01, gamma_up=0.1153, gamma_down=0.5085, gamma_up_dtod=0.05, gamma_down_dtod=0.05,
        mult_noise=True,
    ),
    "EcRamMO": LinearStepDevice(
        dw_min=2.8214e-4, dw_min_dtod=0.1, dw_min_std=2.0, w_max=1.1714, w_min=-0.8286, w_max_dtod=0.05,
        w_min_dtod=0.05, up_down_dtod=0.01, gamma_up=0.4152, gamma_down=0.7342, gamma_up_dtod=0.05,
        gamma_down_dtod=0.05, mult_noise=True,
    ),
    "Idealized": ConstantStepDevice(
        dw_min=0.0002, dw_min_dtod=0.3, dw_min_std=0.3, w_max=1, w_min=-1, w_max_dtod=0.3, w_min_dtod=0.3,
        up_down_dtod=0,
    ),
    "GokmenVlasov": ConstantStepDevice(
        dw_min=0.0016, dw_min_dtod=0.3, dw_min_std=0.3, w_max=1, w_min=-1, w_max_dtod=0.3, w_min_dtod=0.3,
        up_down_dtod=0.01,
    ),
    "PCM": ExpStepDevice(
        dw_min=0.01, dw_min_dtod=0.2, dw_min_std=0.6, w_max=2, w_min=0, w_max_dtod=0.1, w_min_dtod=0, up_down_dtod=0.05,
        A_up=-27.235, A_down=-2.235, gamma_up=2.5, gamma_down=2.5, a=-1, b=0, dw_min_std_add=0.042,
        dw_min_std_slope=0.108, reset=0.01, reset_dtod=0.02,
    ),
    "ReRamArrayOM": SoftBoundsReferenceDevice(
        dw_min=0.0949, dw_min_dtod=0.7829, dw_min_dtod_log_normal=True, dw_min_std=0.4158, w_max=1, w_min=-1,
        w_max_dtod=0.3499, w_min_dtod=0.5695, up_down_dtod=0.01, write_noise_std=1.4113, corrupt_devices_range=0.01,
        subtract_symmetry_point=True, reference_std=0.05,
    ),
    "ReRamArrayHfO2": SoftBoundsReferenceDevice(
        dw_min=0.4622, dw_min_dtod=0.7125, dw_min_dtod_log_normal=True, dw_min_std=0.2174, w_max=1, w_min=-1,
        w_max_dtod=0.4295, w_min_dtod=0.5990, up_down_dtod=0.01, write_noise_std=0.5841, corrupt_devices_range=0.01,
        subtract_symmetry_point=True, reference_std=0.05,
    ),
}  # fmt: skip
SIX = ("ReRamES", "ReRamSB", "Capacitor", "EcRam", "EcRamMO", "Idealized")
IO = IOParameters(out_bound=20, out_noise=0.1)
READS = IO.replace(noise_management="NONE", bound_management="NONE")
WRITES = UpdateParameters(desired_bl=1, update_management=False, update_bl_management=False)
PCM_CELL = OneSidedUnitCell((DEVICES["PCM"],) * 2, refresh_every=1, refresh_forward=IO)
# fast_lr, auto_granularity, in_chop_prob, desired_bl, tail_weightening
TTV2 = [(0.5, 1000, 0, 31), (0.5, 1000, 0, 31), (0.1, 1000, 0, 31)] + [(0.1, 500, 0, 100)] * 3
CHOPPED = [
    (0.5, 1000, 0.01, 31), (0.5, 1000, 0.01, 31), (0.1, 1000, 0.01, 31),
    (1.0, 500, 0.01, 100), (0.1, 500, 0.001, 100), (0.1, 500, 0.001, 100),
]  # fmt: skip
AGAD = [
    (0.5, 1000, 0.02, 31, 5), (0.5, 1000, 0.02, 31, 5), (0.1, 1000, 0.01, 31, 20),
    (0.1, 750, 0.005, 31, 50), (0.1, 500, 0.005, 100, 50), (0.1, 500, 0.005, 100, 50),
]  # fmt: skip


def around(config: Any, desired_bl: int = 31) -> Any:
    return config.replace(forward=IO, backward=IO, update=UpdateParameters(desired_bl=desired_bl))


def buffered(kind: Any, device: Any, numbers: tuple[float, ...]) -> Any:
    fast_lr, granularity, in_chop_prob, desired_bl, *tail = numbers
    own = {"fast_lr": fast_lr, "auto_granularity": granularity, "in_chop_prob": in_chop_prob, "auto_scale": True}
    own |= {"tail_weightening": tail[0]} if tail else {}
    cell = kind((device,) * 2, transfer_forward=READS, transfer_update=WRITES, **own)
    return around(UnitCellRPUConfig(device=cell), int(desired_bl))


def training() -> dict[str, Parameters]:
    made: dict[str, Parameters] = {
        "GokmenVlasov": around(SingleRPUConfig(device=DEVICES["GokmenVlasov"])),
        "PCM": around(UnitCellRPUConfig(device=PCM_CELL)),
        "MixedPrecisionPCM": around(DigitalRankUpdateRPUConfig(device=MixedPrecisionCompound(device=PCM_CELL))),
    }
    for name in (*SIX, "GokmenVlasov"):
        cell = MixedPrecisionCompound(device=DEVICES[name])
        made[f"MixedPrecision{name}"] = around(DigitalRankUpdateRPUConfig(device=cell))
    for number, name in enumerate(SIX):
        device: Any = DEVICES[name]
        made[name] = around(SingleRPUConfig(device=device))
        for count in (2, 4):
            cell = VectorUnitCell((device,) * count, update_policy="SINGLE_RANDOM")
            made[f"{name}{count}"] = around(UnitCellRPUConfig(device=cell))
        device = device.replace(subtract_symmetry_point=True) if name == "ReRamSB" else device
        plain = TransferCompound((device,) * 2, transfer_forward=READS, units_in_mbatch=True)
        made[f"TikiTaka{name}"] = around(UnitCellRPUConfig(device=plain))
        made[f"TTv2{name}"] = buffered(ChoppedTransferCompound, device, TTV2[number])
        made[f"ChoppedTTv2{name}"] = buffered(ChoppedTransferCompound, device, CHOPPED[number])
        made[f"AGAD{name}"] = buffered(DynamicTransferCompound, device, AGAD[number])
    return made


SCALED = {"weight_scaling_omega": 1, "weight_scaling_columnwise": True}
CLIPPED = WeightClipParameter(type="FIXED_VALUE", fixed_value=1)
DISTURBED = WeightModifierParameter(type="ADD_NORMAL", std_dev=0.1)
EXPECTED: dict[str, Parameters] = {
    **{f"{name}PresetDevice": device for name, device in DEVICES.items()},
    **{f"{name}Preset": config for name, config in training().items()},
    "PCMPresetUnitCell": PCM_CELL,
    "PresetIOParameters": IO,
    "PresetUpdateParameters": UpdateParameters(),
    "StandardIOParameters": IOParameters(inp_res=1 / 254, out_res=1 / 254, out_bound=10, out_noise=0.04),
    "FloatingPointPreset": TorchInferenceRPUConfig(
        forward=IOParameters(is_perfect=True), mapping=MappingParameter(max_input_size=0, max_output_size=0)
    ),
    "StandardHWATrainingPreset": InferenceRPUConfig(
        forward=IOParameters(
            inp_res=1 / 254, out_res=1 / 254, out_bound=10, out_noise=0.04, bound_management="NONE", ir_drop=1,
            noise_management="CONSTANT", nm_thres=1, w_noise=0.0175, w_noise_type="PCM_READ",
        ),
        pre_post=PrePostProcessingParameter(input_range=InputRangeParameter(enable=True)),
        mapping=MappingParameter(learn_out_scaling=True, out_scaling_columnwise=True, max_output_size=0, **SCALED),
        clip=CLIPPED,
        remap=WeightRemapParameter(type="CHANNELWISE_SYMMETRIC"),
    ),
    "WebComposerInferenceRPUConfig": InferenceRPUConfig(
        forward=IO, mapping=MappingParameter(learn_out_scaling=True, **SCALED), clip=CLIPPED, modifier=DISTURBED
    ),
    "OldWebComposerInferenceRPUConfig": InferenceRPUConfig(
        forward=IO, clip=CLIPPED, modifier=DISTURBED,
        mapping=MappingParameter(digital_bias=False, max_input_size=0, max_output_size=0, **SCALED),
    ),
}  # fmt: skip


def plain(parameters: Any) -> Any:
    """Values without the names of classes, which differ."""
    if isinstance(parameters, dict):
        return {name: plain(value) for name, value in parameters.items() if name != "class"}
    return [plain(value) for value in parameters] if isinstance(parameters, list) else parameters


def test_all_presets_are_here() -> None:
    assert EXPECTED.keys() == set(analog.presets.__all__)


@pytest.mark.parametrize("name", analog.presets.__all__)
def test_a_preset_is_these_parameters_and_no_others(name: str) -> None:
    preset, expected = getattr(analog.presets, name), EXPECTED[name]
    assert issubclass(preset, type(expected))
    assert plain(preset().to_dict()) == plain(expected.to_dict())
    if hasattr(expected, "device"):
        assert isinstance(preset().device, type(expected.device))
