"""Elements that are nowhere: a function of their indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tensorlayer.buffer.buffer import Buffer, slice_key
from tensorlayer.buffer.generator import Chip, Generator
from tensorlayer.buffer.operands import run_here
from tensorlayer.buffer.region import Region, part_of
from tensorlayer.graph import Generate, generate

if TYPE_CHECKING:
    from tensorlayer.buffer.allocator import Allocator
    from tensorlayer.buffer.local import LocalBuffer
    from tensorlayer.graph import Input, Node, OpGraph
    from tensorlayer.layout import PhysicalLayout

__all__ = ["OnDemandBuffer"]


class OnDemandBuffer(Buffer):
    """Elements that are made when they are needed and dropped afterwards.

    A slice is the same function over fewer indices: nothing else is computed. A graph that reads the buffer
    makes only the parts it slices out.

    Parameters
    ----------
    layout : PhysicalLayout
        What the elements look like; ``stored`` is False.
    allocator : Allocator
        What made it.
    generator : Generator
        The function; the parameter of `Generate` nodes.
    region : tuple of (int, int, int), optional
        Start, stop and step of every mode of the generator; all of the layout when left out.
    """

    kind: ClassVar[str] = "on_demand"
    precedence: ClassVar[int] = 1
    __slots__ = ("generator", "region")

    def __init__(
        self, layout: PhysicalLayout, allocator: Allocator, generator: Generator, region: Region | None = None
    ) -> None:
        super().__init__(layout, allocator)
        self.generator = generator
        self.region = tuple((0, extent, 1) for extent in layout.extents) if region is None else region

    @property
    def nbytes(self) -> int:
        """Bytes that the cache of this buffer holds, shared with its slices; 0 without a cache."""
        return self.generator.nbytes

    def slice(self, first: Sequence[int], last: Sequence[int]) -> OnDemandBuffer:
        """The elements in a half-open box, on demand too. Never copies: nothing is computed."""
        layout = self.layout.slice(first, last)
        region, _ = part_of(self.region, slice_key(first, last))
        return OnDemandBuffer(layout, self.allocator, self.generator, region)

    def chip(self, at: Mapping[int, int]) -> OnDemandBuffer:
        """The elements with some modes fixed, on demand too. Never copies: nothing is computed."""
        layout = self.layout.chip(at)
        fixed = tuple(range(*bounds)[at[m]] if m in at else None for m, bounds in enumerate(self.region))
        kept = tuple(bounds for m, bounds in enumerate(self.region) if m not in at)
        return OnDemandBuffer(layout, self.allocator, Chip(self.generator, fixed), kept)

    def as_node(self, node: Input | None = None) -> Node:
        """The buffer as a `Generate` node, into which slices can be pushed."""
        del node
        return Generate.of(self.generator, self.region, self.layout.dtype)

    def unwrap(self) -> Any:
        """All elements as the library's own object. Always computes, but for what the cache holds.

        Raises
        ------
        GeneratorError
            If the function raises, or gives another shape.
        """
        node = Generate.of(self.generator, self.region, self.layout.dtype)
        return self.backend.from_numpy(generate(node), self.allocator.device)

    def local_buffer(self) -> LocalBuffer:
        """All elements, stored. Always computes, as `unwrap`."""
        return self.allocator.rebind("local").construct(self)  # type: ignore[return-value]

    def _compute(self, graph: OpGraph, operands: Mapping[Input, Buffer]) -> tuple[Buffer, ...]:
        return run_here(self.allocator.rebind("local"), graph, operands)
