"""Running what has been recorded: in this process, or on the cluster whose client is active."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from backends.dask.chunks import grid, offsets
from backends.dask.cluster import address_of, futures_of, gathered, keys_of, owners_of, sent
from backends.dask.layer import array_of_tasks, new_name
from backends.dask.runtime import current_client
from tensorlayer.errors import WorkerLostError

__all__ = ["assembled", "held", "persisted", "regions"]

Index = tuple[int, ...]


def held(blocks: Mapping[Index, Any], chunks: Any, dtype: Any) -> Any:
    """A dask array of blocks that are there already."""
    from dask._task_spec import DataNode

    name = new_name("held")
    layer = {(name, *index): DataNode((name, *index), block) for index, block in blocks.items()}
    return array_of_tasks(name, layer, (), chunks, dtype)


def persisted(arrays: Sequence[Any]) -> list[Any]:
    """Compute arrays together, so that what they share is computed once.

    In this process the blocks are there when this returns; on a cluster they are on their way.
    """
    wanted = {id(array): array for array in arrays if not _is_there(array)}
    if not wanted:
        return list(arrays)
    client = current_client()
    _require_reachable(wanted.values(), client)
    made = _computed(list(wanted.values())) if client is None else sent(client, list(wanted.values()))
    done = dict(zip(wanted, made, strict=True))
    return [done.get(id(array), array) for array in arrays]


def _require_reachable(arrays: Iterable[Any], client: Any | None) -> None:
    """Refuse blocks that only another cluster, or one that is gone, could hand out."""
    for owner in {owner for array in arrays for owner in owners_of(array)}:
        reaches = client is not None and owner.status == "running" and address_of(owner) == address_of(client)
        if owner is not client and not reaches:
            raise WorkerLostError(
                f"operands are held by the cluster at {address_of(owner)}, which is not the one that computes: bring "
                "them here by .numpy() while it runs, or compute inside its scope"
            )


def _is_there(array: Any) -> bool:
    return _held_blocks(array) is not None or futures_of(array) is not None


def _computed(arrays: Sequence[Any]) -> list[Any]:
    """Compute arrays together in this process."""
    tasks = merged_tasks(arrays)
    keys = [key for array in arrays for key in keys_of(array)]
    blocks = dict(zip(keys, _scheduler(tasks)(tasks, keys), strict=True))
    return [held({key[1:]: blocks[key] for key in keys_of(array)}, array.chunks, array.dtype) for array in arrays]


def merged_tasks(arrays: Sequence[Any]) -> dict[Any, Any]:
    """One graph of all tasks that `arrays` need."""
    from dask._task_spec import convert_legacy_graph

    layers = {name: layer for array in arrays for name, layer in array.dask.layers.items()}
    if not all(type(layer).__name__ == "MaterializedLayer" for layer in layers.values()):
        return _optimised(arrays)
    tasks = {key: task for layer in layers.values() for key, task in layer.mapping.items()}
    return convert_legacy_graph(tasks)  # type: ignore[no-any-return]


def _optimised(arrays: Sequence[Any]) -> dict[Any, Any]:
    """The graph of arrays that other code made: dask's own optimisation fuses and culls it."""
    import dask.array as da
    from dask.highlevelgraph import HighLevelGraph

    graph = HighLevelGraph.merge(*(array.dask for array in arrays))
    keys = [key for array in arrays for key in keys_of(array)]
    return dict(da.optimize(graph, keys))  # type: ignore[no-untyped-call]


def _scheduler(tasks: Mapping[Any, Any]) -> Callable[..., Any]:
    """What runs `tasks`: the threads of this process, or this thread alone if no array has two blocks."""
    from dask import config, local, threaded
    from dask.base import get_scheduler

    # An open client sets itself; who gets here has chosen this process.
    if config.get("scheduler", None) not in (None, "distributed", "dask.distributed"):
        return get_scheduler()  # type: ignore[no-untyped-call,no-any-return]
    names = [key[0] for key, task in tasks.items() if task.dependencies and isinstance(key, tuple)]
    return local.get_sync if len(names) == len(set(names)) else threaded.get


def _held_blocks(array: Any) -> list[Any] | None:
    """The blocks of an array, in row-major order; None if they are not in this process."""
    from dask._task_spec import DataNode

    layer = getattr(array.dask.layers.get(array.name), "mapping", {})
    nodes: list[Any] = [layer.get(key) for key in keys_of(array)]
    return [node.value for node in nodes] if all(isinstance(node, DataNode) for node in nodes) else None


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
    (array,) = persisted([array])
    futures = futures_of(array)
    return _held_blocks(array) or [] if futures is None else gathered(futures)


def regions(chunks: Any) -> Iterator[tuple[slice, ...]]:
    """The slices of all blocks, in row-major order."""
    starts = [offsets(cut) for cut in chunks]
    for index in grid(chunks):
        yield tuple(slice(starts[a][i], starts[a][i] + chunks[a][i]) for a, i in enumerate(index))
