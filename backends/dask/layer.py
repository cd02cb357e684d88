"""From a recipe and operands to a dask array: one layer of tasks per node."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import uuid4

import numpy as np

from backends.dask.block import BlockFunction
from backends.dask.chunks import Chunks, Index, block_bytes
from backends.dask.recipe import PARTIAL, Recipe
from tensorlayer.graph import DType, Node

__all__ = ["Prepared", "array_of_tasks", "new_name", "prepare", "rechunked", "run_recipe"]


class Prepared(NamedTuple):
    """A recipe whose task functions are made: (index, function or None, reads, partial) per task."""

    recipe: Recipe
    calls: tuple[tuple[Index, BlockFunction | None, tuple[tuple[int, Index], ...], bool], ...]


def prepare(recipe: Recipe, inner: str) -> Prepared:
    """Make the task functions of `recipe`; tasks that compute the same share one."""
    functions: dict[Node | None, BlockFunction | None] = {None: None}
    for call in recipe.calls:
        if call.sink not in functions and call.sink is not None:
            functions[call.sink] = BlockFunction(inner, call.sink)
    calls = tuple((call.place, functions[call.sink], call.reads, call.partial) for call in recipe.calls)
    return Prepared(recipe, calls)


def run_recipe(prepared: Prepared, arrays: Sequence[Any], node: Node) -> Any:
    """The dask array that `prepared` makes of `arrays`; nothing is computed yet."""
    recipe = prepared.recipe
    operands = [rechunked(array, chunks) for array, chunks in zip(arrays, recipe.operands, strict=True)]
    name = new_name(node.operation.lower())
    return array_of_tasks(name, tasks(name, prepared, operands), operands, recipe.chunks, node.dtype)


def tasks(name: str, prepared: Prepared, operands: Sequence[Any]) -> dict[Any, Any]:
    """The tasks of a layer called `name`, by key."""
    from dask._task_spec import Alias, Task, TaskRef

    sources = {PARTIAL: f"{name}-partial", **{i: array.name for i, array in enumerate(operands)}}
    layer = {}
    for index, function, reads, partial in prepared.calls:
        key = (sources[PARTIAL] if partial else name, *index)
        keys = [(sources[operand], *place) for operand, place in reads]
        layer[key] = Alias(key, keys[0]) if function is None else Task(key, function, *map(TaskRef, keys))
    return layer


def array_of_tasks(name: str, layer: Mapping[Any, Any], operands: Sequence[Any], chunks: Chunks, dtype: DType) -> Any:
    """A dask array called `name` whose blocks are the tasks ``(name, i, j, ...)`` of `layer`."""
    import dask.array as da
    from dask.highlevelgraph import HighLevelGraph

    graph = HighLevelGraph.from_collections(name, layer, dependencies=operands)
    return da.Array(graph, name, chunks, meta=_meta(len(chunks), dtype))  # type: ignore[no-untyped-call]


@lru_cache(maxsize=256)
def _meta(ndim: int, dtype: DType) -> np.ndarray[Any, Any]:
    return np.empty((0,) * ndim, dtype)


def rechunked(array: Any, chunks: Chunks) -> Any:
    """The array cut as `chunks`: itself if it already is."""
    # "tasks", not "p2p": a worker lost while p2p shuffles makes the whole shuffle start again.
    return array if array.chunks == chunks else array.rechunk(chunks, method="tasks", balance=False)


def new_name(operation: str) -> str:
    """A name that no other array has, here or on a cluster."""
    return f"{operation}-{uuid4().hex}"


def recipe_kernel(
    rule: Callable[[Any, Sequence[Chunks]], Recipe], inner: Callable[[], str], node: Node
) -> Callable[..., Any]:
    """The kernel of a node: its recipe is made once per way the operands are cut."""
    made: dict[Any, Prepared] = {}

    def kernel(*arrays: Any) -> Any:
        chunks = tuple(array.chunks for array in arrays)
        key = (inner(), block_bytes(), chunks)
        prepared = made.get(key)
        if prepared is None:
            prepared = made[key] = prepare(rule(node, chunks), key[0])
        return run_recipe(prepared, arrays, node)

    return kernel
