"""What every backend that generates kernels shares: typed statements, their text in a dialect, and loop nests."""

from tensorlayer.codegen.cpp import CPP
from tensorlayer.codegen.dialect import Dialect
from tensorlayer.codegen.loop import Loop, loop_of
from tensorlayer.codegen.nest import ALIASING, GATHERED, Nest, memory_order, merged_axes, plan_nest
from tensorlayer.codegen.product import product_map
from tensorlayer.codegen.python import PYTHON
from tensorlayer.codegen.statements import Operand, Statement, typed_statements

__all__ = [
    "ALIASING",
    "CPP",
    "GATHERED",
    "PYTHON",
    "Dialect",
    "Loop",
    "Nest",
    "Operand",
    "Statement",
    "loop_of",
    "memory_order",
    "merged_axes",
    "plan_nest",
    "product_map",
    "typed_statements",
]
