"""An ideal device inside an analog tile."""

from __future__ import annotations

from analog.devices.exact import ExactDevice
from analog.devices.pulsed import Seed
from analog.parameters import NonNegative

__all__ = ["IdealDevice"]


class IdealDevice(ExactDevice):
    """A device that takes any change exactly; the tile around it may still read it with noise.

    Parameters
    ----------
    diffusion, lifetime
        As of `ExactDevice`.
    construction_seed : int, optional
        Without effect: nothing differs between crosspoints.
    reset_std : float, optional
        Standard deviation of a weight after its reset, in weight units.
    """

    construction_seed: Seed = 0
    reset_std: NonNegative = 0.01
