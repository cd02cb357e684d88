"""Converters around an array whose inputs are pulses of different length, on lines that resist."""

from __future__ import annotations

import math

from analog.errors import ConfigError
from analog.parameters.enums import AnalogMVType, BoundManagementType, WeightNoiseType
from analog.parameters.io import IOParameters
from analog.parameters.ranges import Count, NonNegative, Positive, PositiveCount

__all__ = ["IOParametersIRDropT"]

#: Conductance of the largest weight where nobody says it, microsiemens.
USUAL = 25.0
#: By what a number of steps may differ from a whole one.
CLOSE = 1e-6


class IOParametersIRDropT(IOParameters):
    """As `IOParameters`, with inputs that are pulses of different length, and bit lines that are ladders of resistors.

    Both devices of a weight are on one bit line; even outputs are read at its last row, odd ones at its first. A line
    is held at 0.4 V and read at `ir_drop_v_read`; an input that is on drives its devices with 0.2 V more and less.
    A crossbar has no modes: the voltage drop is there in training and in evaluation, for forward products.

    Parameters
    ----------
    ir_drop : float, optional
        Factor of the resistance of wires; 0 switches off all of this, and a product is that of `IOParameters`.
    ir_drop_rs : float, optional
        Resistance of a piece of wire between two rows, ohm.
    ir_drop_segments : int, optional
        Pieces that a bit line consists of: within one there is no wire. As many as rows is exact.
    ir_drop_time_step_resolution_scale : float, optional
        Steps of time per step of the input converter, for ONE_PASS.
    ir_drop_v_read : float, optional
        Voltage at which lines are read, volt.
    apply_xdep_pcm_read_noise : bool, optional
        Whether conductances fluctuate from vector to vector, the less the longer inputs are on in the mean.
    xdep_pcm_read_noise_scale : float, optional
        Factor of that noise.
    adc_quantization : bool, optional
        Whether charges are counted: then fractions of a count are lost.
    adc_frequency : float, optional
        Frequency of the counter, gigahertz: counts per 100 microamperes and step of the input converter.
    ir_drop_integration_sum : bool, optional
        Whether charges are sums over the steps; otherwise integrals by trapezoids, a step before the first included.
    split_mode_bit_shift : int, optional
        Bits of the low part when ``mv_type`` is ``SPLIT_MODE``.
    ir_drop_g_max : float or None, optional
        Conductance of the largest weight, microsiemens; None: that of the configuration's noise model, 25 without one.
    ir_drop_rows : int, optional
        Rows of the array, with the inputs in their middle; 0: ``mapping.max_input_size`` of the configuration. There
        are as many as inputs at least.

    Raises
    ------
    ConfigError
        If a value is out of its range, or two contradict each other.

    Notes
    -----
    Formulas: `docs/analog-mvm.md`.
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
    ir_drop_g_max: Positive | None = None
    ir_drop_rows: Count = 0

    @property
    def is_pulsed(self) -> bool:
        """Whether inputs are pulses on lines that resist."""
        return self.ir_drop > 0 and not self.is_perfect and self.mv_type is not AnalogMVType.IDEAL

    @property
    def levels(self) -> float:
        """Steps of the input converter from 0 to its bound; 0 when it does not quantise."""
        found = self.inp_bound / self.inp_step if self.inp_step > 0 else 0.0
        return float(round(found)) if math.isclose(found, round(found), rel_tol=CLOSE) else found

    @property
    def bits(self) -> int:
        """Binary digits of the largest level."""
        return round(math.log2(self.levels + 1))

    @property
    def largest_conductance(self) -> float:
        """That of the largest weight, microsiemens."""
        return USUAL if self.ir_drop_g_max is None else self.ir_drop_g_max

    def _check_choices(self) -> None:
        if self.bound_management is BoundManagementType.SHIFT:
            raise ConfigError("bound_management=SHIFT exists only as a name; use 'ITERATIVE' or 'NONE'")
        if self.mv_type in (AnalogMVType.POS_NEG_SEPARATE, AnalogMVType.POS_NEG_SEPARATE_DIGITAL_SUM):
            raise ConfigError(
                f"mv_type={self.mv_type.name} is of IOParameters; IOParametersIRDropT takes IDEAL, ONE_PASS, "
                "SPLIT_MODE and BIT_WISE"
            )
        if self.is_pulsed:
            self._check_lines()
            self._check_pulses()

    def _check_lines(self) -> None:
        """Refuse other models of what the ladder is one of."""
        others = {
            "wires": self.wires is not None,
            "w_noise": self.w_noise > 0 and self.w_noise_type is not WeightNoiseType.NONE,
            "v_offset_std": self.v_offset_std > 0,
            "r_series": self.r_series > 0,
            "w_read_asymmetry_dtod": self.w_read_asymmetry_dtod > 0,
        }
        for name, is_set in others.items():
            if is_set:
                raise ConfigError(
                    f"IOParametersIRDropT.{name} is set, but ir_drop={self.ir_drop} makes a ladder of resistors of the "
                    "array, which has none of that: leave the default, or set ir_drop=0"
                )

    def _check_pulses(self) -> None:
        """Refuse inputs that no number of steps stands for."""
        if self.levels == 0:
            raise ConfigError(
                f"inp_res={self.inp_res} and inp_bound={self.inp_bound} quantise no inputs, but pulses have whole "
                "numbers of steps: set both above 0, or ir_drop=0"
            )
        if self.mv_type is AnalogMVType.ONE_PASS:
            if (self.levels + 1) * self.ir_drop_time_step_resolution_scale < 2:
                raise ConfigError(
                    f"ir_drop_time_step_resolution_scale={self.ir_drop_time_step_resolution_scale} makes less than two "
                    f"steps of {self.levels:g} levels: give a larger one"
                )
            return
        if not math.isclose(self.levels + 1, 2**self.bits, rel_tol=CLOSE):
            raise ConfigError(
                f"mv_type={self.mv_type.name} takes inputs of whole digits, and inp_res={self.inp_res} is "
                f"{self.levels:g} levels: it must be 2**n - 1 of them, as inp_res=1 / (2**{self.bits + 1} - 2)"
            )
        if self.mv_type is AnalogMVType.SPLIT_MODE and self.split_mode_bit_shift >= self.bits:
            raise ConfigError(
                f"split_mode_bit_shift={self.split_mode_bit_shift} leaves no high part of {self.bits} bits: it must be "
                "less"
            )
