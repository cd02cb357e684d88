"""Inputs as pulses of one height and different length: all at once, or digit by digit.

P. Narayanan et al., "Fully on-chip MAC at 14 nm enabled by accurate row-wise programming of PCM-based weights and
parallel vector-transport in duration-format", IEEE Trans. Electron Devices 68, 6629, 2021. Formulas:
`docs/analog-mvm.md`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from analog.kernels import Kernel
from analog.mvm.outputs import outputs
from analog.mvm.rounding import nearest
from analog.mvm.side import Side, singles
from analog.parameters.enums import AnalogMVType
from analog.parameters.io_irdrop_t import IOParametersIRDropT

__all__ = ["Read", "reads"]

ZERO = np.float32(0)
HALF = np.float32(0.5)
#: Parts of a step by which a pulse that ends with a step may be too long in float32.
CLOSE = np.float32(1e-3)


class Read(NamedTuple):
    """One time that pulses go through the array.

    Parameters
    ----------
    durations : Side
        The kernel ``u -> result``: how many steps a line is driven, with the sign of the input.
    steps : int
        How many there are.
    step : float
        How long one is, in steps of the input converter.
    outputs : Side
        From currents to numbers, which are added to those of reads before.
    """

    durations: Side
    steps: int
    step: float
    outputs: Side


def reads(io: IOParametersIRDropT) -> tuple[Read, ...]:
    """What a product is made of, the lowest digits first."""
    levels = io.levels
    if io.mv_type is AnalogMVType.ONE_PASS:
        steps = int((levels + 1) * io.ir_drop_time_step_resolution_scale + CLOSE)
        numbers = singles(levels / io.inp_bound, (steps - 1) / levels, steps - 1)
        side = Side(_kernel(False, not io.ir_drop_integration_sum), (*numbers, np.int32(0), np.int32(0)))
        return (Read(side, steps, levels / (steps - 1), outputs(io)),)
    return tuple(_digit(io, shift, bits) for shift, bits in _digits(io))


def _digits(io: IOParametersIRDropT) -> list[tuple[int, int]]:
    """The lowest bit of every digit, and how many it has."""
    if io.mv_type is AnalogMVType.BIT_WISE:
        return [(bit, 1) for bit in range(io.bits)]
    low = io.split_mode_bit_shift
    return [(0, low), (low, io.bits - low)]


def _digit(io: IOParametersIRDropT, shift: int, bits: int) -> Read:
    steps = 1 << bits
    numbers = (*singles(io.levels / io.inp_bound, 1.0, io.levels), np.int32(shift), np.int32(steps - 1))
    side = Side(_kernel(True, not io.ir_drop_integration_sum), numbers)
    worth = io.replace(out_scale=io.out_scale * 2**shift)
    return Read(side, steps, 1.0, outputs(worth, added=shift > 0))


@lru_cache
def _kernel(digital: bool, trapezoidal: bool) -> Kernel:
    def body(
        row: int,
        first: int,
        last: int,
        u: Any,
        result: Any,
        levels: np.float32,
        stretch: np.float32,
        longest: np.float32,
        shift: np.int32,
        mask: np.int32,
    ) -> None:
        for column in range(first, last):
            level = abs(u[row, column]) * levels
            if digital:
                on = np.float32((np.int32(min(nearest(level), longest)) >> shift) & mask)
            else:
                # Steps begin at 0, so that one begins before the end of a pulse, whatever remains of it.
                length = level * stretch - CLOSE
                whole = np.float32(np.int32(max(length, ZERO)))
                on = min(whole + np.float32(length > whole), longest)
            if trapezoidal and on > ZERO:
                # The first sample counts for half a step before it.
                on += HALF
            result[row, column] = on if u[row, column] > ZERO else -on

    return Kernel(body)
