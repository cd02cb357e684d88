"""A chain of layers with what is done to all crossbars at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch

from analog.nn.check import require_readable
from analog.nn.layer import AnalogLayer
from analog.nn.matrix import AnalogMatrix
from analog.nn.summary import analog_summary
from analog.nn.tiles import analog_matrices, drift_analog_weights, program_analog_weights, remap_analog_weights

__all__ = ["AnalogSequential"]


class AnalogSequential(torch.nn.Sequential):
    """As `torch.nn.Sequential`, with the functions of `analog.nn` for all crossbars of a model as methods.

    Examples
    --------
    >>> import torch
    >>> from analog.nn import AnalogLinear
    >>> model = AnalogSequential(AnalogLinear(4, 3), torch.nn.ReLU(), AnalogLinear(3, 2))
    >>> len(list(model.analog_layers())), model.analog_tile_count()
    (2, 2)
    """

    def _repr_html_(self) -> str:
        """For notebooks: what is where."""
        return analog_summary(self)._repr_html_()

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *others: Any) -> None:
        """What torch calls before the layers are loaded: then all of them fit, or none is changed."""
        require_readable(self, state_dict, prefix)
        super()._load_from_state_dict(state_dict, prefix, *others)

    def analog_layers(self) -> Iterator[AnalogLayer]:
        """The analog layers, each once, at any depth."""
        return (module for module in self.modules() if isinstance(module, AnalogLayer))

    def analog_matrices(self) -> Iterator[tuple[str, AnalogMatrix]]:
        """The matrices on crossbars with their paths."""
        return analog_matrices(self)

    def analog_tile_count(self) -> int:
        """How many crossbars there are."""
        return sum(len(matrix.grid.crossbars) for _, matrix in analog_matrices(self))

    def drift_analog_weights(self, duration: float) -> None:
        """Let all conductances drift for `duration` seconds."""
        drift_analog_weights(self, duration)

    def program_analog_weights(self, **options: float) -> None:
        """Write all weights as hardware does: see `program_analog_weights`."""
        program_analog_weights(self, **options)

    def remap_analog_weights(self, omega: float = 1.0) -> None:
        """Choose all mapping scales anew."""
        remap_analog_weights(self, omega)
