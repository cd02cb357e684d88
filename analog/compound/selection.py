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

__all__ = ["down_as_up", "of_lines", "of_vectors", "up_only"]

Pulses = Trains | Counts


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
    return of_lines(site, pulses, kept[np.newaxis], np.zeros(site.shape[1], np.int32))


def of_lines(
    site: Site,
    pulses: Pulses,
    kept: NDArray[np.bool_],
    which: NDArray[np.int32],
    signs: Any = None,
    *,
    rows: bool = False,
) -> Pulses:
    """The pulses of each line for the vector pairs that are its own.

    Parameters
    ----------
    site : Site
        Where the pulses are.
    pulses : Trains or Counts
        Of a batch.
    kept : array of bool
        (choices, batch): sets of vector pairs.
    which : array of int32
        The set of every line.
    signs : array, optional
        By which the pulses of every line are multiplied; native float32.
    rows : bool, optional
        Whether lines are rows.
    """
    native_which = site.storage.take(which)
    signs = site.storage.full((len(which),), 1.0) if signs is None else signs
    if isinstance(pulses, Counts):
        values = pulses.d if rows else pulses.x
        chosen = site.storage.empty(tuple(values.shape))
        share = site.storage.take(kept.astype(np.float32))
        site.target.launch(SCALED, *values.shape, values, chosen, (share, native_which, signs))
        return replace(pulses, **{"d" if rows else "x": chosen})
    side = "d" if rows else "x"
    names = (f"{side}_positive", f"{side}_negative")
    words = tuple(getattr(pulses, name) for name in names)
    chosen = tuple(site.storage.empty(tuple(words[0].shape), np.uint32) for _ in names)
    masks = site.storage.take(_masks(site, pulses, kept, words[0].shape[0]))
    site.target.launch(MASKED, *words[0].shape, words, chosen, (masks, native_which, signs))
    return replace(pulses, **dict(zip(names, chosen, strict=True)))


def _masks(site: Site, trains: Trains, kept: NDArray[np.bool_], words: int) -> NDArray[np.uint32]:
    """(choices, words): the slots of the vector pairs of each choice."""
    table = site.storage.give(trains.table)
    masks = np.zeros((len(kept), words), np.uint32)
    for choice, vectors in enumerate(kept):
        pieces = table[vectors[table[:, VECTOR]]]
        np.bitwise_or.at(masks[choice], pieces[:, WORD], pieces[:, MASK].astype(np.uint32))
    return masks


def up_only(site: Site, pulses: Pulses) -> tuple[Pulses, Pulses]:
    """The pulses that increase weights, in two parts: those of positive and those of negative inputs."""
    if isinstance(pulses, Counts):
        x, d = pulses.x, pulses.d
        return replace(pulses, x=x.clip(0, None), d=d.clip(None, 0)), replace(
            pulses, x=x.clip(None, 0), d=d.clip(0, None)
        )
    no_x, no_d = (site.storage.zeros(tuple(each.shape), np.uint32) for each in (pulses.x_positive, pulses.d_positive))
    return replace(pulses, x_negative=no_x, d_positive=no_d), replace(pulses, x_positive=no_x, d_negative=no_d)


def down_as_up(site: Site, pulses: Pulses) -> tuple[Pulses, Pulses]:
    """The pulses that decrease weights as such that increase them, in two parts."""
    if isinstance(pulses, Counts):
        return up_only(site, replace(pulses, d=-pulses.d))
    return up_only(site, replace(pulses, d_positive=pulses.d_negative, d_negative=pulses.d_positive))


def _masked(row: int, first: int, last: int, words: Any, chosen: Any, rule: Any) -> None:
    positive, negative = words
    chosen_positive, chosen_negative = chosen
    masks, which, signs = rule
    for column in range(first, last):
        mask = masks[which[column], row]
        plus = np.uint32(positive[row, column] & mask)
        minus = np.uint32(negative[row, column] & mask)
        chosen_positive[row, column] = plus if signs[column] > 0 else minus
        chosen_negative[row, column] = minus if signs[column] > 0 else plus


def _scaled(row: int, first: int, last: int, values: Any, chosen: Any, rule: Any) -> None:
    share, which, signs = rule
    for column in range(first, last):
        chosen[row, column] = values[row, column] * share[which[column], row] * signs[column]


MASKED = Kernel(_masked)
SCALED = Kernel(_scaled)
