"""Everything a user configures, without what acts on it."""

from analog.parameters.base import Parameters
from analog.parameters.ranges import Count, Fraction, NonNegative, Positive, PositiveCount, Range
from analog.parameters.update import UpdateParameters

__all__ = [
    "Count",
    "Fraction",
    "NonNegative",
    "Parameters",
    "Positive",
    "PositiveCount",
    "Range",
    "UpdateParameters",
]
