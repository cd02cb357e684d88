"""Mixed precision: gradients add up digitally, and whole pulses go to the devices."""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any

import numpy as np
from array_api_compat import array_namespace

from analog.cell import Cell, CellState, PulsedCell, Site
from analog.cell.vectors import part_of, portions
from analog.compound.compound import Compound
from analog.compound.quantiser import quantised
from analog.compound.schedule import Lines, due, period
from analog.compound.turns import Turns
from analog.compound.writing import write_counts, write_values
from analog.devices import ConstantStepDevice
from analog.devices.pulsed import Seed
from analog.errors import ConfigError
from analog.parameters import Count, NonNegative, Range, UpdateParameters
from analog.random import Stream

__all__ = ["DigitalRankUpdateCell", "MixedPrecisionCompound"]


class DigitalRankUpdateCell(Compound):
    """A cell whose gradient is worked out digitally before it is written.

    Parameters
    ----------
    device : Cell
        What is at the crosspoints; changed by pulses.
    construction_seed : int, optional
        When not 0, parameters that differ from crosspoint to crosspoint are drawn with this seed.

    Raises
    ------
    ConfigError
        If the device is not changed by pulses.
    """

    device: Cell = ConstantStepDevice()
    construction_seed: Seed = 0

    def __post_init__(self) -> None:
        if not isinstance(self.device, PulsedCell):
            raise ConfigError(f"{type(self).__name__}.device is changed by pulses; {type(self.device).__name__} is not")

    @property
    def parts(self) -> tuple[Cell, ...]:
        """The device."""
        return (self.device,)

    @property
    def factors(self) -> tuple[float, ...]:
        """It is the weight."""
        return (1.0,)

    @property
    def seed(self) -> int:
        """What takes the place of the experiment's seed for what is drawn once; 0 for nothing."""
        return self.construction_seed

    @property
    def counts_batches(self) -> bool:
        """What is worth writing is written after batches."""
        return True

    @abstractmethod
    def update(self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
        """Work the gradient out, and write what of it is worth writing."""


class MixedPrecisionCompound(DigitalRankUpdateCell):
    """A device and a digital accumulator of gradients, ``chi``, whose whole parts become pulses.

    Parameters
    ----------
    device : Cell
        What is at the crosspoints; changed by pulses.
    construction_seed : int, optional
        When not 0, parameters that differ from crosspoint to crosspoint are drawn with this seed.
    transfer_every : int, optional
        Batches between two transfers; 0 for never.
    n_rows_per_transfer : int, optional
        Rows of a transfer; -1 for all.
    random_row : bool, optional
        Whether the first row of a transfer is random; otherwise rows take turns.
    granularity : float, optional
        What a pulse takes from the accumulator; 0 stands for the device's.
    transfer_lr : float, optional
        What is written of what the accumulator gives.
    n_x_bins, n_d_bins : int, optional
        Levels to which vectors are rounded before they are added; 0 for no rounding.
    stoc_round_x, stoc_round_d : bool, optional
        Whether that rounding is stochastic.
    exact_write : bool, optional
        Whether pulses are written without chance. Otherwise each row is one update with update and bit length
        management, whose numbers of pulses are right on average, up to `desired_bl`.

    Notes
    -----
    Nandakumar et al., "Mixed-precision deep learning based on computational memory", Front. Neurosci. 14, 406 (2020).
    """

    transfer_every: Count = 1
    n_rows_per_transfer: Annotated[int, Range(-1)] = -1
    random_row: bool = False
    granularity: NonNegative = 0.0
    transfer_lr: NonNegative = 1.0
    n_x_bins: Count = 0
    n_d_bins: Count = 0
    stoc_round_x: bool = True
    stoc_round_d: bool = True
    exact_write: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("n_x_bins", "n_d_bins"):
            if getattr(self, name) == 1:
                raise ConfigError(f"{type(self).__name__}.{name} is 1: one level says nothing; take 0 for no rounding")
        if self.n_rows_per_transfer == 0:
            raise ConfigError(f"{type(self).__name__}.n_rows_per_transfer is 0: take -1 for all rows, or some")

    @property
    def quantum(self) -> float:
        """What a pulse takes from the accumulator."""
        return self.granularity or self.device.granularity

    def prepare(self, state: CellState, site: Site) -> None:
        """The accumulator, and counters."""
        state.arrays["chi"] = site.storage.zeros(site.shape)
        state.numbers |= {"vectors": 0, "seen": 0, "next": 0, "written": 0}

    def own_arrays(self, state: CellState) -> dict[str, Any]:
        """The accumulator."""
        return {"hidden_weights_chi": state.arrays["chi"]}

    def set_weights(self, state: CellState, site: Site, weights: Any) -> None:
        """Write weights into the device; the schedule begins anew, the accumulator keeps what it has."""
        self.write_part(0, state, site, weights)
        state.numbers |= {"seen": 0, "next": 0}

    def update(self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
        """Gradients add up in the accumulator, from which rows are transferred."""
        batch, seen, first = int(x.shape[0]), int(state.numbers["seen"]), 0
        for last in due(seen, batch, [period(self.transfer_every, batch, in_batches=True)]).tolist():
            self._accumulate(state, site, part_of(x, first, last), part_of(d, first, last), lr)
            self._transfer(state, site, parameters)
            first = last
        self._accumulate(state, site, part_of(x, first, batch), part_of(d, first, batch), lr)
        state.numbers["seen"] = seen + batch

    def _accumulate(self, state: CellState, site: Site, x: Any, d: Any, lr: float) -> None:
        x_stream = Stream.ACCUMULATOR_X if self.stoc_round_x else None
        d_stream = Stream.ACCUMULATOR_D if self.stoc_round_d else None
        for some in portions(x.shape[0], site.shape):
            step = int(state.numbers["vectors"])
            rounded_x = quantised(site, x[some], self.n_x_bins, step, x_stream)
            rounded_d = quantised(site, d[some], self.n_d_bins, step, d_stream)
            state.arrays["chi"] += lr * (rounded_d.T @ rounded_x)
            state.numbers["vectors"] = step + some.stop - some.start

    def _transfer(self, state: CellState, site: Site, parameters: UpdateParameters) -> None:
        rows = self._next_rows(state, site)
        chi = state.arrays["chi"]
        native = site.storage.take(rows.astype(np.int64))
        held = chi[native]
        size = np.float32(self.quantum)
        whole = array_namespace(held).trunc(held / size)
        chi[native] = held - size * whole
        to = self.part(0, state, site)
        lr = self.quantum * self.transfer_lr
        step = int(state.numbers["written"])
        state.numbers["written"] = step + len(rows)
        if self.exact_write:
            counts = (whole * (-lr / self.device.granularity)).round()
            write_counts(to, rows, counts, self.device.granularity, parameters, rows=True)
        else:
            managed = parameters.replace(update_management=True, update_bl_management=True)
            write_values(to, rows, -whole, lr, managed, step, rows=True)

    def _next_rows(self, state: CellState, site: Site) -> Lines:
        rows = site.shape[0]
        count = rows if self.n_rows_per_transfer < 0 else min(self.n_rows_per_transfer, rows)
        turns, numbers = Turns(rows, count, self.random_row and count < rows), state.numbers
        found, numbers["next"] = turns.next(site, int(numbers["next"]), int(numbers["written"]))
        return found
