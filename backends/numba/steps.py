"""Functions that take many steps: their loops wait for the processor, others for memory."""

from __future__ import annotations

from tensorlayer.codegen import Loop

__all__ = ["takes_steps"]

IN_STEPS = frozenset("cos cosh exp expm1 log log10 log1p log2 pow sin sinh tan tanh".split())


def takes_steps(loop: Loop) -> bool:
    """Whether a loop does so much with an element that memory is no limit."""
    return any(statement.name in IN_STEPS for statement in loop.statements)
