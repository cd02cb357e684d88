"""Operations of a backend that holds its operands in a form of its own."""

from __future__ import annotations

from typing import ClassVar

from tensorlayer.graph.node import Node

__all__ = ["Delegated"]


class Delegated(Node):
    """An operation that one backend runs for others.

    The first input is held by the backend called `agent` and stays where it is; the other inputs are arrays of
    whatever backend computes what is around the operation.

    Attributes
    ----------
    agent : str
        Name of the backend whose kernel runs it.
    keeps : bool
        Whether the result is held by the agent as well; else it is where the other inputs are.
    """

    __slots__ = ()

    agent: ClassVar[str]
    keeps: ClassVar[bool] = False
