"""What a plain periphery makes of one crosspoint: the same as `analog.mvm` for a one-hot vector, number by number."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.cell import CellState, Site
from analog.compound.lines import Reader
from analog.mvm.batch import TRANSPOSED
from analog.mvm.chain import chain
from analog.mvm.rounding import converter
from analog.random import Stream
from analog.random.distributions import normal_of

__all__ = ["Reading", "is_plain", "reading"]

#: ``read(w, number, element, arguments)`` gives what is read of a weight.
Reading = Callable[[Any, Any, Any, Any], Any]


def is_plain(reader: Reader) -> bool:
    """Whether what is read of a crosspoint depends on its weight and on random numbers only."""
    io = reader.io
    plain = chain(io, transposed=reader.rows)
    quiet = not (plain.inputs.stochastic or plain.outputs.stochastic or io.out_noise_std or io.out_asymmetry)
    straight = plain.effects is None and plain.signs == 1 and io.out_nonlinearity == 0 and not io.slope_calibration
    return reader.alike and (io.is_perfect or (quiet and straight and not plain.exact))


def reading(reader: Reader, state: CellState, site: Site, count: int) -> tuple[Reading, tuple[Any, ...]]:
    """How the next `count` lines are read, which the state counts; and the last argument of that function."""
    io = reader.io
    if io.is_perfect:
        return _reading(exact=True, noisy=False, quantised=False, bounded=False), (np.float32(0),)
    first = int(state.numbers["vectors"])
    state.numbers["vectors"] = first + count
    numbers = _driven(reader), io.out_noise, io.out_step or 1, io.out_bound, io.out_scale
    address = first, site.key.of(Stream.OUTPUT_NOISE), site.key.seed, site.key.tile
    read = _reading(exact=False, noisy=io.out_noise > 0, quantised=io.out_step > 0, bounded=io.out_bound > 0)
    return read, (TRANSPOSED * reader.rows, address, *(np.float32(number) for number in numbers))


def _driven(reader: Reader) -> np.float32:
    """What the input converter makes of a 1."""
    io = reader.io
    convert = converter(quantised=io.inp_step > 0, stochastic=False)
    value = convert(np.float32(1), np.float32(io.inp_step or 1), np.float32(0))
    return min(value, np.float32(io.inp_bound)) if io.inp_bound > 0 else value


@lru_cache
def _reading(*, exact: bool, noisy: bool, quantised: bool, bounded: bool) -> Reading:
    convert = converter(quantised=quantised, stochastic=False)

    def read(w: Any, number: Any, element: Any, arguments: Any) -> Any:
        if exact:
            return w
        draw, address, driven, noise, step, bound, factor = arguments
        value = w * driven
        if noisy:
            first, stream, seed, tile = address
            value += noise * normal_of(element, draw, first + number, stream, seed, tile)
        value = convert(value, step, value)
        if bounded:
            value = min(max(value, -bound), bound)
        return value * factor

    return read
