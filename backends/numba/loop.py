"""Elementwise loops and reductions as compiled kernels."""

from __future__ import annotations

import math
import warnings
from array import array
from collections.abc import Callable, Sequence
from functools import lru_cache
from time import perf_counter
from typing import Any, NamedTuple, final

import numpy as np

from backends.numba.address import address_of
from backends.numba.compilation import CompiledKernel, compile_kernel
from backends.numba.crew import CREW
from backends.numba.memory import empty
from backends.numba.near import may_give_up
from backends.numba.source import joining_source, kernel_source
from backends.numba.steps import takes_steps
from backends.numba.streamed import fetches_ahead, is_streamed
from tensorlayer.codegen import Loop, Nest, plan_nest
from tensorlayer.graph import DType

__all__ = ["Bound", "CompiledLoop", "plain_memory"]

Array = np.ndarray[Any, Any]


#: Seconds that compiling (or loading) the kernels of a loop has taken in this process; other plans share them.
_spent: dict[Loop, float] = {}


class Bound(NamedTuple):
    """A loop for arrays of certain strides.

    Attributes
    ----------
    loop, nest, kernel, sizes
        What is computed, how it is visited, what runs, and the extents and strides that the kernel is given.
    join : CompiledKernel or None
        What folds the partial results into the first; None if there is one only.
    size : int
        Elements of a partial result.
    stored, dtype : dtype
        Element types of what the kernel stores, and of the result.
    rounds : bool
        Whether they differ.
    parts : tuple of int
        Shape of what the kernel stores: the partial results along the first axis, then the kept axes in the order in
        which they are visited.
    order : tuple of int or None
        The axes of the result in that order; None if they are in order.
    tasks : int
        Number of tiles.
    may_give_up : bool
        Whether the kernel must be asked if its results are good.
    fetches : bool
        Whether the kernel fetches what the next tile along the outermost axis will read.
    """

    loop: Loop
    stored: DType
    dtype: DType
    rounds: bool
    nest: Nest
    kernel: CompiledKernel
    join: CompiledKernel | None
    size: int
    sizes: Array
    parts: tuple[int, ...]
    order: tuple[int, ...] | None
    tasks: int
    may_give_up: bool
    fetches: bool

    def with_tiles(self, tiles: tuple[int, ...]) -> Bound:
        """The same in other tiles; folded axes must keep theirs."""
        nest = self.nest._replace(tiles=tiles)
        return self._replace(nest=nest, tasks=math.prod(nest.counts), sizes=_sizes(nest))

    def joining(self, place: int) -> tuple[int, ...]:
        """What folds the partial results, whose address is at `place`: as `Crew.run` is told it."""
        return () if self.join is None else (self.join.address, self.parts[0], self.size, place)

    def finished(self, out: Array) -> Any:
        """The result, from what the kernel has stored and `joining` has folded."""
        result = out[0].astype(self.dtype) if self.rounds else out[0]
        return result if self.order is None else result.transpose(self.order)


def _sizes(nest: Nest) -> Array:
    steps = [step for one in nest.strides for step in one if step not in (0, 1)]
    return np.array([*nest.extents, *nest.tiles, *nest.counts, *steps], np.int64)


@final
class CompiledLoop:
    """Runs a loop by a kernel that is compiled when the strides of the arrays are first seen.

    Parameters
    ----------
    loop : Loop
        What to compute.
    dtype : dtype
        Element type of the result.
    plain : callable
        Computes the same by NumPy, should a compilation fail.
    threads : int
        How many threads compute.
    """

    __slots__ = ("_dtype", "_plain", "_threads", "bound", "loop")

    def __init__(self, loop: Loop, dtype: DType, plain: Callable[..., Any], threads: int) -> None:
        #: What is computed.
        self.loop = loop
        self._dtype = dtype
        self._plain = plain
        self._threads = threads
        #: The loop for arrays of the given strides, one tuple for each, and if need be the operands whose next tile
        #: it is to fetch, and how many axes a nest must have to store past the caches; None if it cannot be compiled.
        self.bound = lru_cache(maxsize=16)(self._bind)

    @property
    def __name__(self) -> str:
        """What runs, for `tensorlayer.explain`: with the cost of the first call, once it is known."""
        spent = _spent.get(self.loop)
        return f"kernel, compiled in {spent:.2g} s" if spent else "kernel, compiled at its first call"

    def row_bytes(self, row: int) -> int:
        """Bytes that are read and written per step along the axis `row`."""
        loop = self.loop
        moved = [*zip(loop.axes, loop.dtypes, strict=True), (loop.kept, loop.dtype)]
        return sum(
            math.prod(loop.extents[axis] for axis in axes if axis != row) * dtype.itemsize
            for axes, dtype in moved
            if row in axes
        )

    def __call__(self, *arrays: Any) -> Any:
        """Native arrays in the order of the loop's inputs in, a native array out."""
        given = [plain_memory(one, dtype) for one, dtype in zip(arrays, self.loop.dtypes, strict=True)]
        bound = self.bound(tuple([one.strides for one in given]), (), 1)
        return self._plain(*arrays) if bound is None else self._run(bound, given)

    def _run(self, bound: Bound, arrays: list[Array]) -> Any:
        out = empty(bound.parts, bound.stored)
        far = [np.zeros(1, np.int64)] if bound.may_give_up else []
        places = array("q", [address_of(one) for one in (bound.sizes, *arrays, out, *far)])
        start = places.buffer_info()[0]
        CREW.run(bound.kernel, bound.tasks, self._threads, start, bound.joining(start + 8 * (1 + len(arrays))))
        if far and far[0][0]:
            return self._plain(*arrays)
        return bound.finished(out)

    def _bind(
        self, strides: tuple[tuple[int, ...], ...], fetched: tuple[int, ...] = (), streamed: int = 1
    ) -> Bound | None:
        loop = self.loop
        steps = [[step // dtype.itemsize for step in one] for one, dtype in zip(strides, loop.dtypes, strict=True)]
        placed = loop.placed(steps)
        nest = plan_nest(loop.extents, placed, loop.reduced)
        # What is copied is read in order, which processors fetch by themselves.
        fetched = () if nest.gathered else fetched
        streams = len(nest.extents) >= streamed and is_streamed(loop, nest)
        source = kernel_source(loop, nest, fetched, streams=streams, ahead=fetches_ahead(loop, nest))
        start = perf_counter()
        tasks, parts, order = math.prod(nest.counts), *self._stored(nest)
        try:
            # Where memory is the limit, the compiler reads wide vectors in a worse order. Measured: a sum of three
            # large operands takes 7 % more time by them, logarithms and powers a quarter to two fifths less.
            kernel = compile_kernel(source, wide=takes_steps(loop))
            join = compile_kernel(joining_source(loop.kind, loop.dtype)) if parts[0] > 1 else None
        except Exception as error:  # noqa: BLE001  # a compiler fails in many ways, and none may stop a program
            warnings.warn(
                f"numba could not compile a loop, NumPy computes it: {type(error).__name__}: {error}",
                RuntimeWarning,
                stacklevel=2,
            )
            return None
        _spent[loop] = _spent.get(loop, 0.0) + perf_counter() - start
        return Bound(
            loop=loop,
            stored=loop.dtype,
            dtype=self._dtype,
            rounds=loop.dtype != self._dtype,
            nest=nest,
            kernel=kernel,
            join=join,
            size=math.prod(parts[1:]),
            sizes=_sizes(nest),
            parts=parts,
            order=order,
            tasks=tasks,
            may_give_up=may_give_up(loop),
            fetches=bool(fetched),
        )

    def _stored(self, nest: Nest) -> tuple[tuple[int, ...], tuple[int, ...] | None]:
        """Shape of what is stored, and the order of its axes: see `_Bound`. Axes of extent one stay in place."""
        extents, kept = self.loop.extents, self.loop.kept
        visited = [axis for place in nest.kept for axis in nest.groups[place]]
        order = [*visited, *(axis for axis in kept if axis not in visited)]
        parts = math.prod(n for n, folded in zip(nest.counts, nest.folded, strict=True) if folded)
        if visited == sorted(visited):
            return (parts, *(extents[axis] for axis in kept)), None
        return (parts, *(extents[axis] for axis in order)), tuple(order.index(axis) for axis in kept)


def plain_memory(given: Any, dtype: DType) -> Array:
    """The array, or a copy if its elements are not aligned, whole steps apart, and in the machine's byte order."""
    own: Array = np.asarray(given)
    if own.dtype == dtype and own.flags.aligned and _are_whole(own.strides, dtype):
        return own
    return np.array(own, dtype, order="K")


def _are_whole(steps: Sequence[int], dtype: DType) -> bool:
    """Whether the steps of an aligned array are whole elements: only complex ones are larger than their alignment."""
    return dtype.itemsize == dtype.alignment or not any(step % dtype.itemsize for step in steps)
