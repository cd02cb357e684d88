"""Result: one of several results of an operation."""

from __future__ import annotations

from typing import final

from tensorlayer.errors import GraphError
from tensorlayer.graph.group import Group
from tensorlayer.graph.linalg import Linalg
from tensorlayer.graph.node import DType, Node, parameter

__all__ = ["Result"]


@final
class Result(Node):
    """One result of an operation with several: `index` into them."""

    __slots__ = ()
    parameter_names = ("index",)

    @classmethod
    def of(cls, source: Node, index: int) -> Result:
        """The `index`-th result of `source`."""
        return cls.make((source,), index)

    #: Which result.
    index = parameter[int](0)

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        source = self.inputs[0]
        if not isinstance(source, Linalg | Group) or not 0 <= self.index < len(source.signatures):
            raise GraphError(f"Result {self.index} of {source!r}")
        return source.signatures[self.index]
