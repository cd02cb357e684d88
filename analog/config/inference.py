"""Configurations of crossbars that are programmed once, after hardware-aware training."""

from __future__ import annotations

from analog.config.rpu_config import RPUConfig
from analog.parameters import (
    ActivationQuantConfig,
    IOParameters,
    IOParametersIRDropT,
    Parameters,
    WeightClipParameter,
    WeightModifierParameter,
    WeightRemapParameter,
)

__all__ = [
    "InferenceRPUConfig",
    "QuantizedTorchInferenceRPUConfig",
    "TorchInferenceRPUConfig",
    "TorchInferenceRPUConfigIRDropT",
]


class InferenceRPUConfig(RPUConfig):
    """Noisy products, exact gradients and updates.

    Parameters
    ----------
    forward : IOParameters, optional
        How inputs go through the array.
    noise_model : Parameters or None, optional
        Of programming and drift; none when left out.
    drift_compensation : Parameters or None, optional
        How the drift of outputs is compensated; not at all when left out.
    clip : WeightClipParameter, optional
        How weights are clipped after a step.
    remap : WeightRemapParameter, optional
        How weights are rescaled after a step.
    modifier : WeightModifierParameter, optional
        How weights are disturbed in training.
    """

    forward: IOParameters = IOParameters()
    noise_model: Parameters | None = None
    drift_compensation: Parameters | None = None
    clip: WeightClipParameter = WeightClipParameter()
    remap: WeightRemapParameter = WeightRemapParameter()
    modifier: WeightModifierParameter = WeightModifierParameter()


class TorchInferenceRPUConfig(InferenceRPUConfig):
    """As `InferenceRPUConfig`, with products that torch differentiates."""


class TorchInferenceRPUConfigIRDropT(TorchInferenceRPUConfig):
    """As `TorchInferenceRPUConfig`, with wires whose voltage drop depends on time."""

    forward: IOParametersIRDropT = IOParametersIRDropT()


class QuantizedTorchInferenceRPUConfig(TorchInferenceRPUConfig):
    """As `TorchInferenceRPUConfig`, with a digital quantiser behind.

    Parameters
    ----------
    act_quant_config : ActivationQuantConfig or None, optional
        The quantiser of outputs; none when left out.
    """

    act_quant_config: ActivationQuantConfig | None = None
