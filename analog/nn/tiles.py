"""What can be done to all crossbars of a model."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from analog.nn.matrix import AnalogMatrix

__all__ = ["analog_matrices", "drift_analog_weights", "program_analog_weights", "remap_analog_weights"]


def analog_matrices(model: torch.nn.Module) -> Iterator[tuple[str, AnalogMatrix]]:
    """The matrices on crossbars of a model with their paths, each once."""
    for name, module in model.named_modules():
        if isinstance(module, AnalogMatrix):
            yield name, module


def drift_analog_weights(model: torch.nn.Module, duration: float) -> None:
    """Let the conductances of all crossbars drift for `duration` seconds: see `AnalogMatrix.drift_weights`."""
    for _, matrix in analog_matrices(model):
        matrix.drift_weights(duration)


def program_analog_weights(model: torch.nn.Module, **options: float) -> None:
    """Write the present weights as hardware does: see `Crossbar.program_weights_`, also for options."""
    for _, matrix in analog_matrices(model):
        matrix.program_weights(**options)


def remap_analog_weights(model: torch.nn.Module, omega: float = 1.0) -> None:
    """Choose all mapping scales anew: see `AnalogMatrix.remap_weights`."""
    for _, matrix in analog_matrices(model):
        matrix.remap_weights(omega)
