"""From vectors to results in one kernel, block by block: what was computed is still in the cache."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from analog.kernels import Kernel, thread_count
from analog.mvm.blocks import Blocks, blocks
from analog.mvm.chain import Chain
from analog.mvm.draws import BLOCK, NORMAL, UNIFORM, Filling, is_short
from analog.mvm.product import Block, by_lines, by_vectors, one_by_one, part, work
from analog.mvm.side import Side
from analog.random import Stream

__all__ = ["Readout", "readout"]

#: What is drawn for inputs, and for outputs.
ENTERING = int(Stream.INPUT_NOISE), int(Stream.INPUT_ROUNDING)
LEAVING = int(Stream.OUTPUT_NOISE), int(Stream.OUTPUT_ROUNDING)
#: What is done for some vectors, and some lines, before or after their product.
Stage = Callable[..., Any]


class Drawn(NamedTuple):
    """What is drawn for every number, and whether there are few numbers for a vector."""

    normals: bool
    uniforms: bool
    short: bool


class Readout(NamedTuple):
    """How some vectors are read.

    Parameters
    ----------
    kernel : Kernel
        Its arguments: vectors, their divisors, and which vectors; matrices for what drives the lines and what is drawn
        for it, and for currents and what is drawn for them; the address of what is drawn; the matrix, the blocks;
        strength of the compression and of the noise, output by output; the result, and the marks of vectors that
        exceeded; whether divisors are to be found, by how much more to divide, and the gain after the compression; its
        numbers.
    numbers : tuple
        Its last arguments.
    cut : Blocks
        What a place of its grid is.
    each : int
        How many numbers are looked at there.
    entering, leaving : tuple of int
        Extents of those matrices.
    whole : bool
        Whether blocks have whole vectors, and make what drives the lines; elsewhere it has to be there.
    """

    kernel: Kernel
    numbers: tuple[Any, ...]
    cut: Blocks
    each: int
    entering: tuple[int, int, int]
    leaving: tuple[int, int, int]
    whole: bool


def readout(chain: Chain, vectors: int, lines: int, inputs: int, *, turned: bool) -> Readout:
    """What a product does with nothing between the array and the converters, for the CPU.

    Parameters
    ----------
    chain : Chain
        Its stages.
    vectors, lines, inputs : int
        Extents of the product.
    turned : bool
        Whether the matrix has its lines side by side in memory.
    """
    return _planned(chain, vectors, lines, inputs, turned, thread_count())


@lru_cache(maxsize=1024)
def _planned(chain: Chain, vectors: int, lines: int, inputs: int, turned: bool, threads: int) -> Readout:
    del threads  # a key of the cache
    cut, along_lines = blocks(vectors, lines, inputs, turned=turned)
    whole = cut.across == 1 and not along_lines
    first, second, last = chain.scaling, chain.inputs, chain.outputs
    before = (first.kernel, second.kernel, _drawn(second, inputs)) if whole else None
    kernel = _kernel(before, (last.kernel, _drawn(last, lines)), along_lines)
    numbers, each = (first.numbers, second.numbers, last.numbers), work(cut, vectors * lines * inputs)
    entering = 1 + second.noisy + second.stochastic if whole else 1, vectors, inputs
    leaving = 1 + last.noisy + last.stochastic, vectors, lines
    return Readout(kernel, numbers, cut, each, entering, leaving, whole)


def _drawn(side: Side, width: int) -> Drawn:
    return Drawn(side.noisy, side.stochastic, (side.noisy or side.stochastic) and is_short(width))


@lru_cache
def _kernel(before: tuple[Kernel, Kernel, Drawn] | None, behind: tuple[Kernel, Drawn], along_lines: bool) -> Kernel:
    def body(block: Block, apart: bool) -> Callable[..., None]:
        drive = _driven if before is None else _driving(*before[:2], _drawing(before[2], ENTERING, apart))
        return _body(drive, block, _leaving(behind[0], _drawing(behind[1], LEAVING, apart)), along_lines)

    return Kernel(body(by_lines if along_lines else by_vectors, False), per="row", cuda=body(one_by_one, True))


def _body(drive: Stage, block: Block, leave: Stage, along_lines: bool) -> Callable[..., None]:
    def body(
        row: int,
        first: int,  # noqa: ARG001
        last: int,  # noqa: ARG001
        x: Any,
        scale: Any,
        vectors: Any,
        entering: Any,
        leaving: Any,
        address: Any,
        weights: Any,
        cut: Any,
        compression: Any,
        deviation: Any,
        result: Any,
        exceeded: Any,
        finds: bool,
        reduction: np.float32,
        gain: np.float32,
        finding: Any,
        driving: Any,
        converting: Any,
    ) -> None:
        begin, end, start, stop = part(row, cut, leaving.shape[1], leaving.shape[2], along_lines)
        drive(begin, end, x, scale, vectors, entering, address, finds, reduction, finding, driving)
        block(entering[0], weights, leaving[0], begin, end, start, stop, cut[0])
        told = compression, deviation, scale, vectors, result, exceeded, gain, reduction, *converting
        leave(begin, end, start, stop, leaving, vectors, address, told)

    return body


def _driven(*_: Any) -> None:
    """What drives the lines is there."""


def _driving(scaling: Kernel, inputs: Kernel, draw: Stage) -> Stage:
    find_divisor, drive = scaling.body, inputs.body

    def drives(
        begin: int,
        end: int,
        x: Any,
        scale: Any,
        vectors: Any,
        planes: Any,
        address: Any,
        finds: bool,
        reduction: np.float32,
        finding: Any,
        driving: Any,
    ) -> None:
        width = x.shape[1]
        normals, uniforms = draw(begin, end, 0, width, planes, vectors, address)
        for row in range(begin, end):
            if finds:
                find_divisor(row, 0, width, x, scale, vectors, *finding)
            drive(row, 0, width, x, scale, vectors, normals, uniforms, planes[0], reduction, *driving)

    return drives


def _leaving(outputs: Kernel, draw: Stage) -> Stage:
    convert = outputs.body

    def leaves(begin: int, end: int, start: int, stop: int, planes: Any, vectors: Any, address: Any, told: Any) -> None:
        normals, uniforms = draw(begin, end, start, stop, planes, vectors, address)
        for row in range(begin, end):
            convert(row, start, stop, planes[0], normals, uniforms, *told)

    return leaves


def _drawing(drawn: Drawn, streams: tuple[int, int], apart: bool) -> Stage:
    """``draw(begin, end, start, stop, planes, vectors, address)``, for some vectors and lines: two of the planes."""
    normal, uniform = int(drawn.normals), drawn.normals + 1 if drawn.uniforms else 0
    noise, rounding = streams
    draw = _filling(NORMAL, drawn.short and not apart) if drawn.normals else _nothing
    choose = _filling(UNIFORM, drawn.short and not apart) if drawn.uniforms else _nothing

    def draws(begin: int, end: int, start: int, stop: int, planes: Any, vectors: Any, address: Any) -> Any:
        number, step, stream, seed, tile = address
        draw(begin, end, start, stop, planes[normal], vectors, (number, step, stream + noise, seed, tile))
        choose(begin, end, start, stop, planes[uniform], vectors, (number, step, stream + rounding, seed, tile))
        return planes[normal], planes[uniform]

    return draws


def _filling(filling: Filling, short: bool) -> Stage:
    along_vectors, along_lines = filling.short.body, filling.long.body

    def all_lines(begin: int, end: int, start: int, stop: int, out: Any, vectors: Any, address: Any) -> None:  # noqa: ARG001
        for first in range(begin, end, BLOCK):
            along_vectors(0, first, min(first + BLOCK, end), out, vectors, address)

    def line_by_line(begin: int, end: int, start: int, stop: int, out: Any, vectors: Any, address: Any) -> None:
        for row in range(begin, end):
            along_lines(row, start // 4, (stop + 3) // 4, out, vectors, address)

    return all_lines if short else line_by_line


def _nothing(*_: Any) -> None:
    """Where nothing is drawn."""
