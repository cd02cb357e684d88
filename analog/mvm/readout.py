"""The product, the noise of the outputs and their converters in one kernel: what was computed is still in the cache."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from analog.kernels import Kernel
from analog.mvm.draws import BLOCK, NORMAL, UNIFORM, Filling, is_short
from analog.mvm.product import Block, by_lines, by_vectors, one_by_one, part
from analog.mvm.side import Side

__all__ = ["readout"]

#: ``fill(begin, end, start, stop, out, vectors, address)``: numbers of some vectors, for some lines.
Fill = Callable[..., None]


def readout(side: Side, lines: int, *, along_lines: bool) -> Side:
    """The kernel of `outputs` after that of the product and of what is drawn for it, for the CPU.

    Its arguments: those of a product; normal and uniform numbers, and the addresses of both; those of `outputs` from
    the strength of the compression on; its numbers.

    Parameters
    ----------
    side : Side
        Of `outputs`.
    lines : int
        Number of outputs.
    along_lines : bool
        Which blocks the product has.
    """
    kernel = _kernel(side.kernel, side.noisy, side.stochastic, is_short(lines), along_lines)
    return Side(kernel, (side.numbers,), side.noisy, side.stochastic)


@lru_cache
def _kernel(outputs: Kernel, noisy: bool, stochastic: bool, short: bool, along_lines: bool) -> Kernel:
    normal, uniform = (NORMAL if noisy else None), (UNIFORM if stochastic else None)

    def body(block: Block, few: bool) -> Callable[..., None]:
        return _body(block, _fill(normal, few), _fill(uniform, few), outputs.body, along_lines)

    return Kernel(body(by_lines if along_lines else by_vectors, short), per="row", cuda=body(one_by_one, False))


def _fill(filling: Filling | None, short: bool) -> Fill:
    if filling is None:
        return _nothing
    along_vectors, along_lines = filling.short.body, filling.long.body

    def all_lines(begin: int, end: int, start: int, stop: int, out: Any, vectors: Any, address: Any) -> None:  # noqa: ARG001
        for first in range(begin, end, BLOCK):
            along_vectors(0, first, min(first + BLOCK, end), out, vectors, address)

    def line_by_line(begin: int, end: int, start: int, stop: int, out: Any, vectors: Any, address: Any) -> None:
        for row in range(begin, end):
            along_lines(row, start // 4, (stop + 3) // 4, out, vectors, address)

    return all_lines if short else line_by_line


def _nothing(begin: int, end: int, start: int, stop: int, out: Any, vectors: Any, address: Any) -> None:
    """Where nothing is drawn."""


def _body(
    block: Block, draw: Fill, choose: Fill, convert: Callable[..., None], along_lines: bool
) -> Callable[..., None]:
    def body(
        row: int,
        first: int,  # noqa: ARG001
        last: int,  # noqa: ARG001
        u: Any,
        weights: Any,
        y: Any,
        cut: Any,
        normals: Any,
        uniforms: Any,
        noise: Any,
        rounding: Any,
        compression: Any,
        deviation: Any,
        scale: Any,
        vectors: Any,
        result: Any,
        exceeded: Any,
        gain: np.float32,
        reduction: np.float32,
        numbers: Any,
    ) -> None:
        begin, end, start, stop = part(row, cut, y.shape[0], y.shape[1], along_lines)
        block(u, weights, y, begin, end, start, stop, cut[0])
        draw(begin, end, start, stop, normals, vectors, noise)
        choose(begin, end, start, stop, uniforms, vectors, rounding)
        given, told = (y, normals, uniforms, compression, deviation, scale, vectors), (gain, reduction, *numbers)
        for vector in range(begin, end):
            convert(vector, start, stop, *given, result, exceeded, *told)

    return body
