"""Low-precision digital numbers around crossbars."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Literal

from analog.parameters.base import Parameters
from analog.parameters.ranges import Fraction, NonNegative, PositiveCount, Range
from analog.parameters.table import Table

__all__ = [
    "ActivationQuantConfig",
    "BaseQuantConfig",
    "QuantizationConfig",
    "QuantizationMap",
    "RangeEstimatorParameter",
    "RangeEstimatorType",
    "WeightQuantConfig",
]


class RangeEstimatorType(Enum):
    """How the range of a quantiser is found from data."""

    CURRENT_MINMAX = "CurrentMinmax"
    ALL_MINMAX = "AllMinmax"
    RUNNING_MINMAX = "RunningMinmax"
    MSE = "Mse"
    CROSS_ENTROPY = "CrossEntropy"


class RangeEstimatorParameter(Parameters):
    """What estimators of ranges can be told.

    Parameters
    ----------
    percentile : float or None, optional
        Percentage of the data inside (``CURRENT_MINMAX``); all when left out.
    momentum : float, optional
        Share of the old range in the new one (``RUNNING_MINMAX``).
    search : {"grid", "golden_section"}, optional
        How ``MSE`` and ``CROSS_ENTROPY`` search.
    num_candidates : int, optional
        Of the grid.
    range_margin : float, optional
        How far beyond the data the search goes, relative to their range.
    """

    percentile: Annotated[float, Range(0, 100)] | None = None
    momentum: Fraction = 0.9
    search: Literal["grid", "golden_section"] = "grid"
    num_candidates: PositiveCount = 100
    range_margin: NonNegative = 0.5


class BaseQuantConfig(Parameters):
    """A uniform quantiser.

    Parameters
    ----------
    n_bits : int, optional
        Bits, up to 32; 0 is no quantiser.
    symmetric : bool, optional
        Whether the grid is symmetric around zero.
    range_estimator : RangeEstimatorType, optional
        How its range is found.
    range_estimator_params : RangeEstimatorParameter, optional
        What the estimator is told.
    """

    n_bits: Annotated[int, Range(0, 32)] = 0
    symmetric: bool = True
    range_estimator: RangeEstimatorType = RangeEstimatorType.CURRENT_MINMAX
    range_estimator_params: RangeEstimatorParameter = RangeEstimatorParameter()


class ActivationQuantConfig(BaseQuantConfig):
    """A quantiser of activations; its range follows them.

    Parameters
    ----------
    range_estimator : RangeEstimatorType, optional
        How its range is found: as a running mean unless told otherwise.
    n_bits, symmetric, range_estimator_params
        As of `BaseQuantConfig`.
    """

    range_estimator: RangeEstimatorType = RangeEstimatorType.RUNNING_MINMAX


class WeightQuantConfig(BaseQuantConfig):
    """A quantiser of weights."""


class QuantizationConfig(Parameters):
    """The quantisers of a layer.

    Parameters
    ----------
    weight_quant, activation_quant : WeightQuantConfig, ActivationQuantConfig, optional
        Of its weights and of its outputs.
    """

    weight_quant: WeightQuantConfig = WeightQuantConfig()
    activation_quant: ActivationQuantConfig = ActivationQuantConfig()


class QuantizationMap(Parameters):
    """Which layers of a network have which quantisers: by instance, else by class, else the default.

    Parameters
    ----------
    default_qconfig : QuantizationConfig or None, optional
        Of layers that are not named; none when left out.
    module_qconfig_map : mapping of str to QuantizationConfig, optional
        By the name of the layer's class.
    instance_qconfig_map : mapping of str to QuantizationConfig, optional
        By the layer's name in the network.
    input_activation_qconfig_map : mapping of str to ActivationQuantConfig, optional
        Quantisers in front of a layer, by its name.
    excluded_modules : tuple of str, optional
        Names of layers that are left alone.
    """

    default_qconfig: QuantizationConfig | None = None
    module_qconfig_map: Mapping[str, QuantizationConfig] = Table()
    instance_qconfig_map: Mapping[str, QuantizationConfig] = Table()
    input_activation_qconfig_map: Mapping[str, ActivationQuantConfig] = Table()
    excluded_modules: tuple[str, ...] = ()
