"""The update of a tile that is not pulsed."""

from __future__ import annotations

from analog.parameters.base import Parameters
from analog.parameters.ranges import NonNegative

__all__ = ["CustomUpdateParameters"]


class CustomUpdateParameters(Parameters):
    """A digital update with noise.

    Parameters
    ----------
    gradient_noise : float, optional
        Standard deviation of the noise that is added to every element of the gradient.
    """

    gradient_noise: NonNegative = 0.0
