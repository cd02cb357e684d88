"""Floating-point numbers in the place of devices."""

from __future__ import annotations

from analog.devices.exact import ExactDevice
from analog.parameters.drift import SimpleDriftParameter

__all__ = ["FloatingPointDevice"]


class FloatingPointDevice(ExactDevice):
    """Weights that are numbers: the digital reference.

    Parameters
    ----------
    diffusion, lifetime
        As of `ExactDevice`.
    drift : SimpleDriftParameter, optional
        Of `drift_weights`.
    """

    drift: SimpleDriftParameter = SimpleDriftParameter()
