"""Decompositions: every matrix is in one block, stacks of matrices stay cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from backends.dask.block import block_input
from backends.dask.chunks import Chunks, Cut, block_shape, grid, unify
from backends.dask.layer import array_of_tasks, new_name, prepare, rechunked, tasks
from backends.dask.recipe import Call, Read, Recipe
from tensorlayer.graph import Linalg, Result

__all__ = ["Decomposition", "linalg_kernel", "result_kernel"]


class Decomposition(NamedTuple):
    """All results of a Linalg: a layer of tasks, each of which gives one tuple of blocks."""

    name: str
    layer: dict[Any, Any]
    operands: tuple[Any, ...]
    stack: tuple[Cut, ...]


def linalg_recipe(node: Linalg, operands: Sequence[Chunks]) -> Recipe:
    """The recipe of a Linalg; its blocks hold all results."""
    ranks = [2 if source.ndim > 1 else 1 for source in node.inputs]
    labels = [tuple(range(source.ndim - rank)) for source, rank in zip(node.inputs, ranks, strict=True)]
    stacks = [chunks[: len(one)] for chunks, one in zip(operands, labels, strict=True)]
    cuts = unify([(c, x, n.nbytes) for c, x, n in zip(stacks, labels, node.inputs, strict=True)])
    wanted = [
        (*(cuts[x] for x in one), *((n,) for n in source.shape[len(one) :]))
        for one, source in zip(labels, node.inputs, strict=True)
    ]
    stack = max((tuple(cuts[x] for x in one) for one in labels), key=len)
    calls = []
    for index in grid(stack):
        reads = [Read(i, (*index[: len(one)], *(0,) * ranks[i])) for i, one in enumerate(labels)]
        blocks = [
            block_input(i, block_shape(wanted[i], read.place), node.inputs[i].dtype) for i, read in enumerate(reads)
        ]
        calls.append(Call(index, node.with_inputs(blocks), tuple(reads)))
    return Recipe(tuple(wanted), stack, tuple(calls))


def linalg_kernel(inner: Callable[[], str], node: Linalg) -> Callable[..., Any]:
    """The kernel of a Linalg: one array, or a `Decomposition` if it has several results."""

    def kernel(*arrays: Any) -> Any:
        prepared = prepare(linalg_recipe(node, [array.chunks for array in arrays]), inner())
        wanted = prepared.recipe.operands
        operands = tuple(rechunked(array, chunks) for array, chunks in zip(arrays, wanted, strict=True))
        name = new_name(node.name)
        layer = tasks(name, prepared, operands)
        results = Decomposition(name, layer, operands, prepared.recipe.chunks)
        return results if len(node.signatures) > 1 else _array(results, node, 0)

    return kernel


def result_kernel(node: Result) -> Callable[..., Any]:
    """The kernel of a Result: picks one block out of every tuple."""
    source, index = node.inputs[0], node.index

    def kernel(results: Any) -> Any:
        return _array(results, source, index) if isinstance(results, Decomposition) else results

    return kernel


def _array(results: Decomposition, node: Any, index: int) -> Any:
    from dask._task_spec import Alias, Task, TaskRef
    from dask.highlevelgraph import HighLevelGraph

    shape, dtype = node.signatures[index]
    several = len(node.signatures) > 1
    name = new_name(node.name)
    chunks = (*results.stack, *((n,) for n in shape[len(results.stack) :]))
    pick = itemgetter(index)
    layer: dict[Any, Any] = {}
    for place in grid(results.stack):
        key: tuple[Any, ...] = (name, *place, *(0,) * (len(shape) - len(place)))
        whole: Any = (results.name, *place)
        layer[key] = Task(key, pick, TaskRef(whole)) if several else Alias(key, whole)
    graph = HighLevelGraph.from_collections(results.name, results.layer, dependencies=results.operands)
    return array_of_tasks(name, layer, [_Layer(graph, results.name)], chunks, dtype)


class _Layer(NamedTuple):
    """The tuples of blocks as a dask collection, so that several arrays can depend on one layer."""

    graph: Any
    name: str

    def __dask_graph__(self) -> Any:
        return self.graph

    def __dask_keys__(self) -> list[Any]:
        return list(self.graph.layers[self.name])

    def __dask_layers__(self) -> tuple[str]:
        return (self.name,)
