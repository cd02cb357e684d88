"""Functions that kernels know near zero only: for arguments that are too large NumPy is asked."""

from __future__ import annotations

from tensorlayer.codegen import Loop, Statement

__all__ = ["is_near", "may_give_up"]

#: Functions of real numbers that give no value where the argument is too large.
NEAR = frozenset({"cos", "sin", "tan"})


def is_near(statement: Statement) -> bool:
    """Whether the compiled function of a statement is only for arguments that are not too large."""
    return statement.name in NEAR and statement.dtype.kind == "f"


def may_give_up(loop: Loop) -> bool:
    """Whether there are arguments for which the kernel of a loop has no value: see `kernel_source` in `source`."""
    return any(map(is_near, loop.statements))
