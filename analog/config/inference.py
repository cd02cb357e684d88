"""Configurations of crossbars that are programmed once, after hardware-aware training."""

from __future__ import annotations

from analog.config.rpu_config import Core, RPUConfig
from analog.inference import GlobalDriftCompensation, NoiseModel, PCMLikeNoiseModel, ProgrammedPair
from analog.parameters import (
    ActivationQuantConfig,
    IOParameters,
    IOParametersIRDropT,
    PulseType,
    UpdateParameters,
    WeightClipParameter,
    WeightModifierParameter,
    WeightRemapParameter,
)
from tensorlayer.errors import UnsupportedOperationError

__all__ = [
    "InferenceRPUConfig",
    "QuantizedTorchInferenceRPUConfig",
    "TorchInferenceRPUConfig",
    "TorchInferenceRPUConfigIRDropT",
]


class InferenceRPUConfig(RPUConfig):
    """Noisy products with weights that are programmed once, and drift; they are not trained.

    Parameters
    ----------
    forward : IOParameters, optional
        How inputs go through the array.
    noise_model : NoiseModel or None, optional
        Of programming, drift and reading; none for None.
    drift_compensation : GlobalDriftCompensation or None, optional
        How the drift of outputs is compensated; not at all for None.
    clip : WeightClipParameter, optional
        How weights are clipped after a step of training: without effect, as there is none.
    remap : WeightRemapParameter, optional
        How weights are rescaled after a step of training: likewise.
    modifier : WeightModifierParameter, optional
        How weights are disturbed in training: likewise.
    """

    forward: IOParameters = IOParameters()
    noise_model: NoiseModel | None = PCMLikeNoiseModel()
    drift_compensation: GlobalDriftCompensation | None = GlobalDriftCompensation()
    clip: WeightClipParameter = WeightClipParameter()
    remap: WeightRemapParameter = WeightRemapParameter()
    modifier: WeightModifierParameter = WeightModifierParameter()

    def core(self) -> Core:
        """Pairs of programmed devices, read through the converters; errors go back exactly."""
        cell = ProgrammedPair(self.noise_model, self.drift_compensation)
        forward = self._on_lines(self.forward, None if self.noise_model is None else self.noise_model.largest)
        return Core(cell, forward, IOParameters(is_perfect=True), UpdateParameters(pulse_type=PulseType.NONE))


class TorchInferenceRPUConfig(InferenceRPUConfig):
    """As `InferenceRPUConfig`, with products that torch differentiates."""


class TorchInferenceRPUConfigIRDropT(TorchInferenceRPUConfig):
    """As `TorchInferenceRPUConfig`, with inputs that are pulses of different length, on lines that resist.

    Parameters
    ----------
    forward : IOParametersIRDropT, optional
        How inputs go through the array.
    """

    forward: IOParametersIRDropT = IOParametersIRDropT()


class QuantizedTorchInferenceRPUConfig(TorchInferenceRPUConfig):
    """As `TorchInferenceRPUConfig`, with a digital quantiser behind.

    Parameters
    ----------
    act_quant_config : ActivationQuantConfig or None, optional
        The quantiser of outputs; none when left out.
    """

    act_quant_config: ActivationQuantConfig | None = None

    def core(self) -> Core:
        """As without a quantiser.

        Raises
        ------
        UnsupportedOperationError
            If there is one.
        """
        if self.act_quant_config is not None:
            raise UnsupportedOperationError(
                f"{type(self).__name__}.act_quant_config is {self.act_quant_config!r}: outputs are not quantised "
                "digitally; leave None, and do it behind the layer"
            )
        return super().core()
