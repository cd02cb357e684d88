"""Configurations that several tests share."""

from __future__ import annotations

from analog.config import (
    ConstantStepDevice,
    FloatingPointRPUConfig,
    IdealDevice,
    InputRangeParameter,
    IOParameters,
    MappingParameter,
    PrePostProcessingParameter,
    PulseType,
    SingleRPUConfig,
    UpdateParameters,
)

PERFECT = IOParameters(is_perfect=True)
#: Digital parts of all kinds around crossbars of 3 inputs and 2 outputs at most.
MAPPINGS = {
    "plain": MappingParameter(),
    "grid": MappingParameter(max_input_size=3, max_output_size=2),
    "omega": MappingParameter(weight_scaling_omega=0.6),
    "columnwise": MappingParameter(weight_scaling_omega=0.6, weight_scaling_columnwise=True),
    "compensated": MappingParameter(
        weight_scaling_omega=0.6, weight_scaling_columnwise=True, weight_scaling_lr_compensation=True
    ),
    "analog bias": MappingParameter(digital_bias=False, max_input_size=3),
    "all": MappingParameter(
        digital_bias=False, weight_scaling_omega=0.3, weight_scaling_columnwise=True, max_input_size=3
    ),
}


def exact(mapping: MappingParameter = MAPPINGS["plain"], input_range: float | None = None) -> FloatingPointRPUConfig:
    """Everything ideal; with a fixed input range if one is given."""
    return FloatingPointRPUConfig(mapping=mapping, pre_post=fixed_range(input_range))


def ideal(mapping: MappingParameter = MAPPINGS["plain"]) -> SingleRPUConfig:
    """Everything ideal, by the parameters of a crossbar with devices."""
    update = UpdateParameters(pulse_type=PulseType.NONE)
    return SingleRPUConfig(device=IdealDevice(), forward=PERFECT, backward=PERFECT, update=update, mapping=mapping)


def lossless(mapping: MappingParameter = MAPPINGS["plain"]) -> SingleRPUConfig:
    """As `ideal`, but vectors go through all stages of converters, of which none does anything."""
    io = IOParameters(
        inp_bound=0, inp_res=0, out_bound=0, out_res=0, out_noise=0, noise_management="NONE", bound_management="NONE"
    )
    return ideal(mapping).replace(forward=io, backward=io)


def noisy(mapping: MappingParameter = MAPPINGS["plain"], **fields: object) -> SingleRPUConfig:
    """A device with steps, and converters with noise."""
    return SingleRPUConfig(device=ConstantStepDevice(), mapping=mapping, **fields)


def fixed_range(bound: float | None) -> PrePostProcessingParameter:
    if bound is None:
        return PrePostProcessingParameter()
    return PrePostProcessingParameter(
        input_range=InputRangeParameter(enable=True, learn_input_range=False, init_value=bound, init_from_data=0)
    )
