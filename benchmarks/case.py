"""What is compared: one computation, and the ways to do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["OURS", "Call", "Case"]

Call = Callable[[], Any]

#: Name of the contender that is this package.
OURS = "tensorlayer"


@dataclass(frozen=True, slots=True)
class Case:
    """One computation.

    Attributes
    ----------
    name : str
        What is computed, with its sizes.
    build : callable
        Makes the data and gives contender -> call without arguments; `OURS` is one of them. All calls give
        the same values, except where `check` is False.
    limit : float
        What the time of `OURS` may be in units of the fastest peer; the goal, not an assertion.
    check : bool
        Whether the contenders give comparable arrays.
    """

    name: str
    build: Callable[[], dict[str, Call]]
    limit: float = 1.03
    check: bool = True
