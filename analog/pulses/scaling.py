"""How long the pulse trains of a vector pair are, and what its values are multiplied with to be probabilities.

Gokmen and Vlasov, Front. Neurosci. 10, 333 (2016), with the adaptive bit length and the balance of probabilities of
Rasch, Gokmen, Haensch, IEEE Design & Test 37 (2020): see `docs/analog-update.md`.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from analog.cell import Site
from analog.errors import ConfigError
from analog.kernels import Kernel
from analog.kernels.bits import bits_of_float32, float32_of_bits
from analog.parameters import UpdateParameters
from analog.parameters.update import MAX_BL

__all__ = ["Scaling", "scaling"]

#: A product of float32 numbers this close above a whole number is that number.
ROUNDING = 2.0**-20
#: What a vector pair takes beside its numbers, in numbers.
APART = 64
#: The largest number of single precision; probabilities end at 1 long before.
LARGEST = float(np.finfo(np.float32).max)
SIGN, SIZE = np.uint32(0x80000000), np.uint32(0x7FFFFFFF)


class Scaling(NamedTuple):
    """One entry per vector pair.

    Attributes
    ----------
    lengths : array of int64
        Slots; 0 where nothing happens.
    signs : array of uint8, (batch, 2)
        Whether `x` has positive values, and whether it has negative ones.
    x, d : array of float32
        Probabilities are ``min(1, x * abs(x value))`` and ``min(1, d * abs(d value))``.
    """

    lengths: Any
    signs: Any
    x: Any
    d: Any


def scaling(x: Any, d: Any, lr: float, granularity: float, parameters: UpdateParameters, site: Site) -> Scaling:
    """The scaling of the vector pairs of a batch, as native arrays.

    Raises
    ------
    ConfigError
        If a train would be longer than `MAX_BL` slots.

    Examples
    --------
    >>> from analog.cell import Storage
    >>> from analog.random import RandomKey
    >>> from tensorlayer.backend import get_backend
    >>> site = Site((1, 2), Storage(get_backend("numpy").allocator()), RandomKey(1, 0))
    >>> x, d = np.float32([[1.0, -0.5]]), np.float32([[0.4]])
    >>> scaling(x, d, 0.01, 0.001, UpdateParameters(), site).lengths
    array([4])
    """
    batch, empty = int(x.shape[0]), site.storage.empty
    sizes = Scaling(empty((batch,), np.int64), empty((batch, 2), np.uint8), empty((batch,)), empty((batch,)))
    rule, lines = _rule(abs(lr), granularity, parameters), x.shape[1] + d.shape[1]
    site.target.launch(SCALING, batch, 1, x, d, tuple(sizes), rule, each=lines + APART)
    return sizes


def _rule(size: float, granularity: float, parameters: UpdateParameters) -> tuple[Any, ...]:
    """What is the same for all vector pairs: see `_scaled`."""
    adaptive = parameters.update_bl_management
    balanced = adaptive or parameters.update_management
    most, factor = float(parameters.desired_bl), 0.0
    steps = size / granularity
    if not adaptive:
        most, factor = _fixed(steps, parameters)
    return size, granularity, float(parameters.um_grad_scale), most, factor, adaptive, balanced


def _fixed(steps: float, parameters: UpdateParameters) -> tuple[float, float]:
    """The slots of all trains, and the factor of both probabilities; `steps` is lr in granularities."""
    if parameters.fixed_bl or steps <= parameters.desired_bl:
        return float(parameters.desired_bl), math.sqrt(steps / parameters.desired_bl)
    length = float(np.ceil(steps * (1 - ROUNDING)))
    if length > MAX_BL:
        raise ConfigError(
            f"fixed_bl=False makes trains of lr / granularity = {length:.0f} slots; at most {MAX_BL} are possible: "
            "take a smaller learning rate, or fixed_bl=True"
        )
    return length, 1.0


def _scaled(x_max: Any, d_max: Any, rule: Any) -> tuple[int, Any, Any]:
    """Slots of a vector pair, and the factors of its probabilities, from its largest absolute values.

    The numbers of the `rule` are the size of the learning rate, that of a pulse, the share of the largest gradient that
    counts, the slots that there are at most, the factor unless lengths are `adaptive`, and whether the largest elements
    of both sides are to have equal probabilities.
    """
    size, granularity, share, most, factor, adaptive, balanced = rule
    x_most, d_most = np.float64(x_max), np.float64(d_max) * share
    # That the largest element needs.
    pulses = size * x_most * d_most / granularity
    if size * x_most * d_most == 0.0:
        return 0, np.float64(1), np.float64(1)
    length = most
    if adaptive:
        length = float(max(math.ceil(min(pulses * (1 - ROUNDING), most)), 1))
        factor = math.sqrt(size / granularity / length)
    balance = np.float64(1)
    if balanced:
        # What cannot be reached is clipped on the side of d.
        balance = np.float64(math.sqrt(d_most * min(1.0, length / pulses) / x_most))
    return int(length), np.float64(factor * balance), np.float64(factor / balance)


def _extremes(values: Any, row: int) -> tuple[np.uint32, np.int32]:
    """The bits of the negative value that is farthest from 0, or else of the largest one; and those of the largest.

    The latter is below 0 if all values are. Bits as whole numbers have a maximum that takes vector instructions.
    """
    unsigned, signed = np.uint32(0), np.int32(-1)
    for column in range(values.shape[1]):
        bits = bits_of_float32(values[row, column])
        unsigned = max(unsigned, np.uint32(bits))
        signed = max(signed, np.uint32(bits).view(np.int32))
    return unsigned, signed


def _largest(unsigned: np.uint32, signed: np.int32) -> np.float32:
    return float32_of_bits(max(np.uint32(unsigned & SIZE), np.uint32(max(signed, np.int32(0)))))


def _scale(row: int, first: int, last: int, x: Any, d: Any, sizes: Any, rule: Any) -> None:  # noqa: ARG001  # one column
    lengths, signs, x_factors, d_factors = sizes
    unsigned, signed = _extremes(x, row)
    x_max, d_max = _largest(unsigned, signed), _largest(*_extremes(d, row))
    signs[row, 0] = np.uint8(1) if signed > 0 else np.uint8(0)
    signs[row, 1] = np.uint8(1) if unsigned > SIGN else np.uint8(0)
    length, x_factor, d_factor = _scaled(x_max, d_max, rule)
    lengths[row] = length
    x_factors[row], d_factors[row] = np.float32(min(x_factor, LARGEST)), np.float32(min(d_factor, LARGEST))


SCALING = Kernel(_scale, per="row")
