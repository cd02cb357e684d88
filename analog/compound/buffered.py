"""Tiki-Taka version 2: a digital buffer between the cells."""

from __future__ import annotations

import numpy as np

from analog.cell import CellState, Site
from analog.compound.buffer import Threshold
from analog.compound.buffering import BufferingCompound
from analog.compound.delivery import Delivery
from analog.compound.transit import Reads
from analog.errors import ConfigError
from analog.parameters import Fraction, Positive

__all__ = ["BufferedTransferCompound"]


class BufferedTransferCompound(BufferingCompound):
    """Tiki-Taka version 2: what is read adds up in a digital buffer, which sends whole pulses to the next cell.

    A buffer adds ``transfer_lr * value``, times the visible factor of the cell over that of the next if both are
    visible, and sends a pulse for each `thres_scale` granularities of the next cell, at most
    ``transfer_update.desired_bl`` at once.

    Parameters
    ----------
    thres_scale : float, optional
        What one pulse takes, in granularities of the next cell.
    momentum, step, forget_buffer, exact_write
        As of `BufferingCompound`; all others as of `TransferCompound`.

    Raises
    ------
    ConfigError
        If a cell behind a buffer is not changed by pulses.

    Notes
    -----
    Gokmen, "Enabling training of neural networks on noisy hardware", Front. Artif. Intell. 4, 699148 (2021).
    """

    thres_scale: Positive = 1.0
    momentum: Fraction = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        for cell in self.parts[1:]:
            if cell.granularity <= 0:
                raise ConfigError(f"{type(self).__name__} sends pulses; {type(cell).__name__} is changed otherwise")

    def delivery(self, state: CellState, site: Site, reads: Reads) -> Delivery:
        """Into the buffer, times the ratio of what the cells count in the visible weight."""
        before, after = self.factors[reads.level : reads.level + 2]
        lr = reads.lr * (before / after if before and after else 1.0)
        size, limit = self.thres_scale * self.parts[reads.level + 1].granularity, self.transfer_update.desired_bl
        count, ones = len(reads.numbers), site.storage.full((max(len(reads.numbers), *site.shape),), 1.0)
        return Delivery(
            buffer=state.arrays[f"buffer_{reads.level}"],
            threshold=Threshold(size, limit, self.momentum, self.forget_buffer),
            scales=site.storage.full((count,), lr),
            signs=ones,
            element_signs=ones,
            turns=ones,
            known=ones,
            ages=site.storage.zeros((count,), np.int32),
        )
