"""Numbers that lie in an interval, as annotations of fields: ``w_max: NonNegative = 0.6``."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

__all__ = ["Count", "Fraction", "NonNegative", "Positive", "PositiveCount", "Range"]


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers from `least` to `most`.

    Parameters
    ----------
    least, most : float, optional
        The ends; unbounded when left out.
    open : bool, optional
        Whether the ends themselves are left out.
    """

    least: float = -math.inf
    most: float = math.inf
    open: bool = False

    def __contains__(self, value: float) -> bool:
        return self.least < value < self.most if self.open else self.least <= value <= self.most

    def __str__(self) -> str:
        if math.isinf(self.most):
            return f"above {self.least:g}, and finite" if self.open else f"at least {self.least:g}"
        if math.isinf(self.least):
            return f"{'below' if self.open else 'at most'} {self.most:g}"
        return f"between {self.least:g} and {self.most:g}{', these left out' if self.open else ''}"


#: A number that is not negative: a spread, a noise, a time.
NonNegative = Annotated[float, Range(0)]
#: A number above zero.
Positive = Annotated[float, Range(0, open=True)]
#: A number between 0 and 1: a probability, a share.
Fraction = Annotated[float, Range(0, 1)]
#: A whole number that is not negative.
Count = Annotated[int, Range(0)]
#: A whole number above zero.
PositiveCount = Annotated[int, Range(1)]
