"""Elements in this process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tensorlayer.buffer.buffer import Buffer, chip_key, slice_key
from tensorlayer.buffer.operands import run_here
from tensorlayer.graph import Input, Slice, SliceKey
from tensorlayer.layout import PhysicalLayout

if TYPE_CHECKING:
    from tensorlayer.buffer.allocator import Allocator
    from tensorlayer.graph import OpGraph

__all__ = ["LocalBuffer"]


class LocalBuffer(Buffer):
    """Elements that this process reaches without communication, on one device.

    Parameters
    ----------
    layout : PhysicalLayout or None
        What is held; None reads it off the array when it is first asked for.
    allocator : Allocator
        What made it.
    array : object
        The library's object; the buffer keeps it as it is.
    """

    kind: ClassVar[str] = "local"
    __slots__ = ("_array",)

    def __init__(self, layout: PhysicalLayout | None, allocator: Allocator, array: Any) -> None:
        super().__init__(layout, allocator)
        self._array = array

    def unwrap(self) -> Any:
        """The library's object itself. Never copies."""
        return self._array

    def slice(self, first: Sequence[int], last: Sequence[int]) -> LocalBuffer:
        """The elements in a half-open box. Never copies where the library has views."""
        return self._part(self.layout.slice(first, last), slice_key(first, last))

    def chip(self, at: Mapping[int, int]) -> LocalBuffer:
        """The elements with some modes fixed. Never copies where the library has views."""
        return self._part(self.layout.chip(at), chip_key(self.layout.extents, at))

    def _compute(self, graph: OpGraph, operands: Mapping[Input, Buffer]) -> tuple[Buffer, ...]:
        return run_here(self.allocator, graph, operands)

    def _part(self, layout: PhysicalLayout, key: SliceKey) -> LocalBuffer:
        node = Slice.of(Input.of(0, self.layout.extents, self.layout.dtype), key)
        part = self.backend.kernel(node, self.allocator.device)(self.unwrap())
        return LocalBuffer(layout.replace(order=self.backend.order_of(part)), self.allocator, part)

    def _derive_layout(self) -> PhysicalLayout:
        backend, array = self.backend, self._array
        return PhysicalLayout(
            backend.shape_of(array),
            backend.dtype_of(array),
            order=backend.order_of(array),
            placement=backend.device_of(array),
        )
