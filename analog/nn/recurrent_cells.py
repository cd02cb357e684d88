"""One step of a recurrent layer on crossbars."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, Self

import torch

from analog.config import RPUConfig, SingleRPUConfig
from analog.nn.layer import AnalogLayer, as_bias, give_weights, require_float32, take_weights, unwritten
from analog.nn.matrix import AnalogMatrix
from analog.nn.seeds import seeds
from tensorlayer.errors import ShapeError

__all__ = ["AnalogGRUCell", "AnalogLSTMCell", "AnalogRNNCell", "RecurrentCell", "State"]

#: The hidden state, (batch, hidden_size), and for LSTMs the cell state.
State = tuple[torch.Tensor, ...]


class RecurrentCell(AnalogLayer):
    """As the cell of torch with that name, with one matrix on crossbars for inputs and one for the hidden state.

    The rows of the matrices are the gates, in torch's order; both matrices have a bias, as in torch.

    Parameters
    ----------
    input_size, hidden_size : int
        Extents of the input and of the state.
    bias : bool, optional
        Whether both matrices have one.
    rpu_config : RPUConfig, optional
        Devices, converters and pulses; `SingleRPUConfig` when left out.
    seed : int, optional
        As for `AnalogMatrix`.
    device : torch.device or str, optional
        Where the layer is; the CPU when left out.
    dtype : torch.dtype, optional
        As in torch, but float32, which crossbars compute in, is the only one: for inputs of others see `AnalogMatrix`.

    Attributes
    ----------
    input, hidden : AnalogMatrix
        (gates * hidden_size, input_size) and (gates * hidden_size, hidden_size).
    """

    gates: ClassVar[int]
    #: How many tensors the state is.
    states: ClassVar[int] = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        rpu_config: RPUConfig | None = None,
        *,
        seed: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        require_float32(dtype)
        super().__init__()
        make: Any = self.digital_class
        digital = make(input_size, hidden_size, as_bias(bias))
        self.input_size, self.hidden_size = input_size, hidden_size
        config, (first, second) = rpu_config or SingleRPUConfig(), seeds(seed, 2)
        outputs = self.gates * hidden_size
        self.input = AnalogMatrix((outputs, input_size), config, bias=bias, seed=first)
        self.hidden = AnalogMatrix((outputs, hidden_size), config, bias=bias, seed=second)
        self._read(digital, "")
        self.to(device)

    # -- from and to torch ---------------------------------------------------------------------------------

    @classmethod
    def from_digital(cls, digital: Any, rpu_config: RPUConfig | None = None, *, seed: int | None = None) -> Self:
        """See `AnalogLayer.from_digital`."""
        made = cls(digital.input_size, digital.hidden_size, digital.bias, rpu_config, seed=seed)
        made._read(digital, "")
        return made.to(digital.weight_ih.device).train(digital.training)

    def to_digital(self) -> Any:
        """See `AnalogLayer.to_digital`."""
        sizes = (self.input_size, self.hidden_size, self.input.has_bias)
        digital: Any = unwritten(self.digital_class, *sizes, device=self.hidden.analog.device)
        self._write(digital, "")
        return digital.train(self.training)

    def reset_parameters(self) -> None:
        """Weights and biases as torch draws them."""
        make: Any = self.digital_class
        self._read(make(self.input_size, self.hidden_size, self.input.has_bias), "")

    def _read(self, digital: Any, suffix: str) -> None:
        """Take the weights of a module of torch, of the parameters that end so."""
        for name, matrix in self._matrices().items():
            bias = getattr(digital, f"bias_{name}{suffix}") if matrix.has_bias else None
            take_weights(matrix, getattr(digital, f"weight_{name}{suffix}"), bias)

    def _write(self, digital: Any, suffix: str) -> None:
        """Give the weights to a module of torch."""
        for name, matrix in self._matrices().items():
            bias = getattr(digital, f"bias_{name}{suffix}") if matrix.has_bias else None
            give_weights(matrix, getattr(digital, f"weight_{name}{suffix}"), bias)

    def _matrices(self) -> dict[str, AnalogMatrix]:
        """By the names of torch."""
        return {"ih": self.input, "hh": self.hidden}

    # -- what it computes ----------------------------------------------------------------------------------

    @abstractmethod
    def step(self, projected: torch.Tensor, state: State) -> State:
        """The next state.

        Parameters
        ----------
        projected : Tensor
            (batch, gates * hidden_size), the inputs through their matrix: layers do that for all times at once.
        state : tuple of Tensor
            The present one.
        """

    @property
    def state_sizes(self) -> tuple[int, ...]:
        """Extents of the tensors of the state."""
        return (self.hidden_size,) * self.states

    def forward(self, x: torch.Tensor, hx: Any = None) -> Any:
        """The next state, from (batch, input_size) or (input_size,).

        Parameters
        ----------
        x : Tensor
            The input.
        hx : Tensor, or tuple of Tensor for LSTMs, optional
            The present state, (batch, hidden_size) or (hidden_size,); zeros when left out.

        Raises
        ------
        ShapeError
            If the extents are others.
        """
        rows = x if x.ndim == 2 else x.unsqueeze(0)
        if rows.ndim != 2 or x.shape[-1] != self.input_size:
            raise ShapeError(
                f"x is {list(x.shape)}: this cell takes (batch, {self.input_size}) or ({self.input_size},)"
            )
        new = self.step(self.input(rows), self._state(hx, x, rows))
        new = new if x.ndim == 2 else tuple(part.squeeze(0) for part in new)
        return new if self.states > 1 else new[0]

    def _state(self, hx: Any, x: torch.Tensor, rows: torch.Tensor) -> State:
        if hx is None:
            return tuple(rows.new_zeros(len(rows), size) for size in self.state_sizes)
        given = tuple(hx) if self.states > 1 else (hx,)
        shapes = [(*x.shape[:-1], size) for size in self.state_sizes]
        if [tuple(part.shape) for part in given] != shapes:
            seen = [list(part.shape) for part in given]
            raise ShapeError(f"the state is {seen}: for this input it must be {[list(shape) for shape in shapes]}")
        return given if x.ndim == 2 else tuple(part.unsqueeze(0) for part in given)


class AnalogRNNCell(RecurrentCell):
    """As `torch.nn.RNNCell`; see `RecurrentCell`.

    Parameters
    ----------
    input_size, hidden_size, bias, rpu_config, seed, device, dtype
        As of `RecurrentCell`.
    nonlinearity : {"tanh", "relu"}, optional
        Of the state.
    """

    digital_class = torch.nn.RNNCell
    gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        rpu_config: RPUConfig | None = None,
        *,
        nonlinearity: str = "tanh",
        seed: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, rpu_config, seed=seed, device=device, dtype=dtype)
        self.nonlinearity = nonlinearity

    def step(self, projected: torch.Tensor, state: State) -> State:
        """The hidden state through its matrix, and the nonlinearity of the sum."""
        total = projected + self.hidden(state[0])
        return (torch.tanh(total) if self.nonlinearity == "tanh" else torch.relu(total),)


class AnalogLSTMCell(RecurrentCell):
    """As `torch.nn.LSTMCell`, gates in the order input, forget, cell, output; see `RecurrentCell`.

    Parameters
    ----------
    input_size, hidden_size, bias, rpu_config, seed, device, dtype
        As of `RecurrentCell`.
    """

    digital_class: ClassVar[type[torch.nn.Module]] = torch.nn.LSTMCell
    gates = 4
    states = 2

    def step(self, projected: torch.Tensor, state: State) -> State:
        """Gates from both matrices; the state is (hidden, cell)."""
        hidden, cell = state
        i, f, g, o = (projected + self.hidden(hidden)).chunk(4, -1)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cell), cell


class AnalogGRUCell(RecurrentCell):
    """As `torch.nn.GRUCell`, gates in the order reset, update, new; see `RecurrentCell`.

    Parameters
    ----------
    input_size, hidden_size, bias, rpu_config, seed, device, dtype
        As of `RecurrentCell`.
    """

    digital_class = torch.nn.GRUCell
    gates = 3

    def step(self, projected: torch.Tensor, state: State) -> State:
        """The reset gate acts on what the hidden state gives, behind its matrix and bias."""
        (hidden,) = state
        r_x, z_x, n_x = projected.chunk(3, -1)
        r_h, z_h, n_h = self.hidden(hidden).chunk(3, -1)
        new = torch.tanh(n_x + torch.sigmoid(r_x + r_h) * n_h)
        return (new + torch.sigmoid(z_x + z_h) * (hidden - new),)
