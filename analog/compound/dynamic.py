"""AGAD: choppers, and a reference that is estimated while training goes on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from analog.cell import CellState, Site
from analog.compound.buffer import Threshold
from analog.compound.chopped import ChoppedTransferCompound
from analog.compound.chopper import Choppers
from analog.compound.transit import Reads
from analog.errors import ConfigError
from analog.parameters import NonNegative, Positive

__all__ = ["DynamicTransferCompound"]


class DynamicTransferCompound(ChoppedTransferCompound):
    """AGAD (analog gradient accumulation with dynamic reference), also Tiki-Taka version 4.

    As `ChoppedTransferCompound`; the signs of a line flip after every ``N = max(ceil(1 / in_chop_prob), 2)`` reads, and
    what is added to the buffer is the difference to the running mean of the period before. Pulses are written after
    the first N + 1 sweeps over all lines.

    Parameters
    ----------
    in_chop_random : bool, optional
        Whether signs flip by chance as well.
    experimental_correct_accumulation : bool, optional
        Whether a read counts less the longer its period lasts: what a fast cell holds is a sum since the last flip.
    buffer_cap : float, optional
        Most that stays in a buffer that sent pulses, in units of ``transfer_update.desired_bl``; 0 for any.
    tail_weightening : float, optional
        The newest read has the weight ``min(tail_weightening / N, 1)`` in the running mean.
    **parameters
        All others as of `ChoppedTransferCompound`.

    Raises
    ------
    ConfigError
        If `in_chop_prob` is 0: there would be no periods.

    Notes
    -----
    Rasch, Carta, Fagbohungbe, Gokmen, "Fast and robust analog in-memory deep neural network training",
    Nature Communications 15, 7133 (2024).
    """

    in_chop_random: bool = False
    experimental_correct_accumulation: bool = False
    buffer_cap: NonNegative = 0.0
    tail_weightening: Positive = 5.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.in_chop_prob == 0:
            raise ConfigError(
                f"{type(self).__name__}.in_chop_prob is 0: its reference is the mean between two flips, so there must "
                "be flips; take a small probability, or ChoppedTransferCompound"
            )

    @property
    def flip_period(self) -> int:
        """Reads after which the sign of a line flips."""
        return Choppers.every(self.in_chop_prob)

    @property
    def choppers(self) -> Choppers:
        """When the signs of lines flip."""
        return Choppers(self.in_chop_prob if self.in_chop_random else 0.0, self.flip_period)

    @property
    def threshold(self) -> Threshold:
        """What the buffer keeps."""
        limit = self.transfer_update.desired_bl
        return Threshold(1.0, limit, self.momentum, self.forget_buffer, not self.no_buffer, cap=self.buffer_cap * limit)

    def prepare(self, state: CellState, site: Site) -> None:
        """Means and references beside signs and buffers."""
        super().prepare(state, site)
        state.arrays |= {"mean": self.empty_lines(site), "reference": self.empty_lines(site)}

    def restart(self, state: CellState, site: Site) -> None:
        """Nothing is known of the references, all signs are positive, buffers are empty, the schedule begins anew."""
        super().restart(state, site)
        state.arrays["mean"][...] = 0
        state.arrays["reference"][...] = 0

    def own_arrays(self, state: CellState) -> dict[str, Any]:
        """The buffer, the running mean, and the reference, by the field's names."""
        names = {
            "buffered_FP_weight": "buffer_0",
            "running_mean_weight": "mean",
            "past_mean_weight": "reference",
        }
        return {name: self.turned(state.arrays[own]) for name, own in names.items()}

    def estimate(self, state: CellState) -> tuple[Any, Any, float]:
        """The running mean, the reference, and the weight of the newest read."""
        return state.arrays["mean"], state.arrays["reference"], min(self.tail_weightening / self.flip_period, 1.0)

    def scales(self, site: Site, reads: Reads, ages: Any) -> NDArray[np.float64]:
        """By what each read is multiplied before it is added to the buffer; `ages` are native."""
        scales = super().scales(site, reads, ages)
        if not self.experimental_correct_accumulation:
            return scales
        corrected: NDArray[np.float64] = scales / np.minimum(site.storage.give(ages) + 1, 1 / self.parts[0].granularity)
        return corrected

    def known(self, state: CellState, site: Site, reads: Reads) -> NDArray[np.bool_]:
        """All but those of the first period, whose reference is not known; what the buffer sends then is lost."""
        since = reads.first - int(state.numbers["swept"]) + np.arange(len(reads.numbers))
        known: NDArray[np.bool_] = since // self.lines(site) > self.flip_period
        return known
