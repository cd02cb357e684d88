"""How a simulation computes."""

from __future__ import annotations

from enum import Enum

from analog.parameters.base import Parameters

__all__ = ["RPUDataType", "RuntimeParameter"]


class RPUDataType(Enum):
    """Element type of a simulation."""

    FLOAT = "float32"
    DOUBLE = "float64"
    HALF = "float16"


class RuntimeParameter(Parameters):
    """How a simulation computes.

    Parameters
    ----------
    data_type : RPUDataType, optional
        Element type of weights and vectors.
    on_the_fly_bindings : bool, optional
        Without a meaning here, as parameters are immutable: give a crossbar other ones by `Crossbar.with_config`.
    offload_input, offload_gradient : bool, optional
        Without an effect here: pairs that wait for the update stay where layers have computed them.
    """

    data_type: RPUDataType = RPUDataType.FLOAT
    on_the_fly_bindings: bool = False
    offload_input: bool = False
    offload_gradient: bool = False
