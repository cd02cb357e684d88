"""One kernel of several loops over the same rows: a block of threads takes a row through all of them.

What a row folds to stays in shared memory; what is read again of the row itself comes from the nearest cache.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from backends.cupy.folding import fold_function, neutral
from backends.cupy.traversal import NARROW, BlockShape, Traversal
from backends.cupy.writer import Writer, indented, repeated, signature
from tensorlayer.codegen import CPP, Loop, memory_order, merged_axes
from tensorlayer.graph import DType

__all__ = ["RowStep", "row_major", "row_numbers", "row_source", "row_writers"]

Strides = tuple[tuple[int, ...], ...]


class RowStep(NamedTuple):
    """One of the loops.

    Attributes
    ----------
    loop : Loop
        What is computed; folded are all axes but that along the rows, or none.
    row : int
        That axis.
    reads : tuple of int
        Which arrays are its operands: those of the kernel come first, then the results of the steps before.
    wanted : bool
        Whether the result is stored, of a fold too.
    """

    loop: Loop
    row: int
    reads: tuple[int, ...]
    wanted: bool

    @property
    def extents(self) -> tuple[int, ...]:
        """Shape of the result."""
        return tuple(self.loop.extents[axis] for axis in self.loop.kept)


def row_writers(steps: Sequence[RowStep], given: Sequence[Sequence[int]], block: BlockShape) -> list[Writer]:
    """What writes the steps, for arrays of the given strides."""
    known = [tuple(one) for one in given]
    writers = []
    for number, step in enumerate(steps):
        inside = row_major(step.extents)
        strides = (*step.loop.placed([known[place] for place in step.reads]), _of_result(step.loop, inside))
        plan = _plan(step, strides, block)
        names = [_name(place, steps, len(given)) for place in step.reads]
        writers.append(Writer(step.loop, plan, f"{number}_", names))
        # Of a fold there is one element at a time, in shared memory.
        known.append((0,) * len(inside) if step.loop.kind else inside)
    return writers


def _plan(step: RowStep, strides: Strides, block: BlockShape) -> Traversal:
    """The row first, then what can be merged of the others."""
    extents = step.loop.extents
    others = [axis for axis in memory_order(extents, strides) if axis != step.row]
    groups = [(step.row,), *merged_axes(others, extents, strides, ())]
    merged = tuple(tuple(one[group[-1]] for group in groups) for one in strides)
    reach = max(sum((extents[axis] - 1) * abs(one[axis]) for axis in range(len(extents))) for one in strides)
    wide = max(math.prod(extents), reach) >= NARROW
    sizes = tuple(math.prod(extents[axis] for axis in group) for group in groups)
    return Traversal(tuple(groups), sizes, merged, 1 if step.loop.kind else len(groups), wide=wide, block=block)


def row_source(steps: Sequence[RowStep], writers: Sequence[Writer], dtypes: Sequence[DType]) -> str:
    """The text after `arithmetic`: one kernel, which takes the arrays, the wanted results, and `row_numbers`.

    Parameters
    ----------
    steps, writers
        See `row_writers`.
    dtypes : sequence of dtype
        Element types of the arrays.
    """
    threads = writers[0].plan.block.threads
    pointers = [f"const {CPP.types[dtype.name]}* __restrict__ x{i}" for i, dtype in enumerate(dtypes)]
    # These are read again in the same kernel: nothing is promised about them.
    pointers += [f"{one.type}* out{i}" for i, one in enumerate(writers) if steps[i].wanted]
    names = ["rows", *(name for one in writers for name in (f"columns{one.tag}", *one.sizes()))]
    functions: list[str] = []
    for one in writers:
        functions += [*one.element(), "", *([*fold_function(one), ""] if one.loop.kind else [])]
    shared = [f"__shared__ {one.type} total{i}[THREADS];" for i, one in enumerate(writers) if one.loop.kind]
    row = [line for i, one in enumerate(writers) for line in _step(steps[i], one, i)]
    if steps[-1].loop.kind:
        row.append("__syncthreads();")
    body = [
        f"constexpr int THREADS = {threads};",
        *shared,
        *repeated("index_t i0 = blockIdx.x; i0 < rows; i0 += gridDim.x", row),
    ]
    index = f"typedef {'long long' if any(one.plan.wide for one in writers) else 'int'} index_t;"
    head = signature([*pointers, *(f"const index_t {name}" for name in names)], threads)
    return "\n".join([index, "", *functions, *head, "{", *indented(body), "}", ""])


def row_numbers(writers: Sequence[Writer]) -> tuple[int, ...]:
    """The last arguments: how many rows; of every step the columns, the extents, and the steps not 0 or 1."""
    numbers = [writers[0].plan.extents[0]]
    for one in writers:
        plan = one.plan
        numbers += [math.prod(plan.extents[1:]), *plan.extents]
        numbers += [step for strides in plan.strides for step in strides if step not in (0, 1)]
    return tuple(numbers)


def _step(step: RowStep, writer: Writer, number: int) -> list[str]:
    walk = f"index_t step = threadIdx.x; step < columns{writer.tag}; step += THREADS"
    reads = [*writer.unravelled("step", writer.axes[1:]), *writer.loads(writer.used)]
    target = f"out{number}[{writer.offset(len(step.reads))}]"
    if not step.loop.kind:
        return [*repeated(walk, [*reads, f"{target} = {writer.value()};"]), "__syncthreads();"]
    fold, totals = f"fold{writer.tag}", f"total{number}"
    own = [
        f"{writer.type} total = {neutral(writer.loop)};",
        *repeated(walk, [*reads, f"total = {fold}(total, {writer.value()});"]),
        f"{totals}[threadIdx.x] = total;",
    ]
    joined = f"{totals}[threadIdx.x] = {fold}({totals}[threadIdx.x], {totals}[threadIdx.x + half]);"
    pair = ["__syncthreads();", f"if (threadIdx.x < half) {joined}"]
    stored = [f"if (threadIdx.x == 0) {target} = {totals}[0];"] if step.wanted else []
    halves = repeated("int half = THREADS / 2; half > 0; half /= 2", pair)
    return ["{", *indented(own), "}", *halves, "__syncthreads();", *stored]


def _name(place: int, steps: Sequence[RowStep], given: int) -> str:
    if place < given:
        return f"x{place}"
    return f"{'total' if steps[place - given].loop.kind else 'out'}{place - given}"


def _of_result(loop: Loop, strides: Sequence[int]) -> tuple[int, ...]:
    """Steps of the result along the axes of the loop."""
    return tuple(strides[loop.kept.index(axis)] if axis in loop.kept else 0 for axis in range(len(loop.extents)))


def row_major(extents: Sequence[int]) -> tuple[int, ...]:
    """Steps of an array without gaps."""
    return tuple(math.prod(extents[axis + 1 :]) for axis in range(len(extents)))
