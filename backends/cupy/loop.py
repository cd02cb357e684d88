"""Loops of a graph as compiled kernels, whatever compiles and launches them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from functools import lru_cache
from time import perf_counter
from typing import Any, NamedTuple, Protocol, final

import numpy as np

from backends.cupy.source import kernel_source, numbers
from backends.cupy.traversal import VECTOR, BlockShape, Traversal, plan_traversal
from tensorlayer.codegen import Loop, Operand
from tensorlayer.graph import DType

__all__ = ["CompiledLoop", "Processor", "compiled_or_none", "element_steps"]


class Processor(Protocol):
    """What compiles kernels and runs them."""

    block: BlockShape

    @property
    def blocks(self) -> int:
        """Blocks that a launch has at most; more tasks are shared out among them."""

    def compile(self, source: str) -> Any:
        """What `launch` starts, from the text that `kernel_source` writes."""

    def launch(self, kernel: Any, blocks: int, arguments: tuple[Any, ...]) -> None:
        """Run blocks of ``block.threads`` threads; arguments are arrays and NumPy's whole numbers."""

    def empty(self, size: int, dtype: DType) -> Any:
        """A contiguous array of uninitialised elements."""

    def address(self, array: Any) -> int:
        """Where the first element lies."""


class _Bound(NamedTuple):
    """A loop for operands of certain strides and alignments."""

    plan: Traversal
    kernel: Any
    blocks: int
    numbers: tuple[Any, ...]
    rest: CompiledLoop | None


@final
class CompiledLoop:
    """Runs a loop by a kernel that is compiled when the strides of the operands are first seen.

    Parameters
    ----------
    loop : Loop
        What to compute.
    plain : callable
        Computes the same by the library's own functions: should a compilation fail, or the elements of an
        operand not lie whole steps apart.
    processor : Processor
        Compiles and launches.
    dtype : dtype, optional
        Element type of the result; that of the loop when left out.
    """

    __slots__ = ("_bound", "_dtype", "_loop", "_plain", "_processor", "seconds")

    def __init__(self, loop: Loop, plain: Callable[..., Any], processor: Processor, dtype: DType | None = None) -> None:
        self._loop = loop
        self._dtype = dtype or loop.dtype
        self._plain = plain
        self._processor = processor
        self._bound = lru_cache(maxsize=16)(self._bind)
        self.seconds = 0.0

    @property
    def __name__(self) -> str:
        """What runs, for `tensorlayer.explain`: with the cost of the first call, once it is known."""
        spent = f"compiled in {self.seconds:.2g} s" if self.seconds else "compiled at its first call"
        return f"kernel, {spent}"

    @property
    def source(self) -> str:
        """The text of the kernel for operands that are contiguous and aligned."""
        steps = [_contiguous([self._loop.extents[axis] for axis in axes]) for axes in self._loop.axes]
        return kernel_source(
            self._loop, plan_traversal(self._loop, steps, [VECTOR] * len(steps), self._processor.block)
        )

    def __call__(self, *arrays: Any) -> Any:
        """Native arrays in the order of the loop's operands in, a native array out."""
        steps = element_steps(arrays, self._loop.dtypes, self._processor)
        alignments = tuple(math.gcd(self._processor.address(array), VECTOR) for array in arrays)
        bound = None if steps is None else self._bound(steps, alignments)
        if bound is None:
            return self._plain(*arrays)
        result = self._shaped(bound.plan, self._run(bound, arrays))
        return result if self._dtype == self._loop.dtype else result.astype(self._dtype)

    def _run(self, bound: _Bound, arrays: Sequence[Any]) -> Any:
        plan = bound.plan
        out = self._processor.empty(plan.results * (plan.parts if self._loop.kind else 1), self._loop.dtype)
        self._processor.launch(bound.kernel, bound.blocks, (*arrays, out, *bound.numbers))
        return out if bound.rest is None else bound.rest(out.reshape(plan.parts, plan.results))

    def _shaped(self, plan: Traversal, result: Any) -> Any:
        """The result, which lies in the order of the merged axes, in the order of the loop's."""
        order = [axis for group in plan.groups[: plan.kept] for axis in group]
        kept = [axis for axis in self._loop.kept if self._loop.extents[axis] > 1]
        shaped = result.reshape([self._loop.extents[axis] for axis in order])
        placed = shaped.transpose([order.index(axis) for axis in kept])
        return placed.reshape([self._loop.extents[axis] for axis in self._loop.kept])

    # -- binding -------------------------------------------------------------------------------------------

    def _bind(self, strides: tuple[tuple[int, ...], ...], alignments: tuple[int, ...]) -> _Bound | None:
        loop = self._loop
        plan = plan_traversal(loop, strides, alignments, self._processor.block)
        start = perf_counter()
        kernel = compiled_or_none(self._processor, kernel_source(loop, plan))
        if kernel is None:
            return None
        self.seconds += perf_counter() - start
        whole = np.int64 if plan.wide else np.int32
        rest = self._of_parts(plan) if loop.kind and plan.parts > 1 else None
        sizes = tuple(whole(number) for number in numbers(loop, plan))
        return _Bound(plan, kernel, min(_tasks(loop, plan), self._processor.blocks), sizes, rest)

    def _of_parts(self, plan: Traversal) -> CompiledLoop:
        """The loop that folds what the blocks give."""
        loop = self._loop
        shape = (plan.parts, plan.results)
        again = Loop((), Operand("x", 0, loop.dtype), (loop.dtype,), loop.dtype, loop.kind, shape, ((0, 1),), (0,))
        return CompiledLoop(again, _never, self._processor)


def element_steps(
    arrays: Sequence[Any], dtypes: Sequence[DType], processor: Processor
) -> tuple[tuple[int, ...], ...] | None:
    """Strides of the arrays in elements; None if elements are of another type, or do not lie whole steps apart."""
    for array, dtype in zip(arrays, dtypes, strict=True):
        size = dtype.itemsize
        if array.dtype != dtype or processor.address(array) % size or any(step % size for step in array.strides):
            return None
    return tuple(tuple(step // array.dtype.itemsize for step in array.strides) for array in arrays)


def compiled_or_none(processor: Processor, source: str) -> Any:
    """What `launch` starts; None, with a warning, if the text cannot be compiled."""
    try:
        return processor.compile(source)
    except Exception as error:  # noqa: BLE001  # a compiler fails in many ways, and none may stop a program
        warnings.warn(
            f"a CUDA kernel could not be compiled, the library's own functions compute the loop: "
            f"{type(error).__name__}: {error}",
            RuntimeWarning,
            stacklevel=2,
        )
        return None


def _tasks(loop: Loop, plan: Traversal) -> int:
    """Blocks that there is work for."""
    threads, tile = plan.block.threads, plan.block.tile
    if loop.kind:
        return -(-plan.results // (threads // plan.lanes)) * plan.parts
    if not plan.staged:
        return -(-plan.results // (plan.width * threads))
    tiles = -(-plan.extents[-1] // tile) * -(-plan.extents[plan.crossed] // tile)
    return tiles * plan.results // (plan.extents[-1] * plan.extents[plan.crossed])


def _contiguous(extents: Sequence[int]) -> tuple[int, ...]:
    return tuple(math.prod(extents[axis + 1 :]) for axis in range(len(extents)))


def _never(*_: Any) -> Any:
    raise AssertionError("the partial results of a kernel are contiguous")
