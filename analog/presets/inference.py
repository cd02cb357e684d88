"""Crossbars that are programmed once, after training elsewhere."""

from __future__ import annotations

from analog.config import InferenceRPUConfig, TorchInferenceRPUConfig
from analog.parameters import (
    BoundManagementType,
    InputRangeParameter,
    IOParameters,
    MappingParameter,
    NoiseManagementType,
    PrePostProcessingParameter,
    WeightClipParameter,
    WeightClipType,
    WeightModifierParameter,
    WeightModifierType,
    WeightNoiseType,
    WeightRemapParameter,
    WeightRemapType,
)
from analog.presets.peripheries import PresetIOParameters, StandardIOParameters

__all__ = [
    "FloatingPointPreset",
    "OldWebComposerInferenceRPUConfig",
    "StandardHWATrainingPreset",
    "WebComposerInferenceRPUConfig",
]

UNBOUNDED = MappingParameter(max_input_size=0, max_output_size=0)
SCALED = MappingParameter(weight_scaling_omega=1.0, weight_scaling_columnwise=True)
CLIPPED = WeightClipParameter(type=WeightClipType.FIXED_VALUE, fixed_value=1.0)


class FloatingPointPreset(TorchInferenceRPUConfig):
    """Exact products of matrices of any size.

    Notes
    -----
    Values as in aihwkit.
    """

    mapping: MappingParameter = UNBOUNDED
    forward: IOParameters = IOParameters(is_perfect=True)


class StandardHWATrainingPreset(InferenceRPUConfig):
    """The standard of hardware-aware training for phase-change memories.

    Converters of 8 bits with learned input ranges, noise of reading, a voltage drop along the lines, one digital factor
    for every output. Devices are programmed, drift, and are compensated as all of `InferenceRPUConfig`.

    Notes
    -----
    M. J. Rasch et al., Nat. Commun. 14, 5282 (2023). Values as in aihwkit.
    """

    pre_post: PrePostProcessingParameter = PrePostProcessingParameter(input_range=InputRangeParameter(enable=True))
    mapping: MappingParameter = SCALED.replace(learn_out_scaling=True, out_scaling_columnwise=True, max_output_size=0)
    forward: IOParameters = StandardIOParameters(
        bound_management=BoundManagementType.NONE,
        noise_management=NoiseManagementType.CONSTANT,
        nm_thres=1.0,
        w_noise=0.0175,
        w_noise_type=WeightNoiseType.PCM_READ,
        ir_drop=1.0,
    )
    clip: WeightClipParameter = CLIPPED
    remap: WeightRemapParameter = WeightRemapParameter(type=WeightRemapType.CHANNELWISE_SYMMETRIC)


class WebComposerInferenceRPUConfig(InferenceRPUConfig):
    """What IBM's Analog AI Cloud Composer trains with.

    Notes
    -----
    Values as in aihwkit.
    """

    mapping: MappingParameter = SCALED.replace(learn_out_scaling=True)
    forward: IOParameters = PresetIOParameters()
    clip: WeightClipParameter = CLIPPED
    modifier: WeightModifierParameter = WeightModifierParameter(type=WeightModifierType.ADD_NORMAL, std_dev=0.1)


class OldWebComposerInferenceRPUConfig(WebComposerInferenceRPUConfig):
    """What the cloud composer trained with before: analog biases, no trained factors, crossbars of any size.

    Notes
    -----
    Values as in aihwkit.
    """

    mapping: MappingParameter = SCALED.replace(digital_bias=False, max_input_size=0, max_output_size=0)
