"""Vectors rounded to a few levels, as a digital accumulator takes them."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

from analog.cell import Site
from analog.random import Stream, uniforms

__all__ = ["quantised"]


def quantised(site: Site, values: Any, bins: int, step: int, stream: Stream | None) -> Any:
    """Round every vector to ``2 * (bins // 2) + 1`` levels between minus and plus its largest magnitude.

    Parameters
    ----------
    values : array
        (batch, elements).
    bins : int
        0 leaves the values as they are.
    step : int
        Counts vectors: that of the first one.
    stream : Stream or None
        Of the numbers for stochastic rounding; None rounds to the nearest level.
    """
    if bins == 0:
        return values
    space = array_namespace(values)
    half = float(bins // 2)
    width = space.max(abs(values), axis=1, keepdims=True) / half
    width = space.where(width > 0, width, width + 1.0)
    levels = values / width
    if stream is None:
        levels = levels.round()
    else:
        shape = (int(values.shape[0]), int(values.shape[1]))
        levels = space.floor(levels + uniforms(site.storage, site.key, stream, step, shape, step_per_row=True))
    return space.clip(levels, -half, half) * width
