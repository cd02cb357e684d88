"""Steps by a table."""

from __future__ import annotations

import numpy as np

from analog.devices.number import ONE, ZERO, Number
from analog.devices.written import WrittenDevice
from analog.errors import ConfigError

__all__ = ["PiecewiseStepDevice"]


def interpolated(table: Number, share: Number) -> Number:
    """The table, of two nodes or more, at that share of its length; linear between nodes."""
    place = share * np.float32(len(table) - 1)
    # Unsigned indices cannot be negative, which compilers would look after.
    node = np.uint32(min(np.uint32(place), np.uint32(len(table) - 2)))
    rest = place - np.float32(node)
    return table[node] + (table[node + np.uint32(1)] - table[node]) * rest


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
        super().__post_init__()

    @staticmethod
    def step(
        w: Number,
        direction: Number,
        max_bound: Number,
        min_bound: Number,
        dwmin_up: Number,
        dwmin_down: Number,
        table_up: Number,
        table_down: Number,
        dw_min_std: Number,
        normal: Number,
    ) -> Number:
        """One pulse."""
        span = max_bound - min_bound
        share = min(max((w - min_bound) / span, ZERO), ONE) if span > ZERO else ZERO
        factor_up, factor_down = interpolated(table_up, share), interpolated(table_down, share)
        change = dwmin_up * factor_up if direction > ZERO else -dwmin_down * factor_down
        return w + change * (ONE + dw_min_std * normal)

    @property
    def table_up(self) -> tuple[float, ...]:
        """Factors of pulses up, at two nodes or more."""
        return self.piecewise_up if len(self.piecewise_up) > 1 else 2 * self.piecewise_up

    @property
    def table_down(self) -> tuple[float, ...]:
        """Factors of pulses down, at two nodes or more."""
        return self.piecewise_down if len(self.piecewise_down) > 1 else 2 * self.piecewise_down

    @property
    def granularity(self) -> float:
        """The size of a pulse up in the middle of the table."""
        table = self.piecewise_up
        return self.dw_min * float(np.interp((len(table) - 1) / 2, range(len(table)), table))
