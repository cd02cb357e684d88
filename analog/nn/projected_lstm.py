"""One step of a long short-term memory whose hidden state is a projection (Sak et al., arXiv:1402.1128)."""

from __future__ import annotations

from typing import Any, Self

import torch

from analog.config import RPUConfig, SingleRPUConfig
from analog.nn.layer import AnalogLayer, unwritten
from analog.nn.matrix import AnalogMatrix
from analog.nn.recurrent_cells import AnalogLSTMCell, State
from analog.nn.seeds import seeds

__all__ = ["ProjectedLSTMCell"]


class ProjectedLSTMCell(AnalogLSTMCell):
    """As one layer of `torch.nn.LSTM` with `proj_size`, for one time; torch has no such cell.

    Parameters
    ----------
    input_size, hidden_size, proj_size : int
        Extents of the input, of the cell state, and of the hidden state.
    bias : bool
        Whether the matrices for inputs and for the hidden state have one; the projection never has.
    rpu_config : RPUConfig or None
        Devices, converters and pulses; `SingleRPUConfig` for None.
    seed : int or None
        As for `AnalogMatrix`.

    Attributes
    ----------
    projection : AnalogMatrix
        (proj_size, hidden_size).
    """

    digital_class = torch.nn.LSTM

    def __init__(  # as torch's
        self,
        input_size: int,
        hidden_size: int,
        proj_size: int,
        bias: bool = True,
        rpu_config: RPUConfig | None = None,
        *,
        seed: int | None = None,
    ) -> None:
        AnalogLayer.__init__(self)
        self.input_size, self.hidden_size, self.proj_size = input_size, hidden_size, proj_size
        config, numbers = rpu_config or SingleRPUConfig(), seeds(seed, 3)
        gates = self.gates * hidden_size
        self.input = AnalogMatrix((gates, input_size), config, bias=bias, seed=numbers[0])
        self.hidden = AnalogMatrix((gates, proj_size), config, bias=bias, seed=numbers[1])
        self.projection = AnalogMatrix((proj_size, hidden_size), config, bias=False, seed=numbers[2])
        self.reset_parameters()

    @classmethod
    def from_digital(cls, digital: Any, rpu_config: RPUConfig | None = None, *, seed: int | None = None) -> Self:
        """From a single layer in one direction: see `AnalogLayer.from_digital`."""
        sizes = (digital.input_size, digital.hidden_size, digital.proj_size)
        made = cls(*sizes, digital.bias, rpu_config, seed=seed)
        made._read(digital, "_l0")
        return made.to(digital.weight_ih_l0.device).train(digital.training)

    def to_digital(self) -> Any:
        """A single layer in one direction: see `AnalogLayer.to_digital`."""
        options: dict[str, Any] = {"bias": self.input.has_bias, "proj_size": self.proj_size}
        device = self.hidden.analog.device
        digital: Any = unwritten(torch.nn.LSTM, self.input_size, self.hidden_size, device=device, **options)
        self._write(digital, "_l0")
        return digital.train(self.training)

    def reset_parameters(self) -> None:
        """Weights and biases as torch draws them."""
        bias, size = self.input.has_bias, self.proj_size
        self._read(torch.nn.LSTM(self.input_size, self.hidden_size, bias=bias, proj_size=size), "_l0")

    def _matrices(self) -> dict[str, AnalogMatrix]:
        return super()._matrices() | {"hr": self.projection}

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """Extents of the hidden state and of the cell state."""
        return (self.proj_size, self.hidden_size)

    def step(self, projected: torch.Tensor, state: State) -> State:
        """As without a projection, with the hidden state through its matrix."""
        hidden, cell = super().step(projected, state)
        return self.projection(hidden), cell
