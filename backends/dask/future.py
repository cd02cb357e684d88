"""Future buffers of a cluster: work that was handed to its scheduler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, final

from backends.dask.allocator import ClusterAllocator
from backends.dask.buffer import DaskDistributedBuffer
from backends.dask.cluster import futures_of, promised
from tensorlayer.buffer import Allocator, Buffer, FutureBuffer, Source

if TYPE_CHECKING:
    from tensorlayer.graph import Input, OpGraph
    from tensorlayer.layout import PhysicalLayout

__all__ = ["ClusterFutureAllocator", "DaskFutureBuffer"]


@final
class DaskFutureBuffer(FutureBuffer):
    """Blocks on their way in worker processes.

    A graph of such buffers is handed to the scheduler at once: the workers wait for its operands, not this
    process, and independent work overlaps.

    Parameters
    ----------
    allocator : ClusterFutureAllocator
        What made it.
    future : concurrent.futures.Future
        Done when the blocks of `pending` and of the other results of its graph are.
    position : int
        Which of the results this is.
    pending : DaskDistributedBuffer
        The blocks.
    """

    allocator: ClusterFutureAllocator
    __slots__ = ("pending",)

    def __init__(self, allocator: Allocator, future: Any, position: int, pending: DaskDistributedBuffer) -> None:
        super().__init__(pending.layout, allocator, future, position)
        self.pending = pending

    def _compute(self, graph: OpGraph, operands: Mapping[Input, Buffer]) -> tuple[Buffer, ...]:
        there = {n: b.pending if isinstance(b, DaskFutureBuffer) else b for n, b in operands.items()}
        if any(isinstance(buffer, FutureBuffer) for buffer in there.values()):
            return super()._compute(graph, operands)
        return self.allocator.promise(self.pending._compute(graph, there))


@final
class ClusterFutureAllocator(Allocator):
    """Makes buffers on worker processes without waiting for them; see `Allocator`.

    Errors are raised where the elements are asked for; a cancelled buffer takes its blocks off the workers.
    """

    kind: ClassVar[str] = "future"
    __slots__ = ()

    def allocate(self, layout: PhysicalLayout) -> FutureBuffer:
        """A future buffer of zeros."""
        return self._single(self._stored.allocate(layout))

    def wrap(self, array: Any) -> FutureBuffer:
        """A future buffer around a dask array. Never copies: starts to compute it if nobody has."""
        return self._single(self._stored.wrap(array))

    def _construct(self, layout: PhysicalLayout, value: Source) -> FutureBuffer:
        return self._single(self._stored.construct(layout, value))

    def _convert(self, buffer: Buffer) -> FutureBuffer:
        return buffer if isinstance(buffer, DaskFutureBuffer) else self._single(self._stored.construct(buffer))

    @property
    def _stored(self) -> ClusterAllocator:
        return self.rebind("distributed")  # type: ignore[return-value]

    def _single(self, buffer: Buffer) -> DaskFutureBuffer:
        return self.promise([buffer])[0]

    def promise(self, buffers: Sequence[Any]) -> tuple[DaskFutureBuffer, ...]:
        """Future buffers for what was handed to the scheduler together."""
        futures = [future for buffer in buffers for future in futures_of(buffer.array) or ()]
        future = promised(futures, tuple(buffers))
        return tuple(DaskFutureBuffer(self, future, i, buffer) for i, buffer in enumerate(buffers))
