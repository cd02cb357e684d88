"""Tiki-Taka version 2: a digital buffer between the cells.

Gokmen, "Enabling training of neural networks on noisy hardware", Front. Artif. Intell. 4, 699148 (2021).
"""

from __future__ import annotations

from typing import Any

from analog.cell import CellState, Site
from analog.compound.buffer import Threshold, accumulate
from analog.compound.buffering import BufferingCompound
from analog.compound.transit import Transfer
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
    """

    thres_scale: Positive = 1.0
    momentum: Fraction = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        for cell in self.parts[1:]:
            if cell.granularity <= 0:
                raise ConfigError(f"{type(self).__name__} sends pulses; {type(cell).__name__} is changed otherwise")

    def deliver(self, state: CellState, site: Site, transfer: Transfer) -> Any:
        """Through the buffer to the next cell."""
        to = self.part(transfer.level + 1, state, site)
        before, after = self.factors[transfer.level : transfer.level + 2]
        lr = transfer.lr * (before / after if before and after else 1.0)
        size, limit = self.thres_scale * to[0].granularity, self.transfer_update.desired_bl
        threshold = Threshold(size, limit, self.momentum, self.forget_buffer)
        buffer = state.arrays[f"buffer_{transfer.level}"]
        self.send(to, transfer, accumulate(site, buffer, transfer.lines, transfer.values, lr, threshold))
