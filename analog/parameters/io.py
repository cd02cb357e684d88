"""How vectors enter and leave an analog array."""

from __future__ import annotations

from typing import Annotated

from analog.errors import ConfigError
from analog.parameters.base import Parameters
from analog.parameters.enums import AnalogMVType, BoundManagementType, NoiseManagementType, WeightNoiseType
from analog.parameters.ranges import Count, NonNegative, Positive, Range
from analog.parameters.wires import WireParameters

__all__ = ["IOParameters"]

#: The smallest step whose inverse float32 holds.
TINY = 2.0**-126
Asymmetry = Annotated[float, Range(-1, 1)]


class IOParameters(Parameters):
    """The converters, noises and non-idealities of one direction of an analog matrix-vector product.

    Numbers are in scaled units: 1 is the largest input that the converter takes, outputs are weights times inputs.
    Formulas: `docs/analog-mvm.md`; Rasch et al., "A flexible and fast PyTorch toolkit for simulating training and
    inference on analog crossbar arrays", AICAS 2021; Gokmen, Onen, Haensch, Front. Neurosci. 11, 538, 2017 (noise and
    bound management).

    Parameters
    ----------
    is_perfect : bool
        The exact product; only `out_scale` is still applied.
    mv_type : AnalogMVType
        How a vector goes through the array.
    inp_bound : float
        Scaled inputs are clipped to ± this; 0 or less: neither clipped nor quantised. It must be 1 when
        `noise_management` is on.
    inp_noise : float
        Standard deviation of the noise on the scaled, clipped inputs.
    inp_res : float
        Step of the input converter as a part of the range ``2 * inp_bound``; above 1 the number of steps; 0 or less:
        not quantised.
    inp_sto_round : bool
        Whether the input converter rounds stochastically.
    inp_asymmetry : float
        Negative inputs are smaller by this part.
    out_bound : float
        Range of the output converter, ±; 0 or less: unbounded, and not quantised.
    out_noise : float
        Standard deviation of the noise in front of the output converter.
    out_noise_std : float
        Relative spread of `out_noise` from output to output, drawn once.
    out_res, out_sto_round, out_asymmetry
        As for the inputs, with the range ``2 * out_bound``.
    out_scale : float
        Digital factor of the result.
    bound_management : BoundManagementType
        What is done about outputs beyond `out_bound`. A transposed product does nothing about them.
    noise_management : NoiseManagementType
        What an input vector is divided by.
    w_noise : float
        Strength of the fluctuation of weights, in weight units.
    w_noise_type : WeightNoiseType
        Its kind.
    ir_drop : float
        Strength of the approximate voltage drop along the lines; 1 is physical. For the exact one see `wires`.
    ir_drop_g_ratio : float
        Conductance of a piece of wire over the largest of a device.
    out_nonlinearity : float
        Strength of the compression of large outputs, relative to `out_bound`.
    out_nonlinearity_std : float
        Its relative spread from output to output, drawn once.
    slope_calibration : float
        Part of `out_bound` at which the slope of the compression is corrected digitally; 0: nowhere.
    v_offset_std : float
        Spread of the voltage offsets of the outputs, drawn once: the positive half of a normal distribution.
    v_offset_w_min : float
        Weight that the reference column stands for; 0: there is none.
    r_series : float
        Series resistance of the outputs.
    w_read_asymmetry_dtod : float
        Spread of the weights as seen by negative inputs, drawn once for every crosspoint; only with `mv_type` of
        separate signs.
    max_bm_factor : int
        Bound management stops when inputs are divided by more than this.
    max_bm_res : float
        And when they are divided by more than this over the step of the input converter.
    bm_test_negative_bound : bool
        Whether outputs below ``-out_bound`` count as exceeding.
    nm_thres : float
        Largest divisor of ABS_MAX and MAX, and largest peak in the estimate of ABS_MAX_NP_SUM and ITERATIVE_WORST_CASE;
        the divisor itself for CONSTANT. 0: none, 1.
    nm_assumed_wmax : float
        Largest weight, in the estimate of ABS_MAX_NP_SUM and ITERATIVE_WORST_CASE.
    nm_decay : float
        Rate of the running average of AVERAGE_ABS_MAX, per vector.
    r_series_max_total : float
        Largest effect of the series resistance on one output.
    wires : WireParameters or None
        The network of resistors that the array is, solved exactly; None: lines without resistance, but for `ir_drop`.

    Raises
    ------
    ConfigError
        If a value is out of its range, or two contradict each other.

    Examples
    --------
    >>> io = IOParameters(inp_res=254, out_noise=0.0)
    >>> io.replace(bound_management="NONE")
    IOParameters(inp_res=254.0, out_noise=0.0, bound_management=BoundManagementType.NONE)
    >>> IOParameters(inp_bound=2.0)
    Traceback (most recent call last):
    analog.errors.ConfigError: IOParameters.inp_bound is 2.0: with noise_management=ABS_MAX inputs are scaled to 1...
    """

    is_perfect: bool = False
    mv_type: AnalogMVType = AnalogMVType.ONE_PASS
    inp_bound: float = 1.0
    inp_noise: NonNegative = 0.0
    inp_res: float = 1 / (2**7 - 2)
    inp_sto_round: bool = False
    inp_asymmetry: Asymmetry = 0.0
    out_bound: float = 12.0
    out_noise: NonNegative = 0.06
    out_noise_std: NonNegative = 0.0
    out_res: float = 1 / (2**9 - 2)
    out_sto_round: bool = False
    out_scale: float = 1.0
    out_asymmetry: Asymmetry = 0.0
    bound_management: BoundManagementType = BoundManagementType.ITERATIVE
    noise_management: NoiseManagementType = NoiseManagementType.ABS_MAX
    w_noise: NonNegative = 0.0
    w_noise_type: WeightNoiseType = WeightNoiseType.NONE
    ir_drop: NonNegative = 0.0
    ir_drop_g_ratio: Positive = 1.0 / 0.35 / 5e-6
    out_nonlinearity: NonNegative = 0.0
    out_nonlinearity_std: NonNegative = 0.0
    slope_calibration: NonNegative = 0.0
    v_offset_std: NonNegative = 0.0
    v_offset_w_min: float = -1.0
    r_series: NonNegative = 0.0
    w_read_asymmetry_dtod: NonNegative = 0.0
    max_bm_factor: Count = 1000
    max_bm_res: NonNegative = 0.25
    bm_test_negative_bound: bool = True
    nm_thres: NonNegative = 0.0
    nm_assumed_wmax: Positive = 0.6
    nm_decay: Annotated[float, Range(0, 1)] = 1e-3
    r_series_max_total: Positive = 3.4028234663852886e38
    wires: WireParameters | None = None

    def __post_init__(self) -> None:
        self._check_steps()
        self._check_scaling()
        self._check_choices()

    @property
    def inp_step(self) -> float:
        """Step of the input converter; 0 when it does not quantise."""
        return _step(self.inp_res, self.inp_bound)

    @property
    def out_step(self) -> float:
        """Step of the output converter; 0 when it does not quantise."""
        return _step(self.out_res, self.out_bound)

    def _check_steps(self) -> None:
        """Refuse steps so small that float32 does not hold their inverse."""
        for name, step in (("inp", self.inp_step), ("out", self.out_step)):
            if 0 < step < TINY:
                raise ConfigError(
                    f"IOParameters: {name}_res={getattr(self, name + '_res'):g} of {name}_bound="
                    f"{getattr(self, name + '_bound'):g} is a step of {step:.2g}, less than float32 can divide by: "
                    f"give larger ones, or {name}_res=0 for no quantisation"
                )

    def _check_scaling(self) -> None:
        scaled = self.noise_management is not NoiseManagementType.NONE and not self.is_perfect
        if scaled and self.inp_bound != 1.0:
            raise ConfigError(
                f"IOParameters.inp_bound is {self.inp_bound}: with noise_management={self.noise_management.name} "
                "inputs are scaled to 1, so it must be 1.0; or use noise_management='NONE'"
            )

    def _check_choices(self) -> None:
        if self.wires is not None and self.ir_drop > 0:
            raise ConfigError(f"ir_drop={self.ir_drop} approximates what wires= solves exactly: set only one of them")
        if self.bound_management is BoundManagementType.SHIFT:
            raise ConfigError("bound_management=SHIFT exists only as a name; use 'ITERATIVE' or 'NONE'")
        if self.mv_type in (AnalogMVType.SPLIT_MODE, AnalogMVType.BIT_WISE):
            raise ConfigError(
                f"mv_type={self.mv_type.name} needs IOParametersIRDropT; IOParameters takes IDEAL, ONE_PASS, "
                "POS_NEG_SEPARATE and POS_NEG_SEPARATE_DIGITAL_SUM"
            )


def _step(resolution: float, bound: float) -> float:
    part = 1 / resolution if resolution > 1 else resolution
    return part * 2 * bound if part > 0 and bound > 0 else 0.0
