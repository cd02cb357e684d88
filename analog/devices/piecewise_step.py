"""Steps by a table."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.devices.number import ONE, ZERO, Number
from analog.devices.written import WrittenDevice
from analog.errors import ConfigError

__all__ = ["PiecewiseStepDevice"]


def interpolated(table: Any, share: Number) -> Number:
    """The table at that share of its length, linear between nodes."""
    place = share * np.float32(len(table) - 1)
    node = min(int(place), max(len(table) - 2, 0))
    rest = place - np.float32(node)
    return table[node] * (ONE - rest) + table[min(node + 1, len(table) - 1)] * rest


class PiecewiseStepDevice(WrittenDevice):
    """The size of a pulse by tables over the range of the weight, linear between nodes.

    Up: ``w += dwmin_up * up(w)``, down: ``w -= dwmin_down * down(w)``, each times ``1 + dw_min_std * N``.

    Parameters
    ----------
    piecewise_up, piecewise_down : tuple of float, optional
        Factors at nodes that are equally spaced from the lowest to the highest weight of a device.

    Notes
    -----
    Other parameters are those of `WrittenDevice` and `PulsedDevice`.

    Examples
    --------
    >>> PiecewiseStepDevice(piecewise_up=[1.5, 1.0, 0.2]).granularity
    0.001
    """

    piecewise_up: tuple[float, ...] = (1.0,)
    piecewise_down: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        """Check the tables.

        Raises
        ------
        ConfigError
            If one is empty or has a negative factor.
        """
        for name in ("piecewise_up", "piecewise_down"):
            table = getattr(self, name)
            if not table or min(table) < 0:
                raise ConfigError(f"{name} is {table}: it takes one factor or more, none of them negative")

    @staticmethod
    def step(
        w: Number,
        direction: Number,
        max_bound: Number,
        min_bound: Number,
        dwmin_up: Number,
        dwmin_down: Number,
        piecewise_up: Any,
        piecewise_down: Any,
        dw_min_std: Number,
        normal: Number,
    ) -> Number:
        """One pulse."""
        span = max_bound - min_bound
        share = min(max((w - min_bound) / span, ZERO), ONE) if span > ZERO else ZERO
        if direction > 0:
            change = dwmin_up * interpolated(piecewise_up, share)
        else:
            change = -dwmin_down * interpolated(piecewise_down, share)
        return w + change * (ONE + dw_min_std * normal)

    @property
    def granularity(self) -> float:
        """The size of a pulse up in the middle of the table."""
        table = self.piecewise_up
        return self.dw_min * float(np.interp((len(table) - 1) / 2, range(len(table)), table))
