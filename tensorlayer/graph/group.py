"""Group: loops that read the same data, done together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import final

from tensorlayer.errors import GraphError
from tensorlayer.graph.leaves import Input
from tensorlayer.graph.node import DType, Node, parameter, postorder

__all__ = ["Group"]


@final
class Group(Node):
    """Loops over the rows of the same data, to be done block by block while these are in the cache.

    Parameters are `sinks` (what is computed: nodes over inputs whose keys are the positions of the group's own
    inputs) and `rows` (for every operation of the sinks, in order of execution, the axis of its loop that runs along
    the rows). With several sinks, read them with `Result`.
    """

    __slots__ = ()
    parameter_names = ("sinks", "rows")

    @classmethod
    def of(cls, inputs: Iterable[Node], sinks: Iterable[Node], rows: Iterable[int]) -> Group:
        """`sinks` of `inputs`."""
        return cls.make(inputs, tuple(sinks), tuple(rows))

    #: What is computed.
    sinks = parameter[tuple[Node, ...]](0)
    #: The axis along the rows of every operation.
    rows = parameter[tuple[int, ...]](1)

    @property
    def members(self) -> tuple[Node, ...]:
        """The operations, in order of execution."""
        return tuple(node for node in postorder(self.sinks) if not isinstance(node, Input))

    @property
    def signatures(self) -> tuple[tuple[tuple[int, ...], DType], ...]:
        """Shape and element type of every sink."""
        return tuple((sink.shape, sink.dtype) for sink in self.sinks)

    def flops(self) -> int:
        """Those of all operations."""
        return sum(node.flops() for node in self.members)

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        if not self.sinks or len(self.rows) != len(self.members):
            raise GraphError(f"Group: {len(self.rows)} axes along rows for {len(self.members)} operations")
        for node in postorder(self.sinks):
            if isinstance(node, Input) and (node.shape, node.dtype) != (
                self.inputs[node.key].shape,
                self.inputs[node.key].dtype,
            ):
                raise GraphError(f"Group: {node!r} stands for {self.inputs[node.key]!r}")
        return self.signatures[0]
