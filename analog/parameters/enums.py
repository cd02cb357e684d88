"""Choices among ways of doing something, by the field's names."""

from __future__ import annotations

from enum import Enum

__all__ = ["AnalogMVType", "BoundManagementType", "NoiseManagementType", "PulseType", "WeightNoiseType"]


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

    @property
    def is_exact(self) -> bool:
        """Whether there are no pulses: the exact outer product is subtracted."""
        return self in (PulseType.NONE, PulseType.NONE_WITH_DEVICE)

    @property
    def is_implicit(self) -> bool:
        """Whether numbers of pulses follow from the vectors, without random trains."""
        return self in (PulseType.MEAN_COUNT, PulseType.DETERMINISTIC_IMPLICIT)


class AnalogMVType(Enum):
    """How a vector goes through the array."""

    IDEAL = "Ideal"
    """The exact product."""
    ONE_PASS = "OnePass"  # noqa: S105
    """Once, with both signs."""
    POS_NEG_SEPARATE = "PosNegSeparate"
    """Positive and negative inputs one after the other, summed in front of the converter."""
    POS_NEG_SEPARATE_DIGITAL_SUM = "PosNegSeparateDigitalSum"
    """Positive and negative inputs one after the other, each converted, summed as digits."""
    SPLIT_MODE = "SplitMode"
    """High and low bits of the inputs apart; only with `IOParametersIRDropT`."""
    BIT_WISE = "BitWise"
    """Every bit of the inputs apart; only with `IOParametersIRDropT`."""


class BoundManagementType(Enum):
    """What is done about outputs that exceed the converter's range."""

    NONE = "None"
    """They are clipped."""
    ITERATIVE = "Iterative"
    """The vector is repeated with half the input until none exceeds."""
    ITERATIVE_WORST_CASE = "IterativeWorstCase"
    """The same, but for the second try the input is scaled by the largest output that could be."""
    SHIFT = "Shift"
    """A name without an implementation anywhere: refused."""


class NoiseManagementType(Enum):
    """What an input vector is divided by before it is converted."""

    NONE = "None"
    """Nothing."""
    ABS_MAX = "AbsMax"
    """Its largest absolute element."""
    ABS_MAX_NP_SUM = "AbsMaxNPSum"
    """The larger of that and of an estimate of the largest output."""
    MAX = "Max"
    """Its largest element."""
    CONSTANT = "Constant"
    """`nm_thres`."""
    AVERAGE_ABS_MAX = "AverageAbsMax"
    """A running average of the largest absolute element."""


class WeightNoiseType(Enum):
    """How weights fluctuate from one product to the next."""

    NONE = "None"
    """They do not."""
    ADDITIVE_CONSTANT = "AdditiveConstant"
    """All by the same standard deviation."""
    PCM_READ = "PCMRead"
    """By one that grows with the square root of the weight, as phase-change memory's 1/f noise does."""
