"""A large elementwise loop as one generated function: tile by tile, in buffers that stay in the cache."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from backends.numpy.fold import Partials, fold_axes
from backends.numpy.instructions import Instruction, Operand
from backends.numpy.loop import Loop
from backends.numpy.source import Names, compile_function, writing_lines
from tensorlayer.graph import DType

__all__ = ["Folding", "tiled_function"]

#: Which axes of the loop an array has; along the others it is broadcast.
Mask = tuple[bool, ...]


class Folding(NamedTuple):
    """A reduction of the loop: its kind, the merged axes it folds, and the element type of its result."""

    kind: str
    axes: tuple[int, ...]
    dtype: DType


class _Value(NamedTuple):
    """What an instruction reads or writes: names of its tile and of the whole array, axes, element type."""

    tile: str
    whole: str
    mask: Mask
    dtype: DType


class _Generator:
    """Collects the lines before the loop and in it, and the buffers they need."""

    def __init__(self, loop: Loop, inputs: Sequence[tuple[Mask, DType]]) -> None:
        self.loop = loop
        self.names = Names()
        self.cut = tuple(step < extent for step, extent in zip(loop.tile, loop.extents, strict=True))
        self.inputs = [_Value(f"x{i}", f"X{i}", *one) for i, one in enumerate(inputs)]
        self.results: list[_Value] = []
        self.buffers: list[_Value] = []
        self.idle: list[_Value] = []
        self.before: list[str] = []
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
    inputs: Sequence[tuple[Mask, DType]],
    loop: Loop,
    folding: Folding | None = None,
) -> Callable[..., Any]:
    """Generate ``run(*inputs, out)``, which fills `out` with the values of the last instruction.

    Parameters
    ----------
    instructions : sequence of Instruction
        What to compute at every element; the last one has all axes of the loop.
    inputs : sequence of (Mask, dtype)
        Axes and element type of every input; the arrays have extent one along the others.
    loop : Loop
        The loop; the arrays are views along its merged axes.
    folding : Folding, optional
        Reduce the values; `out` then has extent one along the folded axes.
    """
    generator = _Generator(loop, inputs)
    everything = tuple(range(len(loop.extents)))
    if folding is None:
        generator.run(instructions, len(instructions) - 1)
        inside = [f"out = OUT[{generator.index((True,) * len(everything))}]"]
        inside += generator.views() + generator.inside + generator.write(instructions[-1], "out")
        lines = generator.before + generator.nest(everything, 0, inside)
    else:
        lines = _folding_lines(generator, instructions, folding, everything)
    values = generator.names.values
    return compile_function("run", [*(value.whole for value in generator.inputs), "OUT"], lines, values)


def _folding_lines(
    generator: _Generator, instructions: Sequence[Instruction], folding: Folding, everything: tuple[int, ...]
) -> list[str]:
    generator.run(instructions, len(instructions) - 1)
    part = _dot(generator, instructions[-1], folding)
    if part is None:
        generator.run(instructions, len(instructions))
        generator.names.values |= {"fold": fold_axes, "dtype": folding.dtype}
        part = f"fold({folding.kind!r}, {generator.results[-1].tile}, {folding.axes}, dtype)"
    generator.names.values["Partials"] = Partials
    kept = [axis for axis in everything if axis not in folding.axes]
    inner = generator.nest(folding.axes, 0, [*generator.views(), *generator.inside, f"partials.add({part})"])
    shape = ", ".join(f"n{axis}" if axis in kept else "1" for axis in everything)
    target = f"OUT[{generator.index(tuple(axis in kept for axis in everything))}]"
    store = f"{target} = {generator.names.function('reshape')}(partials.total(), ({shape},))"
    return generator.before + generator.nest(kept, 0, [f"partials = Partials({folding.kind!r})", *inner, store])


def _dot(generator: _Generator, last: Instruction, folding: Folding) -> str | None:
    """The sum of the last product by BLAS: double precision, one contiguous axis."""
    if last.name != "multiply" or folding.kind != "sum" or folding.axes != (0,) or len(generator.cut) != 1:
        return None
    values = [generator.value(operand) for operand in last.operands]
    if last.dtype not in (np.float64, np.complex128) or any(v[2:] != ((True,), last.dtype) for v in values):
        return None
    return f"{generator.names.function('dot')}({', '.join(value.tile for value in values)})"
