"""Pieces over processes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from tensorlayer.buffer.buffer import Buffer
from tensorlayer.buffer.local import LocalBuffer
from tensorlayer.buffer.remote import RemoteBuffer
from tensorlayer.errors import LayoutError
from tensorlayer.shape import Index, Nested

__all__ = ["DistributedBuffer"]


class DistributedBuffer(Buffer):
    """Elements in blocks that processes hold; ``layout.tiling`` is nested, its outer shape is the grid of blocks."""

    kind: ClassVar[str] = "distributed"
    precedence: ClassVar[int] = 3
    __slots__ = ()

    @property
    def grid(self) -> Nested:
        """The blocks.

        Raises
        ------
        LayoutError
            If the layout has no tiling.
        """
        layout = self.layout
        if layout.tiling is None:
            raise LayoutError(
                f"a distributed buffer needs a layout with blocks, got {layout!r}: add tiling=Nested.from_tiling(...)"
            )
        return layout.tiling

    @property
    @abstractmethod
    def owners(self) -> Mapping[Index, tuple[str, ...]]:
        """For every block the addresses of the processes that hold it; empty where it is not computed yet."""

    @abstractmethod
    def local_buffer(self, block: Index | None = None) -> LocalBuffer:
        """The elements in this process: one block of the grid, or all of them.

        Might copy: what this process holds is not copied unless blocks must be joined, the rest is pulled.

        Parameters
        ----------
        block : tuple of int, optional
            Index in the grid; the whole tensor when left out.

        Raises
        ------
        ShapeError
            If there is no such block.
        WorkerLostError
            If a process died and the block cannot be made again.
        """

    @abstractmethod
    def slice(self, first: Sequence[int], last: Sequence[int]) -> RemoteBuffer:
        """The elements in a half-open box. Never copies and never communicates: nothing moves until it is pulled."""

    @abstractmethod
    def chip(self, at: Mapping[int, int]) -> RemoteBuffer:
        """The elements with some modes fixed. Never copies and never communicates."""
