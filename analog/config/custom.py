"""The configuration of a tile that users write themselves."""

from __future__ import annotations

from analog.config.rpu_config import RPUConfig
from analog.parameters import CustomUpdateParameters, IOParameters

__all__ = ["CustomRPUConfig"]


class CustomRPUConfig(RPUConfig):
    """Noisy products, and a digital update with noise.

    Parameters
    ----------
    forward, backward : IOParameters, optional
        How vectors go through the array.
    update : CustomUpdateParameters, optional
        The update.
    """

    forward: IOParameters = IOParameters()
    backward: IOParameters = IOParameters()
    update: CustomUpdateParameters = CustomUpdateParameters()
