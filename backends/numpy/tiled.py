"""A large elementwise loop as one generated function: tile by tile, in buffers that stay in the cache."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from backends.numpy.fold import FOLDS, Partials, dot
from backends.numpy.instructions import Instruction, Operand
from backends.numpy.loop import Loop
from backends.numpy.source import Names, compile_function, writing_lines
from tensorlayer.graph import DType

__all__ = ["Folding", "TiledArray", "tiled_function"]

#: Which axes of the loop an array has; along the others it is broadcast.
Mask = tuple[bool, ...]


class TiledArray(NamedTuple):
    """An input: text that makes it a view along the merged axes, which of them it has, its element type."""

    view: str
    mask: Mask
    dtype: DType


class Folding(NamedTuple):
    """A reduction of the loop: its kind, the merged axes it folds, and a factor of the result."""

    kind: str
    axes: tuple[int, ...]
    scale: float


class _Value(NamedTuple):
    """What an instruction reads or writes: names of its tile and of the whole array, axes, element type."""

    tile: str
    whole: str
    mask: Mask
    dtype: DType


class _Generator:
    """Collects the lines before the loop and in it, and the buffers they need."""

    def __init__(self, loop: Loop, inputs: Sequence[TiledArray]) -> None:
        self.loop = loop
        self.names = Names()
        self.cut = tuple(step < extent for step, extent in zip(loop.tile, loop.extents, strict=True))
        self.inputs = [_Value(f"x{i}", f"X{i}", one.mask, one.dtype) for i, one in enumerate(inputs)]
        self.results: list[_Value] = []
        self.buffers: list[_Value] = []
        self.idle: list[_Value] = []
        self.before = [f"X{i} = {one.view}" for i, one in enumerate(inputs)]
        self.inside: list[str] = []

    def value(self, operand: Operand) -> _Value:
        if operand.kind == "c":
            name = self.names.constant(operand.value)
            return _Value(name, name, (False,) * len(self.cut), np.result_type(operand.value))
        known = self.inputs if operand.kind == "x" else self.results
        value: _Value = known[operand.value]
        return value

    def mask(self, instruction: Instruction) -> Mask:
        return tuple(map(any, zip(*(self.value(o).mask for o in instruction.operands), strict=True)))

    def is_repeated(self, mask: Mask) -> bool:
        """Whether tiles along an axis that the mask lacks would do the same again."""
        return any(cut and not own for cut, own in zip(self.cut, mask, strict=True))

    def write(self, instruction: Instruction, target: str, *, whole: bool = False) -> list[str]:
        values = [self.value(operand) for operand in instruction.operands]
        texts = [value.whole if whole else value.tile for value in values]
        return writing_lines(instruction, texts, target, self.names, real_operand=values[0].dtype.kind != "c")

    def hoist(self, instruction: Instruction, mask: Mask) -> _Value:
        """Compute before the loop."""
        number = len(self.results)
        shape = tuple(n if own else 1 for n, own in zip(self.loop.extents, mask, strict=True))
        self.before.append(f"H{number} = {self.names.function('empty')}({shape}, '{instruction.dtype.name}')")
        self.before += self.write(instruction, f"H{number}", whole=True)
        return _Value(f"h{number}", f"H{number}", mask, instruction.dtype)

    def compute(self, instruction: Instruction, mask: Mask, dying: Sequence[_Value]) -> _Value:
        """Compute inside the loop; the buffers of `dying` are not read later."""
        # `where` writes its target before it has read all operands, so none of them may be the target.
        in_place = instruction.name != "where"
        if in_place:
            self.idle += dying
        target = self.take(mask, instruction.dtype)
        if not in_place:
            self.idle += dying
        self.inside += self.write(instruction, target.tile)
        return target

    def take(self, mask: Mask, dtype: DType) -> _Value:
        """A buffer of these axes and this type: one that is idle, or a new one."""
        for buffer in self.idle:
            if buffer[2:] == (mask, dtype):
                self.idle.remove(buffer)
                return buffer
        number = len(self.buffers)
        self.buffers.append(_Value(f"b{number}", f"B{number}", mask, dtype))
        room = math.prod(n for n, own in zip(self.loop.tile, mask, strict=True) if own)
        self.before.append(f"B{number} = {self.names.function('empty')}({room}, '{dtype.name}')")
        return self.buffers[-1]

    def run(self, instructions: Sequence[Instruction], count: int) -> None:
        """Generate the first `count` of the instructions; the value of each is in `results`."""
        left = Counter(o.value for one in instructions for o in one.operands if o.kind == "t")
        for instruction in instructions[len(self.results) : count]:
            read = {o.value for o in instruction.operands if o.kind == "t"}
            left.subtract(o.value for o in instruction.operands if o.kind == "t")
            dying = [self.results[i] for i in read if not left[i] and self.results[i] in self.buffers]
            mask = self.mask(instruction)
            made = self.hoist(instruction, mask) if self.is_repeated(mask) else self.compute(instruction, mask, dying)
            self.results.append(made)

    # -- the loop around the lines -------------------------------------------------------------------------

    def views(self) -> list[str]:
        """Lines at the start of a tile: the parts of all arrays and buffers that belong to it."""
        arrays = (*self.inputs, *(value for value in self.results if value.whole[0] == "H"))
        lines = [f"{array.tile} = {array.whole}[{self.index(array.mask)}]" for array in arrays]
        for buffer in self.buffers:
            extents = [f"n{axis}" if own else "1" for axis, own in enumerate(buffer.mask)]
            sizes = "*".join(n for n in extents if n != "1") or "1"
            shaped = f".reshape({', '.join(extents)})" if len(extents) > 1 else ""
            lines.append(f"{buffer.tile} = {buffer.whole}[:{sizes}]{shaped}")
        return lines

    def index(self, mask: Mask) -> str:
        return ", ".join(f"s{axis}" if own else ":" for axis, own in enumerate(mask)) or "()"

    def nest(self, axes: Sequence[int], depth: int, inner: Sequence[str]) -> list[str]:
        """Loops over the tiles along `axes` around `inner`."""
        if not axes:
            return ["    " * depth + line for line in inner]
        axis, *rest = axes
        extent, step, pad = self.loop.extents[axis], self.loop.tile[axis], "    " * depth
        lines = [
            f"{pad}for i{axis} in range(0, {extent}, {step}):",
            f"{pad}    n{axis} = {step if extent % step == 0 else f'min({step}, {extent} - i{axis})'}",
            f"{pad}    s{axis} = slice(i{axis}, i{axis} + n{axis})",
        ]
        return lines + self.nest(rest, depth + 1, inner)


def tiled_function(
    instructions: Sequence[Instruction],
    inputs: Sequence[TiledArray],
    loop: Loop,
    dtype: DType,
    result: str,
    folding: Folding | None = None,
) -> Callable[..., Any]:
    """Generate a function of the inputs that computes the last instruction at every element.

    Parameters
    ----------
    instructions : sequence of Instruction
        What to compute.
    inputs : sequence of TiledArray
        The inputs.
    loop : Loop
        The loop.
    dtype : dtype
        Element type of the result.
    result : str
        Text that is appended to the result along the merged axes (those that are kept) to give it its shape.
    folding : Folding, optional
        Reduce the values.
    """
    generator = _Generator(loop, inputs)
    generator.run(instructions, len(instructions) - 1)
    everywhere = tuple(range(len(loop.extents)))
    kept = tuple(axis for axis in everywhere if folding is None or axis not in folding.axes)
    if folding is None:
        inside = [f"out = OUT[{generator.index((True,) * len(everywhere))}]", *generator.views(), *generator.inside]
        loops = generator.nest(kept, 0, inside + generator.write(instructions[-1], "out"))
    else:
        folded = _folded(generator, instructions, dtype, folding)
        target = ", ".join(f"s{axis}" for axis in kept) or "()"
        loops = generator.nest(kept, 0, [*folded, f"OUT[{target}] = {_total(folding, loop)}"])
    shape = tuple(loop.extents[axis] for axis in kept)
    made = f"OUT = {generator.names.function('empty')}({shape}, '{dtype.name}')"
    lines = [*generator.before, made, *loops, f"return OUT{result}{'' if kept else '[()]'}"]
    return compile_function("run", [value.tile for value in generator.inputs], lines, generator.names.values)


def _folded(generator: _Generator, instructions: Sequence[Instruction], dtype: DType, folding: Folding) -> list[str]:
    """Lines that leave the folded values of the tiles in `part`, or in `partials` if there are several."""
    value = _dot(generator, instructions[-1], folding)
    if value is None:
        generator.run(instructions, len(instructions))
        fold = FOLDS[folding.kind]
        generator.names.values |= {"fold": fold.ufunc.reduce, "dtype": dtype if fold.typed else None}
        value = f"fold({generator.results[-1].tile}, {folding.axes}, dtype)"
    inside = [*generator.views(), *generator.inside]
    if _in_one_tile(folding, generator.loop):
        return generator.nest(folding.axes, 0, [*inside, f"part = {value}"])
    generator.names.values["Partials"] = Partials
    return [
        f"partials = Partials({folding.kind!r})",
        *generator.nest(folding.axes, 0, [*inside, f"partials.add({value})"]),
    ]


def _in_one_tile(folding: Folding, loop: Loop) -> bool:
    return all(loop.tile[axis] >= loop.extents[axis] for axis in folding.axes)


def _total(folding: Folding, loop: Loop) -> str:
    total = "part" if _in_one_tile(folding, loop) else "partials.total()"
    return total if folding.scale == 1.0 else f"{total} * {folding.scale!r}"


def _dot(generator: _Generator, last: Instruction, folding: Folding) -> str | None:
    """The sum of the last product by BLAS: double precision, one axis."""
    if last.name != "multiply" or folding.kind != "sum" or folding.axes != (0,) or len(generator.cut) != 1:
        return None
    values = [generator.value(operand) for operand in last.operands]
    if any(value.mask != (True,) or value.dtype != np.float64 for value in values):
        return None
    generator.names.values["dot"] = dot
    return f"dot({', '.join(value.tile for value in values)})"
