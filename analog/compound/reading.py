"""What a plain periphery reads of crosspoints: the same as `analog.mvm` for one-hot vectors, number by number."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from analog.cell import CellState, Site
from analog.compound.lines import Reader
from analog.kernels import Kernel
from analog.mvm.batch import TRANSPOSED
from analog.mvm.chain import chain
from analog.mvm.rounding import converter
from analog.random import Stream
from analog.random.distributions import normal_of

__all__ = ["is_plain", "read_held"]


def is_plain(reader: Reader) -> bool:
    """Whether what is read of a crosspoint depends on its weight and on random numbers only."""
    io = reader.io
    plain = chain(io, transposed=reader.rows)
    quiet = not (plain.inputs.stochastic or plain.outputs.stochastic or io.out_noise_std or io.out_asymmetry)
    straight = plain.effects is None and plain.signs == 1 and io.out_nonlinearity == 0 and not io.slope_calibration
    return reader.alike and (io.is_perfect or (quiet and straight and not plain.exact))


def read_held(reader: Reader, state: CellState, site: Site, held: Any) -> None:
    """Make what lines held, (elements of a line, reads), what was read of them, in place; the state counts reads."""
    io = reader.io
    if io.is_perfect:
        return
    first = int(state.numbers["vectors"])
    state.numbers["vectors"] = first + held.shape[1]
    address = TRANSPOSED * reader.rows, *site.key.address(Stream.OUTPUT_NOISE, first)
    numbers = _driven(reader), io.out_noise, io.out_step or 1, io.out_bound, io.out_scale
    kernel = _reading(noisy=io.out_noise > 0, quantised=io.out_step > 0, bounded=io.out_bound > 0)
    site.target.launch(kernel, *held.shape, held, address, tuple(np.float32(number) for number in numbers))


def _driven(reader: Reader) -> np.float32:
    """What the input converter makes of a 1."""
    io = reader.io
    convert = converter(quantised=io.inp_step > 0, stochastic=False)
    value = convert(np.float32(1), np.float32(io.inp_step or 1), np.float32(0))
    return min(value, np.float32(io.inp_bound)) if io.inp_bound > 0 else value


@lru_cache
def _reading(*, noisy: bool, quantised: bool, bounded: bool) -> Kernel:
    convert = converter(quantised=quantised, stochastic=False)

    def body(row: int, first: int, last: int, held: Any, address: Any, numbers: Any) -> None:
        draw, step, stream, seed, tile = address
        driven, noise, width, bound, factor = numbers
        for number in range(first, last):
            value = held[row, number] * driven
            if noisy:
                value += noise * normal_of(row, draw, step + number, stream, seed, tile)
            value = convert(value, width, value)
            if bounded:
                value = min(max(value, -bound), bound)
            held[row, number] = value * factor

    return Kernel(body)
