"""Steps of the same size everywhere."""

from __future__ import annotations

from typing import ClassVar

from analog.devices.number import ONE, Number
from analog.devices.pulsed import PulsedDevice

__all__ = ["ConstantStepDevice"]


class ConstantStepDevice(PulsedDevice):
    """A pulse has the same size at every weight, up to the bounds.

    ``w += dwmin_up * (1 + dw_min_std * N)``, ``w -= dwmin_down * (1 + dw_min_std * N)``.

    Parameters are those of `PulsedDevice`.

    Notes
    -----
    Gokmen and Vlasov, Front. Neurosci. 10, 333 (2016).

    Examples
    --------
    >>> ConstantStepDevice(dw_min=0.002).num_states
    600.0
    """

    additive: ClassVar[bool] = True

    @staticmethod
    def step(
        w: Number, direction: Number, dwmin_up: Number, dwmin_down: Number, dw_min_std: Number, normal: Number
    ) -> Number:
        """One pulse."""
        size = dwmin_up if direction > 0 else dwmin_down
        return w + direction * size * (ONE + dw_min_std * normal)
