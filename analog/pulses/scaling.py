"""How long the pulse trains of a vector pair are, and what its values are multiplied with to be probabilities.

Gokmen and Vlasov, Front. Neurosci. 10, 333 (2016), with the adaptive bit length and the balance of probabilities of
Rasch, Gokmen, Haensch, IEEE Design & Test 37 (2020): see `docs/analog-update.md`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from analog.errors import ConfigError
from analog.parameters import UpdateParameters
from analog.parameters.update import MAX_BL

__all__ = ["Scaling", "scaling"]

Array = np.ndarray[Any, np.dtype[Any]]

#: A product of float32 numbers this close above a whole number is that number.
ROUNDING = 2.0**-20
#: The largest number of single precision; probabilities end at 1 long before.
LARGEST = float(np.finfo(np.float32).max)


class Scaling(NamedTuple):
    """One entry per vector pair.

    Attributes
    ----------
    lengths : array of int64
        Slots; 0 where nothing happens.
    x, d : array of float32
        Probabilities are ``min(1, x * abs(x value))`` and ``min(1, d * abs(d value))``.
    """

    lengths: Array
    x: Array
    d: Array


def scaling(x_max: Array, d_max: Array, lr: float, granularity: float, parameters: UpdateParameters) -> Scaling:
    """The scaling for the largest absolute values of each vector pair.

    Raises
    ------
    ConfigError
        If a train would be longer than `MAX_BL` slots.

    Examples
    --------
    >>> scaling(np.array([1.0]), np.array([0.4]), 0.01, 0.001, UpdateParameters()).lengths
    array([4])
    """
    x_max, d_max = x_max.astype(np.float64), d_max.astype(np.float64) * parameters.um_grad_scale
    size = abs(lr)
    silent = size * x_max * d_max == 0
    if silent.any():
        x_max, d_max = np.where(silent, 1.0, x_max), np.where(silent, 1.0, d_max)
    # That the largest element needs; any number where there are none.
    pulses = (size or 1.0) * x_max * d_max / granularity
    lengths, factor = _lengths(pulses, size / granularity, parameters)
    x, d = factor, factor
    if parameters.update_management or parameters.update_bl_management:
        # What cannot be reached is clipped on the side of d.
        d_max = d_max * np.minimum(1.0, lengths / pulses)
        balance = np.sqrt(d_max / x_max)
        x, d = factor * balance, factor / balance
    lengths[silent] = 0
    return Scaling(lengths.astype(np.int64), *(np.minimum(each, LARGEST).astype(np.float32) for each in (x, d)))


def _lengths(pulses: Array, steps: float, parameters: UpdateParameters) -> tuple[Array, Array]:
    """Slots, and the factor of both probabilities before they are balanced; `steps` is lr in granularities."""
    fixed = np.full_like(pulses, parameters.desired_bl)
    if parameters.update_bl_management:
        lengths = np.minimum(np.maximum(np.ceil(pulses * (1 - ROUNDING)), 1), fixed)
        return lengths, np.sqrt(steps / lengths)
    if parameters.fixed_bl or steps <= parameters.desired_bl:
        return fixed, np.sqrt(steps / fixed)
    length = np.ceil(steps * (1 - ROUNDING))
    if length > MAX_BL:
        raise ConfigError(
            f"fixed_bl=False makes trains of lr / granularity = {length:.0f} slots; at most {MAX_BL} are possible: "
            "take a smaller learning rate, or fixed_bl=True"
        )
    return np.full_like(pulses, length), np.ones_like(pulses)
