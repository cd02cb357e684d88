"""Every parameter class and enum by its name, flat."""

import warnings as _warnings
from typing import Any as _Any

from analog.compound import (
    BufferedTransferCompound,
    ChoppedTransferCompound,
    DigitalRankUpdateCell,
    DynamicTransferCompound,
    LRTTTransferCompound,
    MixedPrecisionCompound,
    OneSidedUnitCell,
    PythonLRTTDevice,
    ReferenceUnitCell,
    TransferCompound,
    UnitCell,
    VectorUnitCell,
    VectorUnitCellUpdatePolicy,
)
from analog.config.build import build_config
from analog.config.custom import CustomRPUConfig
from analog.config.inference import (
    InferenceRPUConfig,
    QuantizedTorchInferenceRPUConfig,
    TorchInferenceRPUConfig,
    TorchInferenceRPUConfigIRDropT,
)
from analog.config.rpu_config import RPUConfig
from analog.config.training import FloatingPointRPUConfig, SingleRPUConfig
from analog.config.unit_cells import DigitalRankUpdateRPUConfig, PythonLRTTRPUConfig, UnitCellRPUConfig
from analog.devices import (
    ConstantStepDevice,
    ExpStepDevice,
    FloatingPointDevice,
    HiddenStepDevice,
    IdealDevice,
    LinearStepDevice,
    PiecewiseStepDevice,
    PowStepDevice,
    PowStepReferenceDevice,
    PulsedDevice,
    SoftBoundsDevice,
    SoftBoundsPmaxDevice,
    SoftBoundsReferenceDevice,
    WrittenDevice,
)
from analog.inference import GlobalDriftCompensation, NoiseModel, PCMLikeNoiseModel
from analog.parameters import (
    ActivationQuantConfig,
    AnalogContextDataViewMode,
    AnalogMVType,
    BaseQuantConfig,
    BoundManagementType,
    CustomUpdateParameters,
    DriftParameter,
    InputRangeCalibrationType,
    InputRangeParameter,
    IOParameters,
    IOParametersIRDropT,
    LineEnds,
    MappingParameter,
    NoiseManagementType,
    PeripheryQuantizationParameter,
    PrePostProcessingParameter,
    PulseType,
    QuantizationConfig,
    QuantizationMap,
    RangeEstimatorParameter,
    RangeEstimatorType,
    RPUDataType,
    RuntimeParameter,
    SimpleDriftParameter,
    UpdateParameters,
    WeightClipParameter,
    WeightClipType,
    WeightModifierParameter,
    WeightModifierType,
    WeightNoiseType,
    WeightQuantConfig,
    WeightRemapParameter,
    WeightRemapType,
    WireParameters,
)
from analog.parameters.conversion import closest as _closest
from tensorlayer.errors import UnsupportedOperationError as _UnsupportedOperationError

__all__ = [
    "ActivationQuantConfig",
    "AnalogContextDataViewMode",
    "AnalogMVType",
    "BaseQuantConfig",
    "BoundManagementType",
    "BufferedTransferCompound",
    "ChoppedTransferCompound",
    "ConstantStepDevice",
    "CustomRPUConfig",
    "CustomUpdateParameters",
    "DigitalRankUpdateCell",
    "DigitalRankUpdateRPUConfig",
    "DriftParameter",
    "DynamicTransferCompound",
    "ExpStepDevice",
    "FloatingPointDevice",
    "FloatingPointRPUConfig",
    "GlobalDriftCompensation",
    "HiddenStepDevice",
    "IOParameters",
    "IOParametersIRDropT",
    "IdealDevice",
    "InferenceRPUConfig",
    "InputRangeCalibrationType",
    "InputRangeParameter",
    "LRTTTransferCompound",
    "LineEnds",
    "LinearStepDevice",
    "MappingParameter",
    "MixedPrecisionCompound",
    "NoiseManagementType",
    "NoiseModel",
    "OneSidedUnitCell",
    "PCMLikeNoiseModel",
    "PeripheryQuantizationParameter",
    "PiecewiseStepDevice",
    "PowStepDevice",
    "PowStepReferenceDevice",
    "PrePostProcessingParameter",
    "PulseType",
    "PulsedDevice",
    "PythonLRTTDevice",
    "PythonLRTTRPUConfig",
    "QuantizationConfig",
    "QuantizationMap",
    "QuantizedTorchInferenceRPUConfig",
    "RPUConfig",
    "RPUDataType",
    "RangeEstimatorParameter",
    "RangeEstimatorType",
    "ReferenceUnitCell",
    "RuntimeParameter",
    "SimpleDriftParameter",
    "SingleRPUConfig",
    "SoftBoundsDevice",
    "SoftBoundsPmaxDevice",
    "SoftBoundsReferenceDevice",
    "TorchInferenceRPUConfig",
    "TorchInferenceRPUConfigIRDropT",
    "TransferCompound",
    "UnitCell",
    "UnitCellRPUConfig",
    "UpdateParameters",
    "VectorUnitCell",
    "VectorUnitCellUpdatePolicy",
    "WeightClipParameter",
    "WeightClipType",
    "WeightModifierParameter",
    "WeightModifierType",
    "WeightNoiseType",
    "WeightQuantConfig",
    "WeightRemapParameter",
    "WeightRemapType",
    "WireParameters",
    "WrittenDevice",
    "build_config",
]

#: Names of the field that are not offered, and why.
_REFUSED = {
    "CountLRFeedbackPolicy": "learning rates that follow pulse counts are a part of AGAD that its authors left "
    "experimental; DynamicTransferCompound is AGAD without it",
}
#: Old names of the field.
_RENAMED = {"DifferenceUnitCell": "OneSidedUnitCell"}


def __getattr__(name: str) -> _Any:
    if name in _RENAMED:
        new = _RENAMED[name]
        _warnings.warn(f"{name} is the old name of {new}: write {new}", DeprecationWarning, stacklevel=2)
        return globals()[new]
    if name in _REFUSED:
        raise _UnsupportedOperationError(f"analog.config has no {name}: {_REFUSED[name]}")
    raise AttributeError(f"analog.config has no {name!r}: {_closest(name, __all__)}")
