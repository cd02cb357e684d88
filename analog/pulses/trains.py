"""Pulse trains: which lines fire in which slots of an update."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from analog.cell import Site
from analog.kernels.bits import popcount32
from analog.parameters import UpdateParameters
from analog.parameters.enums import PulseType
from analog.pulses.few_words import FEW, FEW_WORDS
from analog.pulses.line_words import BLOCK, LINE_WORDS
from analog.pulses.probability import Rounding, width_of
from analog.pulses.scaling import Scaling
from analog.pulses.slots import MASK, VECTOR, WORD, pack
from analog.random import Stream

__all__ = ["Trains", "coincidences", "random_trains"]


def coincidences(word: int, row: int, column: int, source: Any) -> tuple[np.uint32, np.uint32]:
    """The slots of a word of `Trains` in which the weight of a crosspoint increases, and where it decreases."""
    x_positive, x_negative, d_positive, d_negative, _ = source
    x_plus, x_minus = x_positive[word, column], x_negative[word, column]
    d_plus, d_minus = d_positive[word, row], d_negative[word, row]
    return np.uint32((x_plus & d_minus) | (x_minus & d_plus)), np.uint32((x_plus & d_plus) | (x_minus & d_minus))


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

    def delay_(self, vectors: int) -> Trains:
        """The same pulses, in place, as those of vector pairs that come so many later in their batch."""
        self.table[:, VECTOR] += vectors
        return self

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
        ups, downs = coincidences(part, row, column, source)
        return popcount32(ups), popcount32(downs)


def random_trains(
    x: Any, d: Any, sizes: Scaling, reverse: bool, parameters: UpdateParameters, site: Site, step: int
) -> Trains:
    """Draw the trains of a batch.

    Where one side has few lines, the other side is silent in the slots in which none of them fires.

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
    storage, apart = site.storage, parameters.pulse_type is PulseType.STOCHASTIC
    table, starts = pack(storage.give(sizes.lengths), storage.give(sizes.signs) if apart else None)
    words, pieces = len(starts) - 1, storage.keep(table)
    x_side = _Side.of(x, sizes.x, words, Stream.PULSE_X, 1, parameters, site)
    d_side = _Side.of(d, sizes.d, words, Stream.PULSE_D, 0, parameters, site)
    few, others = (x_side, d_side) if x.shape[1] < d.shape[1] else (d_side, x_side)
    rest = pieces, storage.keep(starts), (step, site.key.seed, site.key.tile)
    if few.values.shape[1] <= FEW:
        lines = x.shape[1] + d.shape[1]
        site.target.launch(FEW_WORDS, words, 1, tuple(few), tuple(others), *rest, each=lines)
    else:
        blocks = sum(-(-int(side.values.shape[1]) // BLOCK) for side in (few, others))
        site.target.launch(LINE_WORDS, words * blocks, BLOCK, tuple(x_side), tuple(d_side), *rest)
    d_words = (d_side.negative, d_side.positive) if reverse else (d_side.positive, d_side.negative)
    return Trains(x_side.positive, x_side.negative, *d_words, pieces, int(x.shape[0]))


class _Side(NamedTuple):
    """The vectors of one side, and where their trains go: see `analog.pulses.line_words`."""

    values: Any
    factors: Any
    positive: Any
    negative: Any
    passes: int
    rounding: Rounding
    stream: int

    @classmethod
    def of(
        cls,
        values: Any,
        factors: Any,
        words: int,
        stream: Stream,
        passes: int,
        parameters: UpdateParameters,
        site: Site,
    ) -> _Side:
        positive, negative = site.storage.empty((2, words, int(values.shape[1])), np.uint32)
        rounding = width_of(parameters.res), parameters.sto_round, site.key.of(Stream(stream + 2))
        return cls(values, factors, positive, negative, passes, rounding, site.key.of(stream))
