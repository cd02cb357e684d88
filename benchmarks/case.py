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
    """One computation, and its goal: our time is at most ``limit`` times the reference, plus ``allowance``.

    Attributes
    ----------
    name : str
        What is computed, with its sizes.
    build : callable
        Makes the data and gives contender -> call without arguments; `OURS` is one of them.
    limit : float
        Factor of the goal.
    parts : tuple of str
        The contenders whose times together are the reference; the fastest peer when empty.
    allowance : float
        Seconds on top of it.
    check : bool
        Whether the contenders give arrays that must agree.
    rest : float
        Seconds before each contender, until what the one before does to the process is over.
    """

    name: str
    build: Callable[[], dict[str, Call]]
    limit: float = 1.03
    parts: tuple[str, ...] = ()
    allowance: float = 0.0
    check: bool = True
    rest: float = 0.03

    @property
    def goal(self) -> str:
        """The goal in words."""
        reference = " + ".join(self.parts) or "the fastest"
        terms = [f"{self.limit:g} x {reference}"] if self.limit else []
        if self.allowance:
            terms.append(f"{self.allowance * 1e6:g} µs" if self.allowance < 1e-3 else f"{self.allowance * 1e3:g} ms")
        return " + ".join(terms)
