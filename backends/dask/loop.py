"""Recipes of the operations that are loops over labels: Einsum, Map, Fused, Reduce.

A label has one cut in all operands. Every combination of pieces is one small loop of the same kind; pieces of
labels that the result lacks give partial results, which are folded.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

from backends.dask.block import block_input
from backends.dask.chunks import Chunks, Cut, Index, default_chunks, unify
from backends.dask.recipe import PARTIAL, Call, Read, Recipe
from tensorlayer.graph import Fused, Map, Node, Reduce
from tensorlayer.scalar import argument, call

__all__ = ["fold", "loop_recipe"]

#: How two partial results become one.
FOLDS = {
    "sum": "add",
    "prod": "multiply",
    "max": "maximum",
    "min": "minimum",
    "any": "logical_or",
    "all": "logical_and",
}
#: Partial results that one task folds: few, because all their operands are in a worker's memory at once.
FAN_IN = 4
#: From this many blocks of the result on, a task computes and folds several partial results by itself.
ENOUGH_BLOCKS = 4


def loop_recipe(node: Node, operands: Sequence[Chunks]) -> Recipe:
    """The recipe of an Einsum, Map, Fused or Reduce."""
    labels, output = node.edge_labels()
    cuts = unify([(c, x, n.nbytes) for c, x, n in zip(operands, labels, node.inputs, strict=True)])
    cuts = _with_broadcast(node, cuts)
    groups = _groups(cuts, output)
    calls: list[Call] = []
    for index in itertools.product(*(range(len(cuts[x])) for x in output)):
        place = dict(zip(output, index, strict=True))
        parts = [_group_call(node, labels, cuts, [place | inner for inner in group]) for group in groups]
        calls += fold_tree(_kind(node), parts, index)
    cut_operands = tuple(tuple(cuts[x] for x in one) for one in labels)
    return Recipe(cut_operands, tuple(cuts[x] for x in output), tuple(calls))


def _with_broadcast(node: Node, cuts: dict[int, Cut]) -> dict[int, Cut]:
    """Add the labels that no operand has: modes along which a map repeats, or a loop without operands."""
    extents = loop_extents(node)
    missing = [x for x in extents if x not in cuts]
    chosen = default_chunks([extents[x] for x in missing], node.dtype.itemsize)
    return cuts | dict(zip(missing, chosen, strict=True))


def loop_extents(node: Node) -> dict[int, int]:
    """Extent of every label of a loop."""
    if isinstance(node, Fused):
        return dict(enumerate(node.extents))
    if isinstance(node, Map):
        return dict(enumerate(node.shape))
    labels, _ = node.edge_labels()
    return {
        x: n for one, source in zip(labels, node.inputs, strict=True) for x, n in zip(one, source.shape, strict=True)
    }


def _groups(cuts: Mapping[int, Cut], output: Sequence[int]) -> list[list[dict[int, int]]]:
    """Combinations of pieces of the summed labels, grouped by the task that folds them.

    Depends on the chunks alone, not on the machine, so that sums are the same everywhere.
    """
    summed = sorted(set(cuts) - set(output))
    pieces = itertools.product(*(range(len(cuts[x])) for x in summed))
    inner = [dict(zip(summed, one, strict=True)) for one in pieces]
    blocks = math.prod(len(cuts[x]) for x in output)
    size = FAN_IN if blocks >= ENOUGH_BLOCKS else 1
    return [inner[i : i + size] for i in range(0, len(inner), size)]


def _group_call(
    node: Node, labels: Sequence[Sequence[int]], cuts: Mapping[int, Cut], group: Sequence[Mapping[int, int]]
) -> Call:
    reads: dict[Read, Node] = {}
    sinks = []
    for place in group:
        blocks = []
        for operand, one in enumerate(labels):
            read = Read(operand, tuple(place[x] for x in one))
            if read not in reads:
                shape = tuple(cuts[x][place[x]] for x in one)
                reads[read] = block_input(len(reads), shape, node.inputs[operand].dtype)
            blocks.append(reads[read])
        sinks.append(loop_block(node, blocks, {x: cuts[x][i] for x, i in place.items()}))
    return Call((), fold(_kind(node), sinks), tuple(reads))


def loop_block(node: Node, blocks: Iterable[Node], extents: Mapping[int, int]) -> Node:
    """The same loop over one piece of every label."""
    if isinstance(node, Map | Fused):
        axes, shape, *rest = node.parameters
        return type(node).make(blocks, axes, tuple(extents[a] for a in range(len(shape))), *rest)
    return node.with_inputs(blocks)


def _kind(node: Node) -> str:
    return node.kind if isinstance(node, Reduce | Fused) else "sum"


def fold(kind: str, parts: Sequence[Node]) -> Node:
    """Fold nodes of one shape, first to last."""
    result = parts[0]
    identity = tuple(range(result.ndim))
    for part in parts[1:]:
        body = call(FOLDS[kind], argument(0), argument(1))
        result = Map.of((result, part), (identity, identity), result.shape, body)
    return result


def fold_tree(kind: str, parts: Sequence[Call], index: Index) -> list[Call]:
    """All tasks of the block at `index`: those that compute `parts`, and those that fold them `FAN_IN` at a time."""
    numbers = itertools.count()
    level = [part._replace(place=(next(numbers), *index), partial=True) for part in parts]
    calls = list(level)
    while len(level) > 1:
        groups = [level[i : i + FAN_IN] for i in range(0, len(level), FAN_IN)]
        level = [group[0] if len(group) == 1 else _fold_call(kind, group, (next(numbers), *index)) for group in groups]
        calls += [call_ for call_, group in zip(level, groups, strict=True) if len(group) > 1]
    calls[-1] = calls[-1]._replace(place=index, partial=False)
    return calls


def _fold_call(kind: str, group: Sequence[Call], index: Index) -> Call:
    blocks = [block_input(i, part.sink.shape, part.sink.dtype) for i, part in enumerate(group) if part.sink]
    reads = tuple(Read(PARTIAL, part.place) for part in group)
    return Call(index, fold(kind, blocks), reads, partial=True)
