"""What all transfers through digital buffers have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from analog.cell import CellState, Site
from analog.compound.delivery import Delivery, pulses_of
from analog.compound.transfer import TransferCompound
from analog.compound.transit import Reads
from analog.compound.writing import write_counts, write_values
from analog.parameters import Fraction, Positive, UpdateParameters

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
