"""Choices among ways of doing something, by the field's names."""

from __future__ import annotations

from enum import Enum

__all__ = ["PulseType"]


class PulseType(Enum):
    """How a pulsed update turns two vectors into pulses."""

    NONE = "None"
    """No pulses and no devices: the exact outer product is subtracted."""
    STOCHASTIC_COMPRESSED = "StochasticCompressed"
    """Random trains; positive and negative inputs share their slots."""
    STOCHASTIC = "Stochastic"
    """Random trains; positive inputs first, negative ones in a second pass."""
    NONE_WITH_DEVICE = "NoneWithDevice"
    """No pulses: the exact outer product is subtracted, then the devices' bounds hold."""
    MEAN_COUNT = "MeanCount"
    """As many pulses as rounded numbers of slots of the two lines give on average; no random trains."""
    DETERMINISTIC_IMPLICIT = "DeterministicImplicit"
    """As many pulses as the product of the two probabilities gives, rounded; no random trains."""
