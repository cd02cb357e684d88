"""Recurrent layers on crossbars."""

from __future__ import annotations

from typing import Any, ClassVar, Self, cast

import torch
from torch.nn.utils.rnn import PackedSequence

from analog.config import RPUConfig
from analog.errors import ConfigError
from analog.nn.layer import AnalogLayer, require_float32, unwritten
from analog.nn.projected_lstm import ProjectedLSTMCell
from analog.nn.recurrent_cells import AnalogGRUCell, AnalogLSTMCell, AnalogRNNCell, RecurrentCell, State
from analog.nn.seeds import seeds
from analog.nn.sequences import along, backwards
from tensorlayer.errors import ShapeError

__all__ = ["AnalogGRU", "AnalogLSTM", "AnalogRNN", "RecurrentLayer"]


class RecurrentLayer(AnalogLayer):
    """As the recurrent layer of torch with that name, made of analog cells.

    Inputs go through their matrix for all times at once; the hidden state goes through its own at every time. The
    pairs of vectors of all times wait for the optimizer: for inputs in the order of time, for hidden states in the
    order of the backward pass, the last time first.

    Parameters
    ----------
    input_size, hidden_size : int
        Extents of the input and of the state.
    num_layers : int, optional
        How many cells are stacked.
    bias : bool, optional
        Whether matrices have one.
    batch_first : bool, optional
        Whether inputs and outputs are (batch, time, features) instead of (time, batch, features).
    dropout : float, optional
        Between layers, in training.
    bidirectional : bool, optional
        Whether a second cell goes from the end to the beginning.
    rpu_config : RPUConfig, optional
        Devices, converters and pulses; `SingleRPUConfig` when left out.
    seed : int, optional
        As for `AnalogMatrix`.
    device : torch.device or str, optional
        Where the layer is; the CPU when left out.
    dtype : torch.dtype, optional
        As in torch, but float32, which crossbars compute in, is the only one: for inputs of others see `AnalogMatrix`.
    nonlinearity : {"tanh", "relu"}, optional
        Of `AnalogRNN` only.
    proj_size : int, optional
        Of `AnalogLSTM` only: extent of the hidden state, which a third matrix projects; 0 for none.

    Attributes
    ----------
    cells : ModuleList
        By layer, then by direction.

    Raises
    ------
    ValueError
        From torch, if the arguments contradict each other.
    """

    cell_class: ClassVar[type[RecurrentCell]]

    def __init__(  # noqa: PLR0913, PLR0917  # as torch's
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        rpu_config: RPUConfig | None = None,
        *,
        seed: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        **options: Any,
    ) -> None:
        require_float32(dtype)
        given: object = input_size
        if isinstance(given, type):
            raise ConfigError(
                f"{type(self).__name__} takes sizes first, as torch does: instead of a cell {given.__name__}, "
                "choose AnalogRNN, AnalogLSTM or AnalogGRU; bidir is bidirectional"
            )
        make: Any = self.digital_class
        digital = make(
            input_size,
            hidden_size,
            num_layers,
            bias=bias,
            batch_first=batch_first,
            dropout=dropout,
            bidirectional=bidirectional,
            **options,
        )
        self._build(digital, rpu_config, seed)
        self.to(device)

    def _build(self, digital: Any, rpu_config: RPUConfig | None, seed: int | None) -> None:
        super().__init__()
        self.input_size, self.hidden_size, self.num_layers = digital.input_size, digital.hidden_size, digital.num_layers
        self.bias, self.batch_first, self.dropout = digital.bias, digital.batch_first, float(digital.dropout)
        self.bidirectional: bool = digital.bidirectional
        self.proj_size: int = digital.proj_size
        self._options = {"nonlinearity": digital.nonlinearity} if hasattr(digital, "nonlinearity") else {}
        numbers = iter(seeds(seed, self.num_layers * self._directions))
        self.cells = torch.nn.ModuleList()
        for layer in range(self.num_layers):
            size = self.input_size if layer == 0 else (self.proj_size or self.hidden_size) * self._directions
            for _ in range(self._directions):
                self.cells.append(self._cell(size, rpu_config, next(numbers)))
        self._read(digital)

    def _cell(self, size: int, rpu_config: RPUConfig | None, seed: int | None) -> RecurrentCell:
        """One of the cells, for inputs of that size."""
        if self.proj_size:
            return ProjectedLSTMCell(size, self.hidden_size, self.proj_size, self.bias, rpu_config, seed=seed)
        return self.cell_class(size, self.hidden_size, self.bias, rpu_config, seed=seed, **self._options)

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    # -- from and to torch ---------------------------------------------------------------------------------

    @classmethod
    def from_digital(cls, digital: Any, rpu_config: RPUConfig | None = None, *, seed: int | None = None) -> Self:
        """See `AnalogLayer.from_digital`."""
        made = cls.__new__(cls)
        made._build(digital, rpu_config, seed)
        return made.to(digital.weight_ih_l0.device).train(digital.training)

    def to_digital(self) -> Any:
        """See `AnalogLayer.to_digital`."""
        device = next(iter(self._suffixes().values())).hidden.analog.device
        options = {"bias": self.bias, "batch_first": self.batch_first, "dropout": self.dropout} | self._options
        options |= {"proj_size": self.proj_size} if self.proj_size else {}
        sizes = (self.input_size, self.hidden_size, self.num_layers)
        digital: Any = unwritten(self.digital_class, *sizes, bidirectional=self.bidirectional, device=device, **options)
        for suffix, cell in self._suffixes().items():
            cell._write(digital, suffix)
        return digital.train(self.training)

    def reset_parameters(self) -> None:
        """Weights and biases as torch draws them."""
        for cell in self._suffixes().values():
            cell.reset_parameters()

    def _read(self, digital: Any) -> None:
        for suffix, cell in self._suffixes().items():
            cell._read(digital, suffix)

    def _suffixes(self) -> dict[str, RecurrentCell]:
        """The cells by the ends of torch's names for their weights."""
        ends = ("", "_reverse")[: self._directions]
        names = [f"_l{layer}{end}" for layer in range(self.num_layers) for end in ends]
        return dict(zip(names, cast("list[RecurrentCell]", list(self.cells)), strict=True))

    # -- what it computes ----------------------------------------------------------------------------------

    def forward(self, x: torch.Tensor | PackedSequence, hx: Any = None) -> tuple[Any, Any]:
        """Outputs of the last layer at all times, and the last states of all layers.

        Parameters
        ----------
        x : Tensor or PackedSequence
            (time, batch, input_size), (batch, time, input_size) if `batch_first`, or (time, input_size).
        hx : Tensor, or tuple of Tensor for LSTMs, optional
            The first states, (num_layers * directions, batch, hidden_size), the hidden one of LSTMs with a projection
            (..., proj_size); zeros when left out.

        Returns
        -------
        Tensor or PackedSequence
            As `x`, with directions * hidden_size features, or directions * proj_size.
        Tensor, or tuple of Tensor for LSTMs
            As `hx`.

        Raises
        ------
        ShapeError
            If extents are others.
        """
        if isinstance(x, PackedSequence):
            state = self._first(hx, (int(x.batch_sizes[0]),), x.data, x.sorted_indices)
            data, final = self._through(x.data, x.batch_sizes.tolist(), state)
            packed = PackedSequence(data, x.batch_sizes, x.sorted_indices, x.unsorted_indices)
            return packed, self._last(final, x.unsorted_indices)
        if x.ndim not in (2, 3) or x.shape[-1] != self.input_size:
            raise ShapeError(
                f"x is {list(x.shape)}: {type(self).__name__} takes (time, batch, {self.input_size}), "
                f"(batch, time, {self.input_size}) with batch_first, or (time, {self.input_size})"
            )
        times = x.unsqueeze(1) if x.ndim == 2 else x.transpose(0, 1) if self.batch_first else x
        time, batch, features = times.shape
        if not time:
            raise ShapeError(f"x is {list(x.shape)}: a recurrent layer needs at least one time")
        state = self._first(hx, (batch,) if x.ndim == 3 else (), x)
        data, final = self._through(times.reshape(time * batch, features), [batch] * time, state)
        y = data.reshape(time, batch, -1)
        if x.ndim == 2:
            return y.squeeze(1), self._last(tuple(part.squeeze(1) for part in final))
        return y.transpose(0, 1) if self.batch_first else y, self._last(final)

    def _through(self, data: torch.Tensor, lengths: list[int], state: State) -> tuple[torch.Tensor, State]:
        """All layers; states are (layers * directions, batch, extent of the state)."""
        finals: list[State] = []
        for layer in range(self.num_layers):
            if layer and self.dropout:
                data = torch.nn.functional.dropout(data, self.dropout, self.training)
            outputs = []
            for direction in range(self._directions):
                number = layer * self._directions + direction
                cell = cast("RecurrentCell", self.cells[number])
                go = backwards if direction else along
                output, final = go(cell.step, cell.input(data), lengths, tuple(part[number] for part in state))
                outputs.append(output)
                finals.append(final)
            data = torch.cat(outputs, -1) if self.bidirectional else outputs[0]
        return data, tuple(torch.stack(parts) for parts in zip(*finals, strict=True))

    def _first(self, hx: Any, batch: tuple[int, ...], like: torch.Tensor, order: torch.Tensor | None = None) -> State:
        """The first states, (layers * directions, batch, extent), in the order of packed sequences."""
        count, sizes = len(self.cells), cast("RecurrentCell", self.cells[0]).state_sizes
        if hx is None:
            return tuple(like.new_zeros(count, *(batch or (1,)), size) for size in sizes)
        given = (hx,) if len(sizes) == 1 or isinstance(hx, torch.Tensor) else tuple(hx)
        seen, wanted = [list(part.shape) for part in given], [[count, *batch, size] for size in sizes]
        if seen != wanted:
            raise ShapeError(f"hx is {seen}: it must be {wanted}")
        given = given if batch else tuple(part.unsqueeze(1) for part in given)
        return given if order is None else tuple(part.index_select(1, order) for part in given)

    def _last(self, final: State, order: torch.Tensor | None = None) -> Any:
        final = final if order is None else tuple(part.index_select(1, order) for part in final)
        return final if len(final) > 1 else final[0]

    def extra_repr(self) -> str:
        """As of torch."""
        usual = {"num_layers": 1, "bias": True, "batch_first": False, "dropout": 0.0, "bidirectional": False}
        parts = [f"{name}={getattr(self, name)}" for name, default in usual.items() if getattr(self, name) != default]
        return ", ".join([f"{self.input_size}, {self.hidden_size}", *parts])


class AnalogRNN(RecurrentLayer):
    """As `torch.nn.RNN`: see `RecurrentLayer`."""

    digital_class = torch.nn.RNN
    cell_class = AnalogRNNCell


class AnalogLSTM(RecurrentLayer):
    """As `torch.nn.LSTM`, projections included: see `RecurrentLayer`."""

    digital_class = torch.nn.LSTM
    cell_class = AnalogLSTMCell


class AnalogGRU(RecurrentLayer):
    """As `torch.nn.GRU`: see `RecurrentLayer`."""

    digital_class = torch.nn.GRU
    cell_class = AnalogGRUCell
