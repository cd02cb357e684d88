"""What all transfers through digital buffers have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from analog.cell import CellState, Site
from analog.cell.vectors import portion
from analog.compound.delivery import Delivery, pulses_of
from analog.compound.gradient import shares_pulses
from analog.compound.passage import Course, is_simple, is_worthwhile, pass_through
from analog.compound.reading import is_plain, read_held
from analog.compound.receipt import receive
from analog.compound.schedule import due
from analog.compound.transfer import TransferCompound
from analog.compound.transit import Fast, Reads, Update
from analog.compound.writing import write_counts, write_values
from analog.parameters import Fraction, Positive, UpdateParameters
from analog.pulses import make_trains
from analog.pulses.slots import BITS

__all__ = ["BufferingCompound"]


class BufferingCompound(TransferCompound):
    """Transfers by way of a digital buffer per cell, which sends whole pulses to the next cell.

    Parameters
    ----------
    step : float, optional
        Pulses of the next cell for one of the buffer; with `exact_write` rounded.
    momentum : float, optional
        What stays in the buffer after pulses: this share of everything if `forget_buffer`, else all but the other
        share of what the pulses stand for.
    forget_buffer : bool, optional
        See `momentum`.
    exact_write : bool, optional
        Whether the pulses are written without chance. Otherwise they are made by `transfer_update`, which for more than
        one pulse at once sends too few. The most pulses at once are ``transfer_update.desired_bl`` either way.
    """

    step: Positive = 1.0
    momentum: Fraction = 0.0
    forget_buffer: bool = True
    transfer_update: UpdateParameters = UpdateParameters(
        desired_bl=1, update_bl_management=False, update_management=False
    )
    exact_write: bool = True

    def prepare(self, state: CellState, site: Site) -> None:
        """Buffers beside counters and peripheries."""
        super().prepare(state, site)
        state.arrays |= {name: self.empty_lines(site) for name in self._buffers()}

    def empty_lines(self, site: Site) -> Any:
        """Zeros, (lines, elements of a line)."""
        return site.storage.zeros(site.shape[::-1] if self.transfer_columns else site.shape)

    def restart(self, state: CellState, site: Site) -> None:
        """Buffers are emptied, the schedule begins anew."""
        super().restart(state, site)
        for name in self._buffers():
            state.arrays[name][...] = 0

    def own_arrays(self, state: CellState) -> dict[str, Any]:
        """The buffers."""
        return {f"buffered_FP_weight_{k}": self.turned(state.arrays[name]) for k, name in enumerate(self._buffers())}

    def turned(self, lines: Any) -> Any:
        """An array of lines as (outputs, inputs); not a copy."""
        return lines.T if self.transfer_columns else lines

    def go_through(self, state: CellState, site: Site, update: Update, fast: Fast) -> None:
        """All vector pairs of a batch: every crosspoint by itself where that is possible and faster."""
        batch, seen = int(update.x.shape[0]), int(state.numbers["seen"])
        times = due(seen, batch, self.periods(site, batch))
        often = len(times) * self.reads(site) > self.lines(site)
        if (often or is_worthwhile(self.part(0, state, site), update.parameters)) and self._is_local(
            state, site, update
        ):
            self._pass_through(state, site, update, fast)
        else:
            super().go_through(state, site, update, fast)

    def _is_local(self, state: CellState, site: Site, update: Update) -> bool:
        """Whether crosspoints do not depend on one another in anything."""
        places = [self.part(number, state, site) for number in range(len(self.parts))]
        all_lines = np.arange(self.lines(site), dtype=np.int32)
        digital = self.exact_write and not self.with_reset_prob and not self.ends_span(site, all_lines)
        simple = len(places) == 2 and all(map(is_simple, places)) and shares_pulses(places[0], update.parameters)
        return digital and simple and is_plain(self.reader)

    def _pass_through(self, state: CellState, site: Site, update: Update, fast: Fast) -> None:
        """In portions, which change no bit: what reads leave behind is in the state, and pulses are counted on."""
        batch, seen, step = int(fast.x.shape[0]), int(state.numbers["seen"]), int(state.numbers["vectors"])
        x, d = self.signed(state, fast.x, fast.d)
        first, rows = self.line_signs(state, site), not self.transfer_columns
        to, periods = self.part(0, state, site), self.periods(site, batch)
        course, written = Course.begun(to, update.parameters), Course.begun(self.part(1, state, site))
        some, words = slice(0, 0), 1 + update.parameters.desired_bl / BITS
        while some.stop < batch:
            some = portion(some.stop, batch, site.shape, words)
            times = due(seen + some.start, some.stop - some.start, periods)
            lines, until = self.next_lines(state, site, 0, len(times)), np.repeat(times, self.reads(site))
            how = fast.lr, to[0].granularity, update.parameters, to[2], step + some.start
            pulses = make_trains(x[some], d[some], *how)
            words = 1 + pulses.parts / pulses.vectors
            reads = self.count_reads(state, site, 0, lines, update.lr, fast.rates[some.start + until - 1])
            flipped = first * self.line_signs(state, site)
            delivery = self.delivery(state, site, reads)
            values = pass_through(course, pulses, some.start, reads, until, (flipped, delivery.turns), rows=rows)
            read_held(self.reader, state.cells["reader_0"], to[2], values)
            receive(written, reads, values, delivery, self.step, rows=rows)

    def line_signs(self, state: CellState, site: Site) -> Any:
        """Signs that pulses of lines have now, (lines,); a copy."""
        del state
        return site.storage.full((self.lines(site),), 1.0)

    def deliver(self, state: CellState, site: Site, reads: Reads, values: Any) -> Any:
        """Through the buffer to the next cell."""
        to = self.part(reads.level + 1, state, site)
        pulses = pulses_of(site, reads.lines, values, self.delivery(state, site, reads))
        rows, granularity = not self.transfer_columns, to[0].granularity
        if self.exact_write:
            counts = pulses if self.step == 1 else (self.step * pulses).round()
            write_counts(to, reads.numbers, counts, granularity, self.transfer_update, rows=rows)
        else:
            lr = self.step * granularity
            write_values(to, reads.numbers, pulses, lr, self.transfer_update, reads.first, rows=rows)

    @abstractmethod
    def delivery(self, state: CellState, site: Site, reads: Reads) -> Delivery:
        """By what those reads become pulses; what changes with a read that does not depend on it has changed then."""

    def _buffers(self) -> list[str]:
        return [f"buffer_{level}" for level in range(len(self.parts) - 1)]
