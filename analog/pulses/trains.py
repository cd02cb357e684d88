"""Pulse trains: which lines fire in which slots of an update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from analog.cell import Site
from analog.kernels.bits import popcount32
from analog.parameters import UpdateParameters
from analog.parameters.enums import PulseType
from analog.pulses.bits import COLLECT, FIRE
from analog.pulses.probability import probabilities
from analog.pulses.scaling import Scaling
from analog.pulses.slots import MASK, WORD, pack
from analog.random import Stream

__all__ = ["Trains", "random_trains"]


@dataclass(frozen=True)
class Trains:
    """The bit words of one update, 32 slots each, the vector pairs of the batch one after the other.

    A crosspoint gets a pulse in every slot in which both of its lines fire. A slot is bit ``s`` of word ``w`` of every
    line; lines are sorted by the sign of their values.

    Attributes
    ----------
    x_positive, x_negative : array of uint32, (words, inputs)
    d_positive, d_negative : array of uint32, (words, outputs)
        Exchanged for a negative learning rate: where the signs of `x` and `d` are equal, weights decrease.
    table : array of int64, (pieces, 6)
        Where the vector pairs are: see `analog.pulses.slots`.
    vectors : int
        How many vector pairs there are, those without pulses included.
    """

    x_positive: Any
    x_negative: Any
    d_positive: Any
    d_negative: Any
    table: Any
    vectors: int

    @property
    def runs(self) -> int:
        """Number of pieces, of at most 32 slots, in which a crosspoint gets pulses of one direction only."""
        return int(self.table.shape[0])

    @property
    def source(self) -> tuple[Any, ...]:
        """What `count` and `part` look at."""
        return self.x_positive, self.x_negative, self.d_positive, self.d_negative, self.table

    @staticmethod
    def count(run: int, row: int, column: int, source: Any) -> np.int64:
        """Pulses of a crosspoint in one run; a negative number is of pulses that decrease the weight."""
        x_positive, x_negative, d_positive, d_negative, table = source
        word = table[run, WORD]
        mask = np.uint32(table[run, MASK])
        plus = np.uint32(d_positive[word, row] & mask)
        minus = np.uint32(d_negative[word, row] & mask)
        up = (x_positive[word, column] & minus) | (x_negative[word, column] & plus)
        down = (x_positive[word, column] & plus) | (x_negative[word, column] & minus)
        return np.int64(popcount32(up)) - np.int64(popcount32(down))

    @property
    def parts(self) -> int:
        """Number of words."""
        return int(self.x_positive.shape[0])

    @staticmethod
    def part(part: int, row: int, column: int, source: Any) -> tuple[np.uint32, np.uint32]:
        """Pulses of a crosspoint in one word: those that increase the weight, and those that decrease it."""
        x_positive, x_negative, d_positive, d_negative, _ = source
        x_plus, x_minus = x_positive[part, column], x_negative[part, column]
        d_plus, d_minus = d_positive[part, row], d_negative[part, row]
        ups = np.uint32((x_plus & d_minus) | (x_minus & d_plus))
        downs = np.uint32((x_plus & d_plus) | (x_minus & d_minus))
        return popcount32(ups), popcount32(downs)


def random_trains(
    x: Any, d: Any, sizes: Scaling, reverse: bool, parameters: UpdateParameters, site: Site, step: int
) -> Trains:
    """Draw the trains of a batch.

    Parameters
    ----------
    x, d : array of float32, (batch, inputs) and (batch, outputs)
    sizes : Scaling
        Of each vector pair.
    reverse : bool
        Whether all pulses change their direction, as for a negative learning rate.
    parameters : UpdateParameters
        For the type of pulses and the rounding of probabilities.
    site : Site
        Where; `Stream.PULSE_X`, `Stream.PULSE_D` and their roundings are drawn there.
    step : int
        Number of the first vector pair.
    """
    polarities = (1, -1) if parameters.pulse_type is PulseType.STOCHASTIC else (0,)
    pieces = pack(sizes.lengths, polarities)
    words = int(pieces[-1, WORD]) + 1 if len(pieces) else 0
    storage, lines = site.storage, max(int(x.shape[1]), int(d.shape[1]))
    table, starts = storage.take(pieces), storage.take(np.searchsorted(pieces[:, WORD], np.arange(words + 1)))
    sides = _Side(x, sizes.x, Stream.PULSE_X), _Side(d, sizes.d, Stream.PULSE_D)
    chances = [side.chances(parameters, site, step) for side in sides]
    fired = [[storage.empty((len(pieces), each.shape[1]), np.uint32) for _ in range(2)] for each in chances]
    firing = ((each, *bits) for each, bits in zip(chances, fired, strict=True))
    site.target.launch(FIRE, 2 * len(pieces), lines, *firing, table, *(side.address(site, step) for side in sides))
    trains = [[storage.empty((words, each.shape[1]), np.uint32) for _ in range(2)] for each in chances]
    collected = ((each, bits[0], *train) for each, bits, train in zip(chances, fired, trains, strict=True))
    site.target.launch(COLLECT, 2 * words, lines, *collected, table, starts)
    (x_positive, x_negative), (d_positive, d_negative) = trains
    if reverse:
        d_positive, d_negative = d_negative, d_positive
    return Trains(x_positive, x_negative, d_positive, d_negative, table, int(x.shape[0]))


class _Side(NamedTuple):
    """The vectors of one side, the factors of their probabilities, and what draws their slots."""

    values: Any
    factors: Any
    stream: Stream

    def chances(self, parameters: UpdateParameters, site: Site, step: int) -> Any:
        rounding = (Stream(self.stream + 2), step) if parameters.sto_round else None
        return probabilities(self.values, site.storage.take(self.factors), parameters.res, site, rounding)

    def address(self, site: Site, step: int) -> tuple[int, int, int, int]:
        return step, site.key.of(self.stream), site.key.seed, site.key.tile
