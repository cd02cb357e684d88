"""Buffers whose blocks are in the worker processes of a cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, final

from backends.dask.cluster import futures_of, gathered, keys_of
from backends.dask.execute import held
from backends.dask.replicate import require_equal_copies
from tensorlayer.buffer import Buffer, DistributedBuffer, LocalBuffer, RemoteBuffer, ReplicatedBuffer, run_here
from tensorlayer.buffer.buffer import chip_key, slice_key
from tensorlayer.errors import ShapeError
from tensorlayer.graph import Input, Slice, SliceKey
from tensorlayer.layout import PhysicalLayout
from tensorlayer.shape import Index, Nested

if TYPE_CHECKING:
    from backends.dask.allocator import ClusterAllocator
    from tensorlayer.graph import OpGraph

__all__ = ["DaskDistributedBuffer", "DaskRemoteBuffer", "DaskReplicatedBuffer", "WorkerBuffer"]


class WorkerBuffer(Buffer):
    """A dask array whose blocks are, or will be, in worker processes.

    Parameters
    ----------
    layout : PhysicalLayout or None
        What is held; None reads it off the array.
    allocator : ClusterAllocator
        What made it.
    array : dask.array.Array
        The blocks: tasks, or futures.
    """

    allocator: ClusterAllocator
    __slots__ = ("array",)

    def __init__(self, layout: PhysicalLayout | None, allocator: ClusterAllocator, array: Any) -> None:
        super().__init__(layout, allocator)
        self.array = array

    def _derive_layout(self) -> PhysicalLayout:
        array = self.array
        return PhysicalLayout(
            self.backend.shape_of(array),
            array.dtype,
            order=None,
            tiling=grid_of(array),
            placement=self.allocator.device,
        )

    def slice(self, first: Sequence[int], last: Sequence[int]) -> DaskRemoteBuffer:
        """The elements in a half-open box. Never copies and never communicates: nothing moves until it is pulled."""
        return self._part(self.layout.slice(first, last), slice_key(first, last))

    def chip(self, at: Mapping[int, int]) -> DaskRemoteBuffer:
        """The elements with some modes fixed. Never copies and never communicates."""
        return self._part(self.layout.chip(at), chip_key(self.layout.extents, at))

    def _pulled(self, block: Index | None = None) -> LocalBuffer:
        """The whole tensor, or one block, in this process."""
        array = self.array if block is None else self.array.blocks[block]
        with self.allocator.client.as_current():
            (array,) = self.backend.finish([array])
        blocks = dict(zip([key[1:] for key in keys_of(array)], gathered(futures_of(array) or ()), strict=True))
        local: LocalBuffer = self.allocator.rebind("local").wrap(held(blocks, array.chunks, array.dtype))  # type: ignore[assignment]
        return local

    def _part(self, layout: PhysicalLayout, key: SliceKey) -> DaskRemoteBuffer:
        node = Slice.of(Input.of(0, self.layout.extents, self.layout.dtype), key)
        part = self.backend.kernel(node)(self.array)
        remote: Any = self.allocator.rebind("remote")
        return DaskRemoteBuffer(layout.replace(tiling=grid_of(part)), remote, part)

    def _compute(self, graph: OpGraph, operands: Mapping[Input, Buffer]) -> tuple[Buffer, ...]:
        return compute_there(self.allocator, graph, operands)


def grid_of(array: Any) -> Nested:
    """The blocks of a dask array."""
    return Nested(tuple(tuple(map(int, cut)) for cut in array.chunks))


def compute_there(allocator: ClusterAllocator, graph: OpGraph, operands: Mapping[Input, Buffer]) -> tuple[Buffer, ...]:
    """Start a graph on the workers; what they hold stays there."""
    there = {
        node: DaskDistributedBuffer(buffer.layout, allocator, buffer.array)
        if isinstance(buffer, WorkerBuffer)
        else buffer
        for node, buffer in operands.items()
    }
    with allocator.client.as_current():
        return run_here(allocator, graph, there)


@final
class DaskDistributedBuffer(WorkerBuffer, DistributedBuffer):
    """Blocks over the worker processes of a cluster. The process of the client holds none of them.

    Results are on their way when `compute` returns; a block lost with its process is computed again.
    """

    __slots__ = ()

    def unwrap(self) -> Any:
        """The dask array, whose blocks are futures. Never copies."""
        return self.array

    @property
    def owners(self) -> Mapping[Index, tuple[str, ...]]:
        """For every block the addresses of the processes that hold it; empty where it is not computed yet."""
        futures = futures_of(self.array)
        if futures is None:
            return {key[1:]: () for key in keys_of(self.array)}
        holders = self.allocator.client.who_has(futures)
        return {key[1:]: tuple(holders.get(key, ())) for key in keys_of(self.array)}

    def local_buffer(self, block: Index | None = None) -> LocalBuffer:
        """One block of the grid, or all of them, pulled into this process. Always copies; blocks are not joined."""
        if block is not None and block not in self.grid.outer:
            raise ShapeError(f"block {block} of a grid of {self.grid.outer.extents} blocks")
        return self._pulled(block)


@final
class DaskRemoteBuffer(WorkerBuffer, RemoteBuffer):
    """Elements in other processes, or an expression of such elements that is computed when it is pulled."""

    __slots__ = ()

    def local_buffer(self) -> LocalBuffer:
        """Pull the elements into this process. Always copies."""
        return self._pulled()


@final
class DaskReplicatedBuffer(WorkerBuffer, ReplicatedBuffer):
    """Every block in every worker process. A process that joins later has no copy; `check` says so."""

    __slots__ = ()

    def unwrap(self) -> Any:
        """The dask array, whose blocks are futures. Never copies."""
        return self.array

    def local_buffer(self) -> LocalBuffer:
        """A copy in this process. Always copies: the process of the client has none."""
        return self._pulled()

    def check(self) -> None:
        """Compare all copies, bit for bit, by checksums. Never copies elements between processes."""
        require_equal_copies(self.allocator.client, keys_of(self.array))
