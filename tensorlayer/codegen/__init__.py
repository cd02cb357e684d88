"""What every backend that generates kernels shares: typed statements, their text in a dialect, and loop nests."""

from tensorlayer.codegen.dialect import Dialect
from tensorlayer.codegen.nest import Nest, memory_order, merged_axes, plan_nest
from tensorlayer.codegen.python import PYTHON
from tensorlayer.codegen.statements import Operand, Statement, typed_statements

__all__ = [
    "PYTHON",
    "Dialect",
    "Nest",
    "Operand",
    "Statement",
    "memory_order",
    "merged_axes",
    "plan_nest",
    "typed_statements",
]
