"""Converters around an array whose voltage drop depends on time, because inputs are pulses of different length."""

from __future__ import annotations

from analog.errors import ConfigError
from analog.parameters.enums import AnalogMVType, BoundManagementType
from analog.parameters.io import IOParameters
from analog.parameters.ranges import NonNegative, Positive, PositiveCount

__all__ = ["IOParametersIRDropT"]


class IOParametersIRDropT(IOParameters):
    """As `IOParameters`, with a voltage drop along the wires that changes while the inputs are on.

    Parameters
    ----------
    ir_drop : float, optional
        Strength of the voltage drop, in evaluation.
    ir_drop_rs : float, optional
        Resistance of a piece of wire between two crosspoints, ohm.
    ir_drop_segments : int, optional
        Pieces of a bit line that are solved together.
    ir_drop_time_step_resolution_scale : float, optional
        Steps of time per step of the input converter.
    ir_drop_v_read : float, optional
        Voltage of the inputs, volt.
    apply_xdep_pcm_read_noise : bool, optional
        Whether read noise depends on how long an input is on.
    xdep_pcm_read_noise_scale : float, optional
        Factor of that noise.
    adc_quantization : bool, optional
        Whether output converters count oscillations.
    adc_frequency : float, optional
        Their frequency at full scale, gigahertz.
    ir_drop_integration_sum : bool, optional
        Whether charges are summed over steps of time rather than integrated.
    split_mode_bit_shift : int, optional
        Bits of the low part when ``mv_type`` is ``SPLIT_MODE``.
    """

    ir_drop: NonNegative = 1.0
    ir_drop_rs: Positive = 0.15
    ir_drop_segments: PositiveCount = 8
    ir_drop_time_step_resolution_scale: Positive = 1.0
    ir_drop_v_read: Positive = 0.4005
    apply_xdep_pcm_read_noise: bool = False
    xdep_pcm_read_noise_scale: NonNegative = 1.0
    adc_quantization: bool = True
    adc_frequency: Positive = 6.24
    ir_drop_integration_sum: bool = False
    split_mode_bit_shift: PositiveCount = 3

    def _check_choices(self) -> None:
        if self.bound_management is BoundManagementType.SHIFT:
            raise ConfigError("bound_management=SHIFT exists only as a name; use 'ITERATIVE' or 'NONE'")
        if self.mv_type in (AnalogMVType.POS_NEG_SEPARATE, AnalogMVType.POS_NEG_SEPARATE_DIGITAL_SUM):
            raise ConfigError(
                f"mv_type={self.mv_type.name} is of IOParameters; IOParametersIRDropT takes IDEAL, ONE_PASS, "
                "SPLIT_MODE and BIT_WISE"
            )
