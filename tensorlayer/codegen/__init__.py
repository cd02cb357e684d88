"""What every backend that generates kernels shares: typed statements, their text in a dialect, and loop nests."""

from tensorlayer.codegen.dialect import Dialect
from tensorlayer.codegen.nest import Nest, plan_nest
from tensorlayer.codegen.python import PYTHON
from tensorlayer.codegen.statements import Operand, Statement, typed_statements

__all__ = ["PYTHON", "Dialect", "Nest", "Operand", "Statement", "plan_nest", "typed_statements"]
