"""Making buffers on the worker processes of a cluster."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, final

import numpy as np

from backends.dask.buffer import DaskDistributedBuffer, DaskRemoteBuffer, DaskReplicatedBuffer, WorkerBuffer
from backends.dask.chunks import Chunks, default_chunks
from backends.dask.cluster import futures_of, sent
from backends.dask.layer import prepare, run_recipe
from backends.dask.leaves import fill_recipe, generate_recipe
from backends.dask.replicate import replicate
from backends.dask.runtime import DaskRuntime
from tensorlayer.backend import get_backend
from tensorlayer.buffer import Allocator, Buffer, FutureBuffer, Generator, Source
from tensorlayer.buffer.blocks import BlockGenerator
from tensorlayer.errors import AllocationError, DtypeError
from tensorlayer.graph import Fill, Generate
from tensorlayer.layout import PhysicalLayout

if TYPE_CHECKING:
    from tensorlayer.backend import Backend
    from tensorlayer.runtime import Runtime

__all__ = ["ClusterAllocator", "DistributedAllocator", "RemoteAllocator", "ReplicatedAllocator"]


class ClusterAllocator(Allocator):
    """Makes buffers of blocks that worker processes hold; see `Allocator`.

    Blocks are those of the layout's tiling, or as dask's setting ``array.chunk-size`` says.

    Raises
    ------
    AllocationError
        If the runtime has no worker processes.
    """

    __slots__ = ("client",)

    def __init__(self, backend: Backend, *, device: str | None = None, runtime: Runtime | None = None) -> None:
        super().__init__(backend, device=device, runtime=runtime)
        found = self.runtime
        if not isinstance(found, DaskRuntime):
            raise AllocationError(
                f"{self.kind} buffers need worker processes, and {found!r} has none: start some with "
                "Runtime.local(processes=2), or join a cluster with Runtime.connect(address)"
            )
        self.client = found.client

    @abstractmethod
    def wrap(self, array: Any) -> WorkerBuffer:
        """A buffer around a dask array."""

    def allocate(self, layout: PhysicalLayout) -> WorkerBuffer:
        """A buffer of zeros: blocks that nobody has written do not differ from process to process."""
        return self._construct(layout, 0)

    def _construct(self, layout: PhysicalLayout, value: Source) -> WorkerBuffer:
        chunks = chunks_of(layout)
        node: Any
        if isinstance(value, Generator) or callable(value):
            numpy = get_backend("numpy").allocator("local")
            generator = value if isinstance(value, Generator) else BlockGenerator(value, layout, numpy)
            node = Generate.of(generator, tuple((0, extent, 1) for extent in layout.extents), layout.dtype)
            recipe = generate_recipe(node, chunks)
        else:
            node = Fill.of(layout.extents, _cast(value, layout.dtype), layout.dtype)
            recipe = fill_recipe(node, chunks)
        return self._labelled(layout, self._started(run_recipe(prepare(recipe, "numpy"), (), node)))

    def _convert(self, buffer: Buffer) -> WorkerBuffer:
        if isinstance(buffer, FutureBuffer):
            return self._convert(buffer.result())
        if isinstance(buffer, WorkerBuffer):
            return self._labelled(buffer.layout, self._started(buffer.array))
        chunks = chunks_of(buffer.layout)
        native = buffer.unwrap()
        if buffer.backend is not self.backend:
            native = self.backend.from_numpy(buffer.backend.to_numpy(native), chunks=chunks)  # type: ignore[call-arg]
        return self._labelled(buffer.layout, self._started(native))

    def _started(self, array: Any) -> Any:
        with self.client.as_current():
            return array if futures_of(array) is not None else sent(self.client, [array])[0]

    def _labelled(self, layout: PhysicalLayout, array: Any) -> WorkerBuffer:
        """The buffer of an array, with the symmetry and sparsity that `layout` knows."""
        buffer = self.wrap(array)
        buffer._layout = buffer.layout.replace(logical=layout.logical)
        return buffer


def chunks_of(layout: PhysicalLayout) -> Chunks:
    """How the blocks of a layout cut it."""
    if layout.tiling is None:
        return default_chunks(layout.extents, layout.dtype.itemsize)
    return tuple(cut or (0,) for cut in layout.tiling.tilings)


def _cast(value: complex, dtype: np.dtype[Any]) -> Any:
    try:
        return np.asarray(value).astype(dtype, casting="same_kind").item()
    except TypeError:
        raise DtypeError(f"the value {value!r} is no {dtype}: give one that is, or a layout of another type") from None


@final
class DistributedAllocator(ClusterAllocator):
    """Makes distributed buffers; see `ClusterAllocator`."""

    kind: ClassVar[str] = "distributed"
    __slots__ = ()

    def wrap(self, array: Any) -> DaskDistributedBuffer:
        """A buffer around a dask array. Never copies: starts to compute it if nobody has."""
        return DaskDistributedBuffer(None, self, self._started(array))


@final
class RemoteAllocator(ClusterAllocator):
    """Makes remote buffers; see `ClusterAllocator`."""

    kind: ClassVar[str] = "remote"
    __slots__ = ()

    def wrap(self, array: Any) -> DaskRemoteBuffer:
        """A buffer around a dask array. Never copies; what nobody has started is computed when it is pulled."""
        return DaskRemoteBuffer(None, self, array)


@final
class ReplicatedAllocator(ClusterAllocator):
    """Makes replicated buffers; see `ClusterAllocator`."""

    kind: ClassVar[str] = "replicated"
    __slots__ = ()

    def wrap(self, array: Any) -> DaskReplicatedBuffer:
        """A buffer around a dask array. Always copies every block to every worker, and compares the copies."""
        there = self._started(array)
        replicate(self.client, there)
        return DaskReplicatedBuffer(None, self, there)
