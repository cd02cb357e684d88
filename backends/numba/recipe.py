"""What a kernel computes at every element."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tensorlayer.codegen import Operand, Statement
from tensorlayer.graph import DType

__all__ = ["Recipe", "is_near"]

#: Functions of real numbers that give no value where the argument is too large.
NEAR = frozenset({"cos", "sin", "tan"})


class Recipe(NamedTuple):
    """What a kernel computes at every element.

    Attributes
    ----------
    statements, result
        From `typed_statements`.
    dtypes : tuple of dtype
        Element types of the arguments.
    dtype : dtype
        Element type of the result.
    kind : str
        Name of the reduction; "" for none.
    """

    statements: tuple[Statement, ...]
    result: Operand
    dtypes: tuple[DType, ...]
    dtype: DType
    kind: str = ""

    @property
    def stored(self) -> DType:
        """Element type of what the kernel stores: as in NumPy, sums of half precision are rounded at the end."""
        wide = self.dtype == np.float16 and self.kind in ("sum", "prod")
        return np.dtype(np.float32) if wide else self.dtype

    @property
    def may_give_up(self) -> bool:
        """Whether there are arguments for which the kernel has no value: see `kernel_source` in `source`."""
        return any(map(is_near, self.statements))


def is_near(statement: Statement) -> bool:
    """Whether the compiled function of a statement is only for arguments that are not too large."""
    return statement.name in NEAR and statement.dtype.kind == "f"
