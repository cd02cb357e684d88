"""Chopped Tiki-Taka: signs of lines flip from time to time, so that offsets of the fast cell average out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analog.cell import CellState, Site
from analog.compound.auto_scale import rescaled, running_rates
from analog.compound.buffer import Threshold
from analog.compound.buffering import BufferingCompound
from analog.compound.chopper import Choppers, flip_all, flip_read
from analog.compound.delivery import Delivery
from analog.compound.scaled import Scaled
from analog.compound.schedule import Lines, period
from analog.compound.transit import Fast, Reads, Update
from analog.compound.visible import chopped_sum
from analog.devices import PulsedDevice
from analog.errors import ConfigError
from analog.parameters import Fraction, NonNegative, Positive

__all__ = ["ChoppedTransferCompound"]


class ChoppedTransferCompound(BufferingCompound):
    """Chopped Tiki-Taka version 2 (c-TTv2): a fast cell with choppers, a digital buffer, a slow cell.

    The fast cell takes ``x * c_in`` and ``d * c_out`` with signs `c_in` of the lines that are read and `c_out` of the
    others; what is read gets the signs back. With ``in_chop_prob=0`` there are no choppers: Tiki-Taka version 2. With
    a factor `gamma` the fast cell is visible, its signs given back.

    Parameters
    ----------
    unit_cell_devices : tuple of Cell
        The fast and the slow cell.
    in_chop_prob : float, optional
        Chance that the sign of a line flips when it was read.
    in_chop_random : bool, optional
        Whether it does by chance; otherwise it does at every ``max(ceil(1 / in_chop_prob), 2)``-th read.
    out_chop_prob : float, optional
        Chance of the other signs, after every sweep over all lines.
    buffer_granularity : float, optional
        What one pulse of the buffer takes, in granularities of the fast cell.
    auto_granularity : float, optional
        When above 0, that is multiplied by this over lines times `transfer_every`.
    no_buffer : bool, optional
        Whether the buffer is emptied before every read.
    auto_scale : bool, optional
        Whether the learning rate of the fast cell follows the size of the vectors, so that the largest elements get
        about ``fast_lr * desired_bl`` pulses.
    auto_momentum : float, optional
        Of the running averages behind that, per batch.
    correct_gradient_magnitudes : bool, optional
        Whether buffers count gradients, whatever the learning rate of the fast cell.
    transfer_every : float, optional
        As of `TransferCompound`; a negative one is multiplied by the states of the fast cell over the lines.
    units_in_mbatch, scale_fast_lr : bool, optional
        As of `TransferCompound`, but False unless told otherwise: vector pairs count, and `fast_lr` is absolute.
    step, momentum, forget_buffer, exact_write
        As of `BufferingCompound`; all others as of `TransferCompound`.

    Raises
    ------
    ConfigError
        If there are not two cells, both with pulses.

    Notes
    -----
    Rasch, Carta, Fagbohungbe, Gokmen, "Fast and robust analog in-memory deep neural network training",
    Nature Communications 15, 7133 (2024).
    """

    transfer_every: float = 1.0
    units_in_mbatch: bool = False
    scale_fast_lr: bool = False
    in_chop_prob: Fraction = 0.1
    in_chop_random: bool = True
    out_chop_prob: Fraction = 0.0
    buffer_granularity: Positive = 1.0
    auto_granularity: NonNegative = 0.0
    no_buffer: bool = False
    auto_scale: bool = False
    auto_momentum: Fraction = 0.99
    correct_gradient_magnitudes: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.parts) != 2 or any(cell.granularity <= 0 for cell in self.parts):
            raise ConfigError(f"{type(self).__name__}.unit_cell_devices holds two cells that are changed by pulses")
        if self.transfer_every < 0 and not isinstance(self.parts[0], PulsedDevice):
            raise ConfigError(
                f"{type(self).__name__}.transfer_every is {self.transfer_every}: a negative one counts the states of a "
                f"device, which {type(self.parts[0]).__name__} has not; take a positive one"
            )

    @property
    def choppers(self) -> Choppers:
        """When the signs of lines flip."""
        if self.in_chop_random:
            return Choppers(self.in_chop_prob)
        return Choppers(0.0, Choppers.every(self.in_chop_prob))

    def prepare(self, state: CellState, site: Site) -> None:
        """Signs of lines beside the buffer, and averages of vectors."""
        super().prepare(state, site)
        others, lines = site.shape if self.transfer_columns else site.shape[::-1]
        state.arrays |= {
            "chopper_in": site.storage.full((lines,), 1.0),
            "chopper_out": site.storage.full((others,), 1.0),
            "chopper_age": site.storage.zeros((lines,), np.int32),
        }
        state.numbers |= {"swept": 0, "mean_x": 0.0, "mean_d": 0.0}

    def restart(self, state: CellState, site: Site) -> None:
        """All signs are positive, buffers are empty, the schedule begins anew."""
        super().restart(state, site)
        state.arrays["chopper_in"][...] = 1
        state.arrays["chopper_out"][...] = 1
        state.arrays["chopper_age"][...] = 0
        state.numbers |= {"swept": state.numbers["read_0"], "mean_x": 0.0, "mean_d": 0.0}

    def refresh(self, state: CellState, site: Site) -> None:
        """Derive the visible weights; the fast cell's with their signs given back."""
        if not self.fully_hidden:
            fast, slow = (self.part_weights(number, state, site) for number in range(2))
            factors = np.float32(self.factors[0]), np.float32(self.factors[1])
            chopped_sum(site.target, state.arrays["weights"], (fast, slow), factors, self._signs(state)[::-1])

    def _signs(self, state: CellState) -> tuple[Any, Any]:
        """Signs of inputs and of outputs."""
        lines, others = state.arrays["chopper_in"], state.arrays["chopper_out"]
        return (lines, others) if self.transfer_columns else (others, lines)

    @property
    def counts_batches(self) -> bool:
        """Whether transfers fall due after batches, or scales are running averages over them."""
        return self.auto_scale or super().counts_batches

    def periods(self, site: Site, batch: int) -> list[int]:
        """After how many vector pairs a line is read."""
        if self.transfer_every >= 0 or self.transfer_every_vec:
            return super().periods(site, batch)
        return [max(period(self._every(site), batch, in_batches=self.units_in_mbatch), 1)]

    def _every(self, site: Site) -> float:
        """The period in its own units."""
        every = self.transfer_every_vec[0] if self.transfer_every_vec else self.transfer_every
        fast = self.parts[0]
        return -every * fast.num_states / self.lines(site) if every < 0 and isinstance(fast, PulsedDevice) else every

    def ends_span(self, site: Site, lines: Lines) -> bool:
        """Whether signs of the other lines may flip: after a sweep."""
        return self.out_chop_prob > 0 and self.lines(site) - 1 in lines

    def fast(self, state: CellState, site: Site, update: Update) -> Fast:
        """Vectors of the size that fills pulse trains, if the scale is automatic."""
        lr, batch = self.fast_learning_rate(update.lr), update.x.shape[0]
        if not self.auto_scale:
            return Fast(update.x, update.d, lr, np.full(batch, abs(lr)))
        pulses = abs(lr) * update.parameters.desired_bl * self.parts[0].granularity
        rates = running_rates(state, site, update.x, update.d, pulses, (1.0 - self.auto_momentum) / batch)
        x, d, rate = rescaled(site, update.x, update.d, rates)
        return Fast(x, d, math.copysign(rate, lr), rates)

    def signed(self, state: CellState, x: Any, d: Any) -> tuple[Any, Any]:
        """Vectors with the signs of their lines."""
        if not (self.in_chop_prob or self.out_chop_prob):
            return x, d
        # When vectors are made, the signs of the state may be others.
        x_signs, d_signs = (signs * 1 for signs in self._signs(state))
        return Scaled(x, x_signs), Scaled(d, d_signs)

    def line_signs(self, state: CellState, site: Site) -> Any:
        """Those that the choppers of lines have now."""
        del site
        return state.arrays["chopper_in"] * 1

    def deliver(self, state: CellState, site: Site, reads: Reads, values: Any) -> Any:
        """Through choppers and the buffer to the slow cell; lines that were read may get other signs."""
        arrays = state.arrays
        before = arrays["chopper_in"] * 1
        super().deliver(state, site, reads, values)
        if self.ends_span(site, reads.numbers):
            flip_all(site, self.out_chop_prob, arrays["chopper_out"], int(state.numbers["read_0"]))
        return before * arrays["chopper_in"]

    def delivery(self, state: CellState, site: Site, reads: Reads) -> Delivery:
        """With the signs that lines have when they are read; after that they may flip."""
        arrays, take = state.arrays, site.storage.take
        signs, ages, turns = flip_read(site, self.choppers, reads, arrays["chopper_in"], arrays["chopper_age"])
        return Delivery(
            buffer=arrays["buffer_0"],
            threshold=self.threshold,
            scales=take(self.scales(site, reads, ages).astype(np.float32)),
            signs=signs,
            element_signs=arrays["chopper_out"],
            turns=turns,
            known=take(self.known(state, site, reads).astype(np.float32)),
            ages=ages,
            estimate=self.estimate(state),
        )

    def estimate(self, state: CellState) -> tuple[Any, Any, float] | None:
        """What would be read without a gradient; here nothing is known of it."""
        del state
        return None

    @property
    def threshold(self) -> Threshold:
        """What the buffer keeps."""
        limit = self.transfer_update.desired_bl
        return Threshold(1.0, limit, self.momentum, self.forget_buffer, not self.no_buffer)

    def scales(self, site: Site, reads: Reads, ages: Any) -> NDArray[np.float64]:
        """By what each read is multiplied before it is added to the buffer; `ages` are native."""
        del ages
        size = self.buffer_granularity * self.parts[0].granularity
        if self.auto_granularity > 0:
            size *= self.auto_granularity / (self.lines(site) * abs(self._every(site)))
        if not self.correct_gradient_magnitudes:
            return np.full(len(reads.numbers), reads.lr / size)
        size *= self.parts[1].granularity / self.parts[0].granularity
        return reads.lr / (size * np.where(reads.rates > 0, reads.rates, np.inf))

    def known(self, state: CellState, site: Site, reads: Reads) -> NDArray[np.bool_]:
        """Of which reads pulses are written."""
        del state, site
        return np.ones(len(reads.numbers), np.bool_)
