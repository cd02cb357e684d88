"""Running what has been recorded: in this process, or on the cluster whose client is active."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np

from backends.dask.chunks import grid, offsets
from backends.dask.layer import array_of_tasks, new_name

__all__ = ["active_client", "assembled", "held", "keys_of", "persisted"]

Index = tuple[int, ...]


def active_client() -> Any | None:
    """The `dask.distributed` client that is active here, or None. Never imports `distributed`."""
    if "distributed" not in sys.modules:
        return None
    from dask import config
    from distributed import get_client

    if config.get("scheduler", None) not in (None, "distributed", "dask.distributed"):
        return None
    try:
        return get_client()
    except ValueError:
        return None


def held(blocks: Mapping[Index, Any], chunks: Any, dtype: Any) -> Any:
    """A dask array of blocks that are there already."""
    from dask._task_spec import DataNode

    name = new_name("held")
    layer = {(name, *index): DataNode((name, *index), block) for index, block in blocks.items()}
    return array_of_tasks(name, layer, (), chunks, dtype)


def keys_of(array: Any) -> list[Any]:
    """Keys of all blocks, in row-major order."""
    return [(array.name, *index) for index in grid(array.chunks)]


def persisted(arrays: Sequence[Any]) -> list[Any]:
    """Compute arrays together, so that what they share is computed once.

    In this process the blocks are there when this returns; on a cluster they are on their way.
    """
    client = active_client()
    if client is not None:
        return list(client.persist(list(arrays), optimize_graph=False))
    if all(_is_held(array) for array in arrays):
        return list(arrays)
    tasks = merged_tasks(arrays)
    keys = [key for array in arrays for key in keys_of(array)]
    get, pool = _scheduler(tasks)
    with pool:
        blocks = dict(zip(keys, get(tasks, keys), strict=True))
    return [held({key[1:]: blocks[key] for key in keys_of(array)}, array.chunks, array.dtype) for array in arrays]


def merged_tasks(arrays: Sequence[Any]) -> dict[Any, Any]:
    """One graph of all tasks that `arrays` need."""
    layers = {name: layer for array in arrays for name, layer in array.dask.layers.items()}
    if all(type(layer).__name__ == "MaterializedLayer" for layer in layers.values()):
        return {key: task for layer in layers.values() for key, task in layer.mapping.items()}
    import dask.array as da
    from dask.highlevelgraph import HighLevelGraph

    graph = HighLevelGraph.merge(*(array.dask for array in arrays))
    return dict(da.optimize(graph, [key for array in arrays for key in keys_of(array)]))  # type: ignore[no-untyped-call]


def _scheduler(tasks: Mapping[Any, Any]) -> tuple[Callable[..., Any], AbstractContextManager[Any]]:
    """How to run `tasks`: by dask's threads with BLAS kept to one each, or here if there is nothing to overlap."""
    from dask import config, local, threaded
    from dask.base import get_scheduler

    if config.get("scheduler", None):
        return get_scheduler(), nullcontext()  # type: ignore[no-untyped-call]
    if sum(1 for task in tasks.values() if task.dependencies) < 2:
        return local.get_sync, nullcontext()
    return threaded.get, one_blas_thread()


def one_blas_thread() -> AbstractContextManager[Any]:
    """While several tasks run at once, each keeps its BLAS calls to one thread: otherwise the threads fight."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        return nullcontext()
    limits: AbstractContextManager[Any] = threadpool_limits(1, user_api="blas")
    return limits


def _is_held(array: Any) -> bool:
    from dask._task_spec import DataNode

    layer = array.dask.layers.get(array.name)
    return layer is not None and all(
        isinstance(task, DataNode) for task in getattr(layer, "mapping", {None: None}).values()
    )


def assembled(array: Any) -> np.ndarray[Any, Any]:
    """All blocks as one NumPy array, computed if they are not there yet; a single block is not copied."""
    blocks = _blocks(array)
    if len(blocks) == 1:
        return np.asarray(blocks[0])
    whole = np.empty(tuple(map(int, array.shape)), array.dtype)
    for region, block in zip(regions(array.chunks), blocks, strict=True):
        whole[region] = block
    return whole


def _blocks(array: Any) -> list[Any]:
    client = active_client()
    if client is not None:
        return list(client.get(array.dask, keys_of(array)))
    (array,) = persisted([array])
    tasks = array.dask.layers[array.name]
    return [tasks[key].value for key in keys_of(array)]


def regions(chunks: Any) -> Iterator[tuple[slice, ...]]:
    """The slices of all blocks, in row-major order."""
    starts = [offsets(cut) for cut in chunks]
    for index in grid(chunks):
        yield tuple(slice(starts[a][i], starts[a][i] + chunks[a][i]) for a, i in enumerate(index))
