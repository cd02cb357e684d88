"""Tiki-Taka: gradients go to a fast cell, and what it holds is transferred to slower ones, line by line."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from analog.cell import CellState, Site
from analog.cell.vectors import part_of
from analog.compound.compound import UnitCell
from analog.compound.gradient import Gradient, shares_pulses
from analog.compound.lines import Reader
from analog.compound.schedule import Lines, Span, period, spans
from analog.compound.transit import Fast, Reads, Update, by_lines
from analog.compound.turns import Turns
from analog.compound.writing import write_counts, write_values
from analog.errors import ConfigError
from analog.parameters import Fraction, NonNegative, PositiveCount, UpdateParameters
from analog.parameters.io import IOParameters

__all__ = ["TransferCompound"]


class TransferCompound(UnitCell):
    """Tiki-Taka (version 1): cells of increasing slowness, the first of which takes the gradients.

    Every so many vector pairs some lines of a cell are read, by one-hot vectors through `transfer_forward`, and added
    to the next cell by pulses. The visible weight is the sum of all with factors ``gamma**(n - 1 - k)``; with `gamma` 0
    that is the last cell alone.

    Parameters
    ----------
    unit_cell_devices : tuple of Cell
        The cells, the fastest first; at least two.
    construction_seed : int, optional
        When not 0, parameters that differ from crosspoint to crosspoint are drawn with this seed.
    gamma : float, optional
        Base of the visible factors.
    gamma_vec : tuple of float, optional
        The visible factors themselves, instead.
    transfer_every : float, optional
        Batches (vector pairs unless `units_in_mbatch`) between two transfers from the first cell; 0 for never. Each
        further cell waits for as many transfers as there are lines to read.
    no_self_transfer : bool, optional
        Always True: the last cell is where weights are, and adding it to itself would only let them grow.
    transfer_every_vec : tuple of float, optional
        The same for every cell, instead.
    units_in_mbatch : bool, optional
        Whether `transfer_every` counts batches.
    n_reads_per_transfer : int, optional
        Lines per transfer; at most all.
    transfer_columns : bool, optional
        Whether lines are columns; otherwise rows, read by transposed products.
    with_reset_prob : float, optional
        Chance of each device of a line to be reset after reading; columns only.
    random_selection : bool, optional
        Whether the first line of a transfer is random; otherwise lines take turns.
    fast_lr : float, optional
        Learning rate of the first cell, a multiple of the optimizer's if `scale_fast_lr`; 0 stands for the optimizer's.
    transfer_lr : float, optional
        Learning rate of transfers, a multiple of the optimizer's if `scale_transfer_lr`.
    transfer_lr_vec : tuple of float, optional
        The same for every cell, instead.
    scale_transfer_lr, scale_fast_lr : bool, optional
        See there.
    transfer_forward : IOParameters, optional
        How lines are read. Noise and bound management are always off.
    transfer_update : UpdateParameters, optional
        How they are written.
    exact_write : bool, optional
        Whether transfers write ``transfer_lr * value``, rounded to whole pulses, without chance and without a limit;
        otherwise pulse trains as `transfer_update` makes them.

    Raises
    ------
    ConfigError
        If there are fewer than two cells, numbers of cells and of other values contradict each other, or something is
        asked for that is never done.

    Notes
    -----
    Gokmen and Haensch, "Algorithm for training neural networks on resistive device arrays", Front. Neurosci. 14, 103
    (2020).

    Examples
    --------
    >>> from analog.devices import SoftBoundsDevice
    >>> TransferCompound(unit_cell_devices=(SoftBoundsDevice(), SoftBoundsDevice()), gamma=0.1).factors
    (0.1, 1.0)
    """

    gamma: float = 0.0
    gamma_vec: tuple[float, ...] = ()
    transfer_every: NonNegative = 1.0
    no_self_transfer: bool = True
    transfer_every_vec: tuple[NonNegative, ...] = ()
    units_in_mbatch: bool = True
    n_reads_per_transfer: PositiveCount = 1
    transfer_columns: bool = True
    with_reset_prob: Fraction = 0.0
    random_selection: bool = False
    fast_lr: NonNegative = 1.0
    transfer_lr: NonNegative = 1.0
    transfer_lr_vec: tuple[NonNegative, ...] = ()
    scale_transfer_lr: bool = True
    scale_fast_lr: bool = True
    transfer_forward: IOParameters = IOParameters()
    transfer_update: UpdateParameters = UpdateParameters()
    exact_write: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        cells = len(self.parts)
        if cells < 2:
            raise ConfigError(f"{type(self).__name__}.unit_cell_devices holds at least two cells, not {cells}")
        self._check_length("gamma_vec", cells)
        self._check_length("transfer_every_vec", cells, cells - 1)
        self._check_length("transfer_lr_vec", cells, cells - 1)
        if self.factors[-1] == 0:
            raise ConfigError(f"{type(self).__name__}.gamma_vec ends with 0: the last cell is where weights are")
        if not self.no_self_transfer:
            raise ConfigError(
                f"{type(self).__name__}.no_self_transfer is False, but the last cell is never transferred to itself, "
                "which would only let weights grow: leave it True"
            )
        if self.with_reset_prob and not self.transfer_columns:
            raise ConfigError(
                f"{type(self).__name__}.with_reset_prob is {self.with_reset_prob}: only columns are reset; "
                "set it to 0 or transfer_columns to True"
            )

    def _check_length(self, name: str, *allowed: int) -> None:
        length = len(getattr(self, name))
        if length not in (0, *allowed):
            raise ConfigError(
                f"{type(self).__name__}.{name} has {length} values for {len(self.parts)} cells: give {max(allowed)}, "
                "or none"
            )

    @property
    def factors(self) -> tuple[float, ...]:
        """What each cell counts in the visible weight."""
        last = len(self.parts) - 1
        return self.gamma_vec or tuple(self.gamma ** (last - k) for k in range(last + 1))

    @property
    def reader(self) -> Reader:
        """What reads lines."""
        return Reader(self.transfer_forward, rows=not self.transfer_columns)

    def prepare(self, state: CellState, site: Site) -> None:
        """Counters, and the periphery of every cell that is read."""
        state.numbers |= {"vectors": 0, "seen": 0}
        for level in range(len(self.parts) - 1):
            state.numbers |= {f"next_{level}": 0, f"chosen_{level}": 0, f"read_{level}": 0}
            state.cells[f"reader_{level}"] = self.reader.create(site.child(level))

    def set_weights(self, state: CellState, site: Site, weights: Any) -> None:
        """Write weights into the last cell; all others become zero, and the schedule begins anew."""
        *others, last = range(len(self.parts))
        for number in others:
            self.write_part(number, state, site, site.storage.zeros(site.shape))
        self.write_part(last, state, site, weights / self.factors[last] if self.factors[last] != 1 else weights)
        self.restart(state, site)
        self.refresh(state, site)

    def restart(self, state: CellState, site: Site) -> None:
        """The schedule begins anew; numbers that are parts of addresses go on."""
        del site
        state.numbers["seen"] = 0
        state.numbers |= {f"next_{level}": 0 for level in range(len(self.parts) - 1)}

    @property
    def counts_batches(self) -> bool:
        """Whether transfers fall due after batches."""
        return self.units_in_mbatch or super().counts_batches

    def update(self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
        """Pulses for the fast cell, with transfers in between; nothing at all when `lr` is 0."""
        batch = int(x.shape[0])
        if lr == 0 or batch == 0:
            return
        task = Update(x, d, lr, parameters)
        self.go_through(state, site, task, self.fast(state, site, task))
        state.numbers["vectors"] += batch
        state.numbers["seen"] += batch
        self.refresh(state, site)

    def go_through(self, state: CellState, site: Site, update: Update, fast: Fast) -> None:
        """All vector pairs of a batch, span by span."""
        batch = int(update.x.shape[0])
        whole = not (self.reader.local and shares_pulses(self.part(0, state, site), update.parameters))
        for span in spans(
            int(state.numbers["seen"]),
            batch,
            self.periods(site, batch),
            lambda transfers: self.next_lines(state, site, 0, transfers),
            lambda lines: whole or self.ends_span(site, lines),
        ):
            self._advance(state, site, span, update, fast)

    def ends_span(self, site: Site, lines: Lines) -> bool:
        """Whether reading these lines changes how all lines are updated."""
        del site, lines
        return False

    def lines(self, site: Site) -> int:
        """How many lines there are to read."""
        return site.shape[1 if self.transfer_columns else 0]

    def periods(self, site: Site, batch: int) -> list[int]:
        """After how many vector pairs each cell but the last transfers; 0 for never."""
        every = self.transfer_every
        result = []
        for level in range(len(self.parts) - 1):
            every = self.transfer_every_vec[level] if self.transfer_every_vec else every
            result.append(period(every, batch, in_batches=self.units_in_mbatch))
            every *= self.lines(site) / self.reads(site)
        return result

    def reads(self, site: Site) -> int:
        """How many of them a transfer reads."""
        return min(self.n_reads_per_transfer, self.lines(site))

    def next_lines(self, state: CellState, site: Site, level: int, transfers: int = 1) -> Lines:
        """The lines of the next transfers, which are counted; one transfer after the other."""
        turns, numbers = Turns(self.lines(site), self.reads(site), self.random_selection), state.numbers
        start, chosen = int(numbers[f"next_{level}"]), int(numbers[f"chosen_{level}"])
        lines, start = turns.next(site.child(level), start, chosen, transfers)
        numbers |= {f"next_{level}": start, f"chosen_{level}": chosen + len(lines)}
        return lines

    def _advance(self, state: CellState, site: Site, span: Span, update: Update, fast: Fast) -> None:
        step = int(state.numbers["vectors"]) + span.first
        ends = span.first, span.last
        x, d = self.signed(state, part_of(fast.x, *ends), part_of(fast.d, *ends))
        rows, place = not self.transfer_columns, self.part(0, state, site)
        gradient = Gradient(place, span, x, d, fast.lr, update.parameters, step, rows)
        gradient.until_read()
        signs = None
        if len(span.lines):
            rates = fast.rates[span.first + span.until - 1]
            signs = self._transfer(state, site, 0, span.lines, update, rates)
        gradient.after_read(signs)
        for level in span.later:
            lines = self.next_lines(state, site, level)
            self._transfer(state, site, level, lines, update, fast.rates[[span.last - 1] * len(lines)])

    def fast(self, state: CellState, site: Site, update: Update) -> Fast:
        """What the first cell gets of a batch."""
        del state, site
        lr = self.fast_learning_rate(update.lr)
        return Fast(update.x, update.d, lr, np.full(update.x.shape[0], lr))

    def signed(self, state: CellState, x: Any, d: Any) -> tuple[Any, Any]:
        """Vectors with the signs that lines have now."""
        del state
        return x, d

    def fast_learning_rate(self, lr: float) -> float:
        """The learning rate of the first cell; a negative one of the optimizer reverses its pulses."""
        if self.fast_lr == 0:
            return lr
        return self.fast_lr * (lr if self.scale_fast_lr else math.copysign(1.0, lr))

    def transfer_learning_rate(self, level: int, lr: float) -> float:
        """The learning rate of transfers from a cell; never negative: what a cell holds has the right sign."""
        own = self.transfer_lr_vec[level] if self.transfer_lr_vec else self.transfer_lr
        return own * (abs(lr) if self.scale_transfer_lr else 1.0)

    def _transfer(self, state: CellState, site: Site, level: int, lines: Lines, update: Update, rates: Any) -> Any:
        cell, inner, place = self.part(level, state, site)
        reads = self.count_reads(state, site, level, lines, update.lr, rates)
        values = self.reader.read(state.cells[f"reader_{level}"], place, cell.weights(inner, place), reads.lines)
        if self.with_reset_prob:
            for line in lines.tolist():
                cell.reset_columns(inner, place, line, 1, self.with_reset_prob)
        return self.deliver(state, site, reads, values)

    def count_reads(self, state: CellState, site: Site, level: int, lines: Lines, lr: float, rates: Any) -> Reads:
        """Those lines of a cell as reads, which are counted; `lr` is that of the optimizer."""
        first = int(state.numbers[f"read_{level}"])
        state.numbers[f"read_{level}"] = first + len(lines)
        lr, take = self.transfer_learning_rate(level, lr), site.storage.take
        starts, order = by_lines(lines, self.lines(site))
        return Reads(level, lines, take(lines), first, lr, rates, (take(starts), take(order)))

    def deliver(self, state: CellState, site: Site, reads: Reads, values: Any) -> Any:
        """Write what was read, (reads, elements of a line), into the next cell.

        Returns
        -------
        array or None
            Signs by which the pulses of lines of the cell that was read are multiplied from now on.
        """
        to = self.part(reads.level + 1, state, site)
        rows, granularity = not self.transfer_columns, to[0].granularity
        if self.exact_write and granularity > 0:
            counts = (values * (reads.lr / granularity)).round()
            write_counts(to, reads.numbers, counts, granularity, self.transfer_update, rows=rows)
        else:
            write_values(to, reads.numbers, values, reads.lr, self.transfer_update, reads.first, rows=rows)
