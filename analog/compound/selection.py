"""Parts of the pulses of a batch: some vector pairs only, other signs of some lines, one direction only."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analog.cell import Site
from analog.kernels import Kernel
from analog.pulses import Counts, Trains
from analog.pulses.slots import MASK, VECTOR, WORD

__all__ = ["down_as_up", "down_only", "of_lines", "of_vectors", "up_only"]

Pulses = Trains | Counts
Indices = NDArray[np.int32]


def of_vectors(site: Site, pulses: Pulses, kept: NDArray[np.bool_]) -> Pulses:
    """The pulses of some of the vector pairs.

    Parameters
    ----------
    site : Site
        Where the pulses are.
    pulses : Trains or Counts
        Of a batch.
    kept : array of bool
        (batch,).
    """
    if isinstance(pulses, Counts):
        return replace(pulses, x=pulses.x * site.storage.take(kept.astype(np.float32)[:, np.newaxis]))
    slots = np.bitwise_or.reduce(_slots(site, pulses)[kept], axis=0, initial=0, keepdims=True)
    lines = np.zeros(pulses.x_positive.shape[1], np.int32)
    return _masked(site, pulses, np.concatenate([np.zeros_like(slots), slots]), (lines, lines + 1), None, "x")


def of_lines(
    site: Site, pulses: Pulses, ranges: tuple[Indices, Indices], signs: Any = None, *, rows: bool = False
) -> Pulses:
    """The pulses of each line for a range of vector pairs of its own.

    Parameters
    ----------
    site : Site
        Where the pulses are.
    pulses : Trains or Counts
        Of a batch.
    ranges : tuple of two arrays of int32
        For every line the first vector pair, and the one behind the last.
    signs : array, optional
        By which the pulses of every line are multiplied; native float32.
    rows : bool, optional
        Whether lines are rows.
    """
    side = "d" if rows else "x"
    if isinstance(pulses, Counts):
        values = getattr(pulses, side)
        chosen = site.storage.empty(tuple(values.shape))
        rule = (*map(site.storage.take, ranges), _signs(site, signs, values.shape[1]))
        site.target.launch(SCALED, *values.shape, values, chosen, rule)
        return replace(pulses, **{side: chosen})
    slots = _slots(site, pulses)
    seen = np.concatenate([np.zeros((1, slots.shape[1]), np.uint32), np.bitwise_or.accumulate(slots, axis=0)])
    return _masked(site, pulses, seen, ranges, signs, side)


def _slots(site: Site, trains: Trains) -> NDArray[np.uint32]:
    """(vector pairs, words): the slots of each vector pair."""
    table = site.storage.give(trains.table)
    slots = np.zeros((trains.vectors, trains.x_positive.shape[0]), np.uint32)
    np.bitwise_or.at(slots, (table[:, VECTOR], table[:, WORD]), table[:, MASK].astype(np.uint32))
    return slots


def _masked(
    site: Site, trains: Trains, seen: NDArray[np.uint32], ranges: tuple[Indices, Indices], signs: Any, side: str
) -> Trains:
    """The slots in `seen`, (vector pairs + 1, words), at the end of the range of a line and not at its beginning."""
    names = (f"{side}_positive", f"{side}_negative")
    words = tuple(getattr(trains, name) for name in names)
    chosen = tuple(site.storage.empty(tuple(words[0].shape), np.uint32) for _ in names)
    rule = (*map(site.storage.take, (seen, *ranges)), _signs(site, signs, words[0].shape[1]))
    site.target.launch(MASKED, *words[0].shape, words, chosen, rule)
    return replace(trains, **dict(zip(names, chosen, strict=True)))


def _signs(site: Site, signs: Any, lines: int) -> Any:
    return site.storage.full((lines,), 1.0) if signs is None else signs


def up_only(site: Site, pulses: Pulses) -> tuple[Pulses, Pulses]:
    """The pulses that increase weights, in two parts: those of positive and those of negative inputs."""
    return _part(site, pulses, 1, -1), _part(site, pulses, -1, 1)


def down_only(site: Site, pulses: Pulses) -> tuple[Pulses, Pulses]:
    """The pulses that decrease weights, in two parts."""
    return _part(site, pulses, 1, 1), _part(site, pulses, -1, -1)


def down_as_up(site: Site, pulses: Pulses) -> tuple[Pulses, Pulses]:
    """The pulses that decrease weights as such that increase them, in two parts."""
    if isinstance(pulses, Counts):
        return up_only(site, replace(pulses, d=-pulses.d))
    return up_only(site, replace(pulses, d_positive=pulses.d_negative, d_negative=pulses.d_positive))


def _part(site: Site, pulses: Pulses, x_sign: int, d_sign: int) -> Pulses:
    """The pulses of lines with these signs."""
    if isinstance(pulses, Counts):
        return replace(pulses, x=_half(pulses.x, x_sign), d=_half(pulses.d, d_sign))
    silent = {}
    for side, sign in (("x", x_sign), ("d", d_sign)):
        name = f"{side}_negative" if sign > 0 else f"{side}_positive"
        silent[name] = site.storage.zeros(tuple(getattr(pulses, name).shape), np.uint32)
    return replace(pulses, **silent)


def _half(values: Any, sign: int) -> Any:
    return values.clip(0, None) if sign > 0 else values.clip(None, 0)


def _mask(row: int, first: int, last: int, words: Any, chosen: Any, rule: Any) -> None:
    positive, negative = words
    chosen_positive, chosen_negative = chosen
    seen, starts, ends, signs = rule
    for column in range(first, last):
        mask = np.uint32(seen[ends[column], row] & ~seen[starts[column], row])
        plus = np.uint32(positive[row, column] & mask)
        minus = np.uint32(negative[row, column] & mask)
        chosen_positive[row, column] = plus if signs[column] > 0 else minus
        chosen_negative[row, column] = minus if signs[column] > 0 else plus


def _scale(row: int, first: int, last: int, values: Any, chosen: Any, rule: Any) -> None:
    starts, ends, signs = rule
    for column in range(first, last):
        inside = starts[column] <= row < ends[column]
        chosen[row, column] = values[row, column] * signs[column] if inside else np.float32(0)


MASKED = Kernel(_mask)
SCALED = Kernel(_scale)
