"""How the threads of a graphics processor visit a loop: merged axes, vectors, tiles, and who folds what."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from tensorlayer.codegen import Loop, memory_order, merged_axes

__all__ = ["VECTOR", "BlockShape", "Traversal", "plan_traversal"]

#: Bytes of shared memory that a block may have.
SHARED = 48 << 10
#: Extent of the innermost axis from which threads lie along it although it is kept, in a fold.
SIDE_BY_SIDE = 8
#: Bytes that one thread reads at once, if it can.
VECTOR = 16
#: Blocks that keep the largest cards busy, and the fewest elements (or vectors) that a thread folds to have as many.
BUSY, FEWEST = 1024, 4
#: Elements and steps beyond which indices take 64 bits: below, adding the threads of a grid overflows nothing.
NARROW = 2**31 - 2**24

Strides = tuple[tuple[int, ...], ...]


class BlockShape(NamedTuple):
    """What a block of threads does.

    Attributes
    ----------
    threads : int
        Threads of a block, a power of two.
    tile : int
        Extent of a square tile that is transposed in shared memory, a power of two.
    folded : int
        Elements (or vectors) that one thread folds at most; what blocks give is folded again.
    """

    threads: int = 256
    tile: int = 32
    folded: int = 32


class Traversal(NamedTuple):
    """What a kernel's text depends on, and the numbers it is called with.

    Attributes
    ----------
    groups : tuple of tuple of int
        The axes of the loop that each merged axis stands for: the kept ones, then the folded ones, in each the
        outermost in memory first.
    extents : tuple of int
        Extents of the merged axes.
    strides : tuple of tuple of int
        Steps of every operand along the merged axes, in elements; 0 where it is broadcast.
    kept : int
        How many of the merged axes are kept.
    width : int
        Elements along the last merged axis that a thread reads at once.
    lanes : int
        Threads of a block that fold one element of the result together; 1 where nothing is folded.
    length : int
        Elements (or vectors) that one thread folds one after the other.
    columns : bool
        Whether neighbouring threads belong to neighbouring elements of the result, rather than fold together.
    staged : tuple of int
        Operands that are transposed in shared memory.
    crossed : int
        The merged axis along which those lie in memory; -1 if there are none.
    wide : bool
        Whether indices take 64 bits.
    block : BlockShape
        What a block of threads does.
    """

    groups: tuple[tuple[int, ...], ...]
    extents: tuple[int, ...]
    strides: Strides
    kept: int
    width: int = 1
    lanes: int = 1
    length: int = 1
    columns: bool = False
    staged: tuple[int, ...] = ()
    crossed: int = -1
    wide: bool = False
    block: BlockShape = BlockShape()

    @property
    def results(self) -> int:
        """Number of elements that are kept."""
        return math.prod(self.extents[: self.kept])

    @property
    def folded(self) -> int:
        """Number of elements that are folded into each of them."""
        return math.prod(self.extents[self.kept :])

    @property
    def chunk(self) -> int:
        """Vectors that one block folds into one element; knows nothing of the grid, so that sums do not either."""
        return self.lanes * self.length

    @property
    def parts(self) -> int:
        """Blocks that fold one element of the result."""
        return -(-self.folded // (self.width * self.chunk))


def plan_traversal(
    loop: Loop, strides: Sequence[Sequence[int]], alignments: Sequence[int], block: BlockShape | None = None
) -> Traversal:
    """Decide how to visit a loop.

    Parameters
    ----------
    loop : Loop
        What is computed.
    strides : sequence of sequence of int
        Steps of every operand along its own modes, in elements.
    alignments : sequence of int
        The largest power of two, up to `VECTOR`, that divides the address of each operand.
    block : BlockShape, optional
        The usual one when left out.

    Examples
    --------
    >>> import numpy as np
    >>> from tensorlayer.codegen import CPP, loop_of
    >>> from tensorlayer.graph import Input, Map, Reduce
    >>> from tensorlayer.scalar import argument, call
    >>> a = Input.of(0, (64, 64), "float32")
    >>> root = loop_of(Map.of([a], [(0, 1)], (64, 64), call("sqrt", argument(0))), CPP)
    >>> plan = plan_traversal(root, [(64, 1)], [16])
    >>> plan.extents, plan.width
    ((4096,), 4)
    >>> rows = plan_traversal(loop_of(Reduce.of(a, "sum", (1,)), CPP), [(64, 1)], [16])
    >>> rows.lanes, rows.columns, rows.parts
    (4, False, 1)
    """
    placed = loop.placed(strides)
    groups = merged_axes(memory_order(loop.extents, placed), loop.extents, placed, loop.reduced)
    kept = [group for group in groups if group[0] not in loop.reduced]
    folded = [group for group in groups if group[0] in loop.reduced]
    ordered = tuple(kept + folded)
    extents = tuple(math.prod(loop.extents[axis] for axis in group) for group in ordered)
    merged = tuple(tuple(one[group[-1]] for group in ordered) for one in placed)
    wide = max(_reach(extents, one) for one in (*merged, (1,) * len(extents))) >= NARROW
    plan = Traversal(ordered, extents, merged, len(kept), wide=wide, block=block or BlockShape())
    if loop.kind:
        return _folding(plan, loop, alignments, columns=bool(folded) and groups[-1] in kept)
    return _staged(plan, loop) or plan._replace(width=_width(plan, loop, alignments))


def _reach(extents: Sequence[int], strides: Sequence[int]) -> int:
    """How far the last element is from the first; of strides that are all 1, the number of elements at least."""
    return max(math.prod(extents), sum((n - 1) * abs(step) for n, step in zip(extents, strides, strict=True)))


def _folding(plan: Traversal, loop: Loop, alignments: Sequence[int], *, columns: bool) -> Traversal:
    last = plan.extents[plan.kept - 1] if columns else 1
    if last >= SIDE_BY_SIDE:
        lanes = max(plan.block.threads // _power(min(last, plan.block.tile)), 1)
        return _cut(plan._replace(columns=True, lanes=lanes))
    width = _width(plan, loop, alignments)
    return _cut(plan._replace(width=width, lanes=min(_power(-(-plan.folded // (4 * width))), plan.block.threads)))


def _cut(plan: Traversal) -> Traversal:
    """The plan with parts so long that there are enough of them, and no more."""
    groups = -(-plan.results // (plan.block.threads // plan.lanes))
    parts = -(-BUSY // groups)
    length = -(-plan.folded // (plan.width * plan.lanes * parts))
    return plan._replace(length=min(max(length, FEWEST), plan.block.folded))


def _power(least: int) -> int:
    """The smallest power of two that is at least so large."""
    return 1 << (least - 1).bit_length()


def _width(plan: Traversal, loop: Loop, alignments: Sequence[int]) -> int:
    """Elements of one vector: all operands that vary along the last axis are read, and the result written, so."""
    walked = plan.extents[plan.kept :] if loop.kind else plan.extents
    if not walked:
        return 1
    vectors = [i for i, one in enumerate(plan.strides) if one[-1]]
    if not vectors or any(plan.strides[i][-1] != 1 for i in vectors):
        return 1
    stored = [] if loop.kind else [loop.dtype.itemsize]
    width = VECTOR // max([*stored, *(loop.dtypes[i].itemsize for i in vectors)])
    while width > 1 and not _fits(plan, loop, alignments, vectors, width):
        width //= 2
    return max(width, 1)


def _fits(plan: Traversal, loop: Loop, alignments: Sequence[int], vectors: Sequence[int], width: int) -> bool:
    """Whether every vector of every operand lies at a multiple of its size."""
    if plan.extents[-1] % width:
        return False
    aligned = all(alignments[i] % (width * loop.dtypes[i].itemsize) == 0 for i in vectors)
    return aligned and all(step % width == 0 for i in vectors for step in plan.strides[i][:-1])


def _staged(plan: Traversal, loop: Loop) -> Traversal | None:
    """The plan with operands that pass through shared memory, where threads along the last axis read them badly."""
    crossings = {i: axis for i, one in enumerate(plan.strides) if (axis := _crossing(one)) is not None}
    crossed = next(
        (a for a in crossings.values() if min(plan.extents[a], plan.extents[-1]) >= plan.block.tile // 2), None
    )
    if crossed is None:
        return None
    staged, room = [], SHARED
    for i in (i for i, axis in crossings.items() if axis == crossed):
        room -= plan.block.tile * (plan.block.tile + 1) * loop.dtypes[i].itemsize
        if room >= 0:
            staged.append(i)
    return plan._replace(staged=tuple(staged), crossed=crossed)


def _crossing(strides: Sequence[int]) -> int | None:
    """The axis along which an operand lies in memory, if that is not the last one."""
    steps = [abs(step) for step in strides]
    if not steps or not steps[-1]:
        return None
    fastest = min(step for step in steps if step)
    return steps.index(fastest) if fastest < steps[-1] else None
