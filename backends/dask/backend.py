"""The dask backend: chunked arrays whose blocks an inner backend computes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, cast, final

import numpy as np

from backends.dask.allocator import DistributedAllocator, RemoteAllocator, ReplicatedAllocator
from backends.dask.chunks import Chunks, default_chunks, grid
from backends.dask.execute import assembled, held, persisted, regions
from backends.dask.future import ClusterFutureAllocator
from backends.dask.layer import recipe_kernel
from backends.dask.leaves import delta_recipe, fill_recipe, generate_recipe
from backends.dask.linalg import linalg_kernel, result_kernel
from backends.dask.loop import loop_recipe
from backends.dask.movement import concatenate_recipe, slice_recipe, update_recipe
from backends.dask.recipe import Recipe
from backends.dask.reshape import reshape_recipe
from backends.dask.runtime import DaskRuntime, current_client
from tensorlayer.backend import Backend, Kernel, Rule
from tensorlayer.buffer import Allocator
from tensorlayer.errors import ShapeError
from tensorlayer.graph import (
    Concatenate,
    Delta,
    DType,
    Einsum,
    Fill,
    Fused,
    Generate,
    Input,
    Linalg,
    Map,
    Node,
    Reduce,
    Reshape,
    Result,
    Slice,
    Update,
)
from tensorlayer.runtime import Runtime
from tensorlayer.shape import Block

__all__ = ["DaskBackend", "backend"]


def _blocks(recipe: Callable[[Any, Sequence[Chunks]], Recipe]) -> Rule:
    return lambda backend, node: recipe_kernel(recipe, backend.inner_name, node)


def _leaf(recipe: Callable[[Any], Recipe]) -> Rule:
    return lambda backend, node: recipe_kernel(lambda leaf, _: recipe(leaf), backend.inner_name, node)


def _linalg(backend: DaskBackend, node: Node) -> Kernel:
    return linalg_kernel(backend.inner_name, cast(Linalg, node))


def _result(backend: DaskBackend, node: Node) -> Kernel:
    del backend
    return result_kernel(cast(Result, node))


@final
class DaskBackend(Backend):
    """Runs plans on dask arrays: on the threads of this process, or on the cluster whose client is active.

    Blocks are NumPy arrays between tasks. What happens inside a task is the work of the backend that dask's
    own setting ``tensorlayer.inner`` names, ``"numpy"`` by default:
    ``dask.config.set({"tensorlayer.inner": "torch"})``.
    """

    name: ClassVar[str] = "dask"
    library: ClassVar[str] = "dask"
    extra: ClassVar[str] = "dask"
    type_names: ClassVar[frozenset[str]] = frozenset({"Array"})
    is_lazy: ClassVar[bool] = True
    allocators: ClassVar[Mapping[str, type[Allocator]]] = {
        **Backend.allocators,
        "distributed": DistributedAllocator,
        "remote": RemoteAllocator,
        "replicated": ReplicatedAllocator,
    }
    vocabulary: ClassVar[Mapping[type[Node], Rule]] = {
        Concatenate: _blocks(concatenate_recipe),
        Delta: _leaf(delta_recipe),
        Einsum: _blocks(loop_recipe),
        Fill: _leaf(fill_recipe),
        Fused: _blocks(loop_recipe),
        Generate: _leaf(generate_recipe),
        Linalg: _linalg,
        Map: _blocks(loop_recipe),
        Reduce: _blocks(loop_recipe),
        Reshape: _blocks(reshape_recipe),
        Result: _result,
        Slice: _blocks(slice_recipe),
        Update: _blocks(update_recipe),
    }

    def kernel(self, node: Node, device: str = "cpu") -> Kernel:
        """Prepare the kernel of `node`.

        Raises
        ------
        BackendNotInstalledError
            If dask is missing.
        UnsupportedOperationError
            If the backend does not support the node.
        """
        self.load()
        return super().kernel(node, device)

    def inner_name(self) -> str:
        """Name of the backend that computes the blocks."""
        from dask import config

        name: str = config.get("tensorlayer.inner", "numpy")
        return name

    def shape_of(self, array: Any) -> tuple[int, ...]:
        """Extents of a dask array.

        Raises
        ------
        ShapeError
            If the array does not know them.
        """
        if any(math.isnan(n) for n in array.shape):
            raise ShapeError(f"a dask array of unknown shape {array.shape}: call its compute_chunk_sizes() first")
        return tuple(map(int, array.shape))

    def dtype_of(self, array: Any) -> DType:
        """Element type."""
        return array.dtype  # type: ignore[no-any-return]

    def from_numpy(
        self, array: np.ndarray[Any, Any], device: str = "cpu", *, copy: bool | None = None, chunks: Any = None
    ) -> Any:
        """A dask array of these elements; its blocks are views unless a copy is asked for.

        Parameters
        ----------
        array : numpy.ndarray
            The elements.
        device : str
            Only ``"cpu"``.
        copy : bool, optional
            Whether blocks are copies. Blocks of a cluster always are.
        chunks : int, tuple or str, optional
            As in `dask.array.from_array`; blocks of at most dask's ``array.chunk-size`` when left out.

        Raises
        ------
        BackendNotInstalledError
            If dask is missing.
        """
        self.require_device(device)
        self.load()
        cut = self.chunks_for(array.shape, array.dtype, chunks)
        whole = np.array(array) if copy else array
        blocks = {index: np.asarray(whole[region]) for index, region in zip(grid(cut), regions(cut), strict=True)}
        return held(blocks, cut, array.dtype)

    def chunks_for(self, shape: tuple[int, ...], dtype: DType, chunks: Any = None) -> Chunks:
        """How an array is cut: `chunks` as dask understands it, or blocks of at most dask's ``array.chunk-size``."""
        if chunks is None:
            return default_chunks(shape, dtype.itemsize)
        from dask.array.core import normalize_chunks

        try:
            cut: Chunks = normalize_chunks(chunks, shape, dtype=dtype)  # type: ignore[no-untyped-call]
        except (ValueError, TypeError, ZeroDivisionError) as error:
            raise ShapeError(f"chunks={chunks!r} does not cut shape {shape}: {error}") from None
        return cut

    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """The elements as one NumPy array, computed if they are not there yet."""
        return assembled(array)

    def finish(self, results: Sequence[Any]) -> Sequence[Any]:
        """Compute the results together; on a cluster, start to."""
        return persisted(results)

    def empty(self, shape: tuple[int, ...], dtype: DType, device: str = "cpu") -> Any:
        """A dask array of zeros: blocks that nobody has written would differ from process to process."""
        return self.full(shape, 0, dtype, device)

    def full(self, shape: tuple[int, ...], value: complex, dtype: DType, device: str = "cpu") -> Any:
        """A dask array with one value everywhere."""
        return self.kernel(Fill.of(shape, value, dtype), device)()

    def write(self, array: Any, place: Block, part: Any) -> Any:
        """Another dask array with `part` at `place`; dask arrays are immutable here."""
        key = tuple((s.start, s.stop, 1) for s in place)
        base, value = (Input.of(i, self.shape_of(a), a.dtype) for i, a in enumerate((array, part)))
        return self.kernel(Update.of(base, value, key))(array, part)

    @property
    def default_kind(self) -> str:  # type: ignore[override]
        """``"distributed"`` where work goes to worker processes, else ``"local"``."""
        return "local" if current_client() is None else "distributed"

    def allocator(
        self, kind: str | None = None, *, device: str | None = None, runtime: Runtime | None = None, **choices: Any
    ) -> Allocator:
        """What makes buffers of a kind, `default_kind` when left out; a scheduler that is there makes the futures."""
        if kind == "future" and isinstance(runtime or Runtime.current(), DaskRuntime):
            return ClusterFutureAllocator(self, device=device, runtime=runtime, **choices)
        return super().allocator(kind or self.default_kind, device=device, runtime=runtime, **choices)


#: The instance that the entry point names.
backend = DaskBackend()
