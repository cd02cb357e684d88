"""Everything a user configures, without what acts on it."""

from analog.parameters.base import Parameters
from analog.parameters.context import AnalogContextDataViewMode
from analog.parameters.custom_update import CustomUpdateParameters
from analog.parameters.drift import DriftParameter, SimpleDriftParameter
from analog.parameters.enums import AnalogMVType, BoundManagementType, NoiseManagementType, PulseType, WeightNoiseType
from analog.parameters.io import IOParameters
from analog.parameters.io_irdrop_t import IOParametersIRDropT
from analog.parameters.mapping import MappingParameter
from analog.parameters.pre_post import (
    InputRangeCalibrationType,
    InputRangeParameter,
    PeripheryQuantizationParameter,
    PrePostProcessingParameter,
)
from analog.parameters.quantization import (
    ActivationQuantConfig,
    BaseQuantConfig,
    QuantizationConfig,
    QuantizationMap,
    RangeEstimatorParameter,
    RangeEstimatorType,
    WeightQuantConfig,
)
from analog.parameters.ranges import Count, Fraction, NonNegative, Positive, PositiveCount, Range
from analog.parameters.runtime import RPUDataType, RuntimeParameter
from analog.parameters.update import UpdateParameters
from analog.parameters.weights import (
    WeightClipParameter,
    WeightClipType,
    WeightModifierParameter,
    WeightModifierType,
    WeightRemapParameter,
    WeightRemapType,
)
from analog.parameters.wires import LineEnds, WireParameters

__all__ = [
    "ActivationQuantConfig",
    "AnalogContextDataViewMode",
    "AnalogMVType",
    "BaseQuantConfig",
    "BoundManagementType",
    "Count",
    "CustomUpdateParameters",
    "DriftParameter",
    "Fraction",
    "IOParameters",
    "IOParametersIRDropT",
    "InputRangeCalibrationType",
    "InputRangeParameter",
    "LineEnds",
    "MappingParameter",
    "NoiseManagementType",
    "NonNegative",
    "Parameters",
    "PeripheryQuantizationParameter",
    "Positive",
    "PositiveCount",
    "PrePostProcessingParameter",
    "PulseType",
    "QuantizationConfig",
    "QuantizationMap",
    "RPUDataType",
    "Range",
    "RangeEstimatorParameter",
    "RangeEstimatorType",
    "RuntimeParameter",
    "SimpleDriftParameter",
    "UpdateParameters",
    "WeightClipParameter",
    "WeightClipType",
    "WeightModifierParameter",
    "WeightModifierType",
    "WeightNoiseType",
    "WeightQuantConfig",
    "WeightRemapParameter",
    "WeightRemapType",
    "WireParameters",
]
