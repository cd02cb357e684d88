"""Products of vectors with a matrix, block by block in a kernel.

Sums are made in the order of inputs, `DEPTH` of them at a time, whatever the blocks: a vector gives the same bits in
any batch of two or more, by any number of threads. A library's product of a single vector rounds in its own order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from analog.kernels import CPU, Kernel
from analog.kernels.matmul import matmul
from analog.kernels.panels import LANES, multiply_panel, read_panel, read_row, rows_of, write_panel
from analog.mvm.blocks import Blocks, blocks

__all__ = ["Block", "by_lines", "by_vectors", "in_order", "is_single", "multiply", "one_by_one", "part", "work"]

#: ``block(u, weights, y, begin, end, start, stop, lanes)``: some vectors and some lines.
Block = Callable[..., None]

#: Multiplications that a library does before a kernel begins.
LEAST = 1 << 16
#: Inputs of a panel, which stays in the nearest caches.
DEPTH = 256
#: Multiplications that take as long as a number of other kernels.
PER_NUMBER = 64
#: All bits but the sign.
NATURAL = (1 << 63) - 1


def _sums(beside: Any, begin: int, end: int, behind: Any, start: int, stop: int, lanes: int) -> Any:
    """``sums[r * lanes + l]``: the product of row `l` of one matrix and row `r` of the other."""
    inputs, rows = beside.shape[1], rows_of(lanes)
    passes, depth = -(-(stop - start) // rows), min(inputs, DEPTH)
    memory = np.empty(depth * lanes + passes * rows * lanes + LANES, np.float32)
    # Registers are read fastest from where lines of the cache begin.
    first = -(memory.ctypes.data // 4) % LANES
    panel, sums = memory[first : first + depth * lanes], memory[first + depth * lanes :]
    for k in range(0, inputs, DEPTH):
        last = min(k + DEPTH, inputs)
        for lane in range(0, lanes, LANES):
            for column in range(k, last, LANES):
                place = (column - k) * lanes + lane
                write_panel(beside, begin + lane, end, column, last, panel, place, lanes)
        for number in range(passes):
            row = start + number * rows
            multiply_panel(panel, lanes, behind, row, stop, k, last, sums, number * rows * lanes, k > 0)
    return sums


def by_vectors(u: Any, weights: Any, y: Any, begin: int, end: int, start: int, stop: int, lanes: int) -> None:
    """``y[begin:end, start:stop] = u[begin:end] @ weights[start:stop].T`` with vectors side by side."""
    sums = _sums(u, begin, end, weights, start, stop, lanes)
    for vector in range(begin, end, LANES):
        for line in range(start, stop, LANES):
            read_panel(sums, (line - start) * lanes + vector - begin, lanes, y, vector, end, line, stop)


def by_lines(u: Any, weights: Any, y: Any, begin: int, end: int, start: int, stop: int, lanes: int) -> None:
    """The same with lines side by side."""
    sums = _sums(weights, start, stop, u, begin, end, lanes)
    for vector in range(begin, end):
        for line in range(start, stop, LANES):
            read_row(sums, (vector - begin) * lanes + line - start, y, vector, line, stop)


def one_by_one(
    u: Any,
    weights: Any,
    y: Any,
    begin: int,
    end: int,
    start: int,
    stop: int,
    lanes: int,  # noqa: ARG001
) -> None:
    """The same without memory of its own: for CUDA."""
    for vector in range(begin, end):
        for line in range(start, stop):
            total = np.float32(0)
            for k in range(weights.shape[1]):
                total += weights[line, k] * u[vector, k]
            y[vector, line] = total


def part(number: int, cut: Any, vectors: int, lines: int, along_lines: bool) -> tuple[int, int, int, int]:
    """Which vectors and lines a block has, by its number; where they begin and end."""
    lanes, rows, across, _ = cut
    # Compilers know by the mask that no line has a negative number.
    one, other = number // across * lanes & NATURAL, number % across * rows & NATURAL
    if along_lines:
        return other, min(other + rows, vectors), one, min(one + lanes, lines)
    return one, min(one + lanes, vectors), other, min(other + rows, lines)


def _kernel(block: Block, along_lines: bool) -> Kernel:
    def by(block: Block) -> Callable[..., None]:
        def body(row: int, first: int, last: int, u: Any, weights: Any, y: Any, cut: Any) -> None:  # noqa: ARG001
            begin, end, start, stop = part(row, cut, y.shape[0], y.shape[1], along_lines)
            block(u, weights, y, begin, end, start, stop, cut[0])

        return body

    return Kernel(by(block), per="row", cuda=by(one_by_one))


_BY_VECTORS, _BY_LINES = _kernel(by_vectors, False), _kernel(by_lines, True)


def multiply(u: Any, weights: Any, out: Any, target: Any) -> None:
    """Write ``u @ weights.T`` to `out`.

    Parameters
    ----------
    u : array
        (vectors, inputs), native, float32, C order.
    weights : array
        (outputs, inputs), also with its axes exchanged in memory.
    out : array
        (vectors, outputs), C order.
    target : Target
        Where kernels on them run.
    """
    (count, inputs), outputs = u.shape, weights.shape[0]
    if target is not CPU or is_single(u) or count * inputs * outputs <= LEAST:
        matmul(u, weights.T, out)
        return
    weights, turned = in_order(weights)
    cut, along_lines = blocks(count, outputs, inputs, turned=turned)
    kernel = _BY_LINES if along_lines else _BY_VECTORS
    target.launch(kernel, cut.total, 1, u, weights, out, cut, each=work(cut, count * outputs * inputs))


def is_single(u: Any) -> bool:
    """Whether there is one vector: libraries read a matrix once for it, and blocks are not worth it."""
    return bool(u.shape[0] == 1)


def work(cut: Blocks, products: int) -> int:
    """How much of so many multiplications a block is, in numbers that other kernels look at."""
    return max(products // (PER_NUMBER * cut.total), 1)


def in_order(weights: Any) -> tuple[Any, bool]:
    """A matrix as panels take it, copied if it has to be; and whether its lines are side by side in memory."""
    flags = weights.flags
    if flags.c_contiguous or flags.f_contiguous:
        return weights, not flags.c_contiguous
    return np.ascontiguousarray(weights), False
