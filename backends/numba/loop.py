"""Elementwise loops and reductions as compiled kernels."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import lru_cache
from time import perf_counter
from typing import Any, NamedTuple, final

import numpy as np

from backends.numba.compilation import CompiledKernel, compile_kernel
from backends.numba.fold import joined
from backends.numba.memory import empty
from backends.numba.recipe import Recipe
from backends.numba.source import kernel_source
from tensorlayer.codegen import Nest, plan_nest
from tensorlayer.graph import DType
from tensorlayer.runtime.sharing import LOOPS, share_out

__all__ = ["Bound", "CompiledLoop", "Loop", "plain_memory"]

Array = np.ndarray[Any, Any]


class Loop(NamedTuple):
    """A loop of a graph.

    Attributes
    ----------
    recipe : Recipe
        What is computed at every element.
    extents : tuple of int
        Its shape; no extent is 0.
    axes : tuple of tuple of int
        For every input, the axis of the loop of each of its modes.
    reduced : tuple of int
        The axes that are folded.
    """

    recipe: Recipe
    extents: tuple[int, ...]
    axes: tuple[tuple[int, ...], ...]
    reduced: tuple[int, ...]


#: Seconds that compiling (or loading) the kernels of a loop has taken in this process; other plans share them.
_spent: dict[Loop, float] = {}


class Bound(NamedTuple):
    """A loop for arrays of certain strides.

    Attributes
    ----------
    recipe, nest, kernel, sizes
        What is computed, how it is visited, what runs, and the extents and strides that the kernel is given.
    parts : tuple of int
        Shape of what the kernel stores: the partial results along the first axis, then the kept axes in the order in
        which they are visited.
    order : tuple of int or None
        The axes of the result in that order; None if they are in order.
    """

    recipe: Recipe
    nest: Nest
    kernel: CompiledKernel
    sizes: Array
    parts: tuple[int, ...]
    order: tuple[int, ...] | None

    @property
    def kind(self) -> str:
        """Name of the reduction; "" for none."""
        return self.recipe.kind

    @property
    def dtype(self) -> DType:
        """Element type of what the kernel stores."""
        return self.recipe.stored

    @property
    def rounds(self) -> bool:
        """Whether the result has another element type than what the kernel stores."""
        return self.recipe.stored != self.recipe.dtype

    @property
    def may_give_up(self) -> bool:
        """Whether the kernel must be asked if its results are good."""
        return self.recipe.may_give_up

    def with_tiles(self, tiles: tuple[int, ...]) -> Bound:
        """The same in other tiles; folded axes must keep theirs."""
        nest = self.nest._replace(tiles=tiles)
        return self._replace(nest=nest, sizes=_sizes(nest))

    def finished(self, out: Array) -> Any:
        """The result, from what the kernel has stored."""
        result = joined(self.kind, out) if self.kind else out[0]
        if self.rounds:
            result = result.astype(self.recipe.dtype)
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
    plain : callable
        Computes the same by NumPy, should a compilation fail.
    threads : int
        How many threads compute.
    """

    __slots__ = ("_loop", "_plain", "_threads", "bound")

    def __init__(self, loop: Loop, plain: Callable[..., Any], threads: int) -> None:
        self._loop = loop
        self._plain = plain
        self._threads = threads
        #: The loop for arrays of the given strides, one tuple for each; None if it cannot be compiled.
        self.bound = lru_cache(maxsize=16)(self._bind)

    @property
    def __name__(self) -> str:
        """What runs, for `tensorlayer.explain`: with the cost of the first call, once it is known."""
        spent = _spent.get(self._loop)
        return f"kernel, compiled in {spent:.2g} s" if spent else "kernel, compiled at its first call"

    @property
    def recipe(self) -> Recipe:
        """What is computed at every element."""
        return self._loop.recipe

    @property
    def extents(self) -> tuple[int, ...]:
        """Shape of the loop."""
        return self._loop.extents

    def row_bytes(self, row: int) -> int:
        """Bytes that are read and written per step along the axis `row`."""
        loop = self._loop
        kept = tuple(axis for axis in range(len(loop.extents)) if axis not in loop.reduced)
        moved = [*zip(loop.axes, loop.recipe.dtypes, strict=True), (kept, loop.recipe.dtype)]
        return sum(
            math.prod(loop.extents[axis] for axis in axes if axis != row) * dtype.itemsize
            for axes, dtype in moved
            if row in axes
        )

    def __call__(self, *arrays: Any) -> Any:
        """Native arrays in the order of the loop's inputs in, a native array out."""
        given = [plain_memory(array, dtype) for array, dtype in zip(arrays, self._loop.recipe.dtypes, strict=True)]
        bound = self.bound(tuple([array.strides for array in given]))
        return self._plain(*arrays) if bound is None else self._run(bound, given)

    def _run(self, bound: Bound, arrays: list[Array]) -> Any:
        recipe, call = self._loop.recipe, bound.kernel.call
        out = empty(bound.parts, recipe.stored)
        far = [np.zeros(1, np.int64)] if recipe.may_give_up else []
        places = np.array([array.__array_interface__["data"][0] for array in (bound.sizes, *arrays, out, *far)])
        start = places.__array_interface__["data"][0]
        tasks = math.prod(bound.nest.counts)
        if self._threads == 1:
            call(0, tasks, start)
        else:
            LOOPS.wake()
            share_out(lambda first, last: call(first, last, start), tasks, self._threads)
        if far and far[0][0]:
            return self._plain(*arrays)
        return bound.finished(out)

    def _bind(self, strides: tuple[tuple[int, ...], ...]) -> Bound | None:
        loop = self._loop
        placed = tuple(map(self._placed, strides, loop.axes, (dtype.itemsize for dtype in loop.recipe.dtypes)))
        nest = plan_nest(loop.extents, placed, loop.reduced)
        source = kernel_source(loop.recipe, nest)
        start = perf_counter()
        try:
            kernel = compile_kernel(source)
        except Exception as error:  # noqa: BLE001  # a compiler fails in many ways, and none may stop a program
            warnings.warn(
                f"numba could not compile a loop, NumPy computes it: {type(error).__name__}: {error}",
                RuntimeWarning,
                stacklevel=2,
            )
            return None
        _spent[loop] = _spent.get(loop, 0.0) + perf_counter() - start
        return Bound(loop.recipe, nest, kernel, _sizes(nest), *self._stored(nest))

    def _stored(self, nest: Nest) -> tuple[tuple[int, ...], tuple[int, ...] | None]:
        """Shape of what is stored, and the order of its axes: see `_Bound`. Axes of extent one stay in place."""
        extents = self._loop.extents
        visited = [axis for place in nest.kept for axis in nest.groups[place]]
        kept = [axis for axis in range(len(extents)) if axis not in self._loop.reduced]
        order = [*visited, *(axis for axis in kept if axis not in visited)]
        parts = math.prod(n for n, folded in zip(nest.counts, nest.folded, strict=True) if folded)
        if visited == sorted(visited):
            return (parts, *(extents[axis] for axis in kept)), None
        return (parts, *(extents[axis] for axis in order)), tuple(order.index(axis) for axis in kept)

    def _placed(self, strides: tuple[int, ...], axes: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
        """Steps along the axes of the loop, in elements; 0 where the array is broadcast."""
        return tuple(
            strides[axes.index(axis)] // itemsize if axis in axes and extent > 1 else 0
            for axis, extent in enumerate(self._loop.extents)
        )


def plain_memory(given: Any, dtype: np.dtype[Any]) -> Array:
    """The array, or a copy if its elements are not aligned, whole steps apart, and in the machine's byte order."""
    array: Array = np.asarray(given)
    if array.dtype == dtype and array.flags.aligned and _are_whole(array.strides, dtype.itemsize):
        return array
    return np.array(array, dtype, order="K")


@lru_cache(maxsize=1024)
def _are_whole(steps: tuple[int, ...], itemsize: int) -> bool:
    return not any(step % itemsize for step in steps)
