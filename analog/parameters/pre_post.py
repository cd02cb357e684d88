"""What is done digitally before and after an analog product."""

from __future__ import annotations

from enum import Enum

from analog.parameters.base import Parameters
from analog.parameters.ranges import Count, Fraction, NonNegative, Positive

__all__ = [
    "InputRangeCalibrationType",
    "InputRangeParameter",
    "PeripheryQuantizationParameter",
    "PrePostProcessingParameter",
]


class InputRangeCalibrationType(Enum):
    """How an input range is found from data."""

    NONE = "None"
    MOVING_STD = "MovingStd"
    MOVING_QUANTILE = "MovingQuantile"
    CACHE_QUANTILE = "CacheQuantile"
    MAX = "Max"


class InputRangeParameter(Parameters):
    """A bound of the inputs that is learned: inputs are clipped at it and divided by it.

    Parameters
    ----------
    enable : bool, optional
        Whether there is one.
    learn_input_range : bool, optional
        Whether it is trained; else it stays what it was initialised to.
    init_value : float, optional
        Where it starts.
    init_from_data : int, optional
        Batches that it follows before it is trained.
    init_std_alpha : float, optional
        The standard deviations of an input that it covers meanwhile.
    decay : float, optional
        Rate of its decay while enough inputs are inside.
    input_min_percentage : float, optional
        Share of inputs inside from which it decays.
    manage_output_clipping : bool, optional
        Whether clipped outputs make it larger.
    output_min_percentage : float, optional
        Share of outputs that are not clipped, below which they do.
    gradient_scale : float, optional
        Factor of its gradient.
    gradient_relative : bool, optional
        Whether its gradient is relative to it.
    calibration_info : str or None, optional
        How it was calibrated.
    """

    enable: bool = False
    learn_input_range: bool = True
    init_value: Positive = 3.0
    init_from_data: Count = 100
    init_std_alpha: Positive = 3.0
    decay: NonNegative = 0.001
    input_min_percentage: Fraction = 0.95
    manage_output_clipping: bool = False
    output_min_percentage: Fraction = 0.95
    gradient_scale: float = 1.0
    gradient_relative: bool = True
    calibration_info: str | None = None


class PeripheryQuantizationParameter(Parameters):
    """Quantisation of the digital factors behind a product.

    Parameters
    ----------
    n_bits : int, optional
        Bits; 0 leaves factors as they are.
    symmetric : bool, optional
        Whether the grid is symmetric around zero.
    learn_quant_params : bool, optional
        Whether the range is trained.
    init_learning_after : int, optional
        Batches after which it is.
    """

    n_bits: Count = 0
    symmetric: bool = True
    learn_quant_params: bool = False
    init_learning_after: Count = 100


class PrePostProcessingParameter(Parameters):
    """What is done digitally before and after an analog product.

    Parameters
    ----------
    input_range : InputRangeParameter, optional
        Of the inputs.
    periph_quant : PeripheryQuantizationParameter, optional
        Of the factors.
    """

    input_range: InputRangeParameter = InputRangeParameter()
    periph_quant: PeripheryQuantizationParameter = PeripheryQuantizationParameter()
