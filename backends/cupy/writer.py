"""The parts that all kernels have: the function of one element, the arguments, positions, and reads."""

from __future__ import annotations

from collections.abc import Sequence

from backends.cupy.traversal import Traversal
from tensorlayer.codegen import CPP, Loop

__all__ = ["KERNEL", "Writer", "indented", "repeated", "signature"]

#: Name of the function that a text defines.
KERNEL = "kernel"
#: From here on signatures are broken into lines.
_WIDEST = 120


class Writer:
    """Writes the text of one kernel.

    Operand ``i`` is called ``x{i}``, what is read of it ``v{i}`` (``p{i}`` if it is a vector). Along merged axis
    ``a`` the extent is ``n{a}``, a position ``i{a}``, and a step of operand ``i`` ``s{i}_{a}``.

    Parameters
    ----------
    loop : Loop
        What is computed.
    plan : Traversal
        How it is visited.
    tag : str
        What tells its functions, extents and steps from those of other loops in the same kernel.
    arrays : sequence of str, optional
        What the operands are called instead.
    """

    def __init__(self, loop: Loop, plan: Traversal, tag: str = "", arrays: Sequence[str] = ()) -> None:
        self.loop = loop
        self.tag = tag
        self.arrays = arrays or [f"x{i}" for i in range(len(loop.dtypes))]
        self.plan = plan
        self.axes = range(len(plan.extents))
        self.type = CPP.types[loop.dtype.name]
        self.types = [CPP.types[dtype.name] for dtype in loop.dtypes]
        read = (*(operand for one in loop.statements for operand in one.operands), loop.result)
        self.used = sorted({operand.value for operand in read if operand.kind == "x"})

    def element(self) -> list[str]:
        """The function that computes one element."""
        arguments = ", ".join(f"const {self.types[i]} v{i}" for i in self.used)
        names = [f"v{i}" for i in range(len(self.types))]
        lines = [CPP.line(i, statement, names) for i, statement in enumerate(self.loop.statements)]
        lines.append(f"return {CPP.operand(self.loop.result, names)};")
        return [f"FUNCTION {self.type} element{self.tag}({arguments})", "{", *indented(lines), "}"]

    def signature(self, counts: Sequence[str]) -> list[str]:
        """The kernel's name and arguments; `counts` are the names of those that its kind has."""
        pointers = [f"const {kind}* __restrict__ {name}" for name, kind in zip(self.arrays, self.types, strict=True)]
        sizes = [f"const index_t {name}" for name in (*counts, *self.sizes())]
        return signature([*pointers, f"{self.type}* __restrict__ out", *sizes], self.plan.block.threads)

    def sizes(self) -> list[str]:
        """Names of the extents, and of the steps that are neither 0 nor 1."""
        steps = [(i, a) for i, one in enumerate(self.plan.strides) for a in self.axes if one[a] not in (0, 1)]
        return [*(f"n{self.tag}{axis}" for axis in self.axes), *(f"s{self.tag}{i}_{a}" for i, a in steps)]

    def unravelled(self, number: str, axes: Sequence[int]) -> list[str]:
        """Positions along `axes` of the element with that row-major number."""
        if not axes:
            return []
        lines = [] if len(axes) == 1 else [f"index_t rest = {number};"]
        for axis in reversed(axes[1:]):
            lines += [f"const index_t i{axis} = rest % n{self.tag}{axis};", f"rest /= n{self.tag}{axis};"]
        return [*lines, f"const index_t i{axes[0]} = {'rest' if lines else number};"]

    def ravelled(self, axes: Sequence[int]) -> str:
        """The row-major number of an element among those along `axes`."""
        text = ""
        for axis in axes:
            outer = f"({text})" if " " in text else text
            text = f"{outer} * n{self.tag}{axis} + i{axis}" if text else f"i{axis}"
        return text or "0"

    def offset(self, number: int) -> str:
        """Where the element of an operand lies."""
        steps = []
        for axis, step in enumerate(self.plan.strides[number]):
            if step == 1 and axis == self.axes[-1] and self.plan.width > 1:
                steps.append(f"i{axis} * {self.plan.width}")
            elif step:
                steps.append(f"i{axis}" if step == 1 else f"i{axis} * s{self.tag}{number}_{axis}")
        return " + ".join(steps) or "0"

    def is_vector(self, number: int) -> bool:
        """Whether several elements of the operand are read at once."""
        return self.plan.width > 1 and bool(self.plan.strides[number][-1])

    def loads(self, operands: Sequence[int]) -> list[str]:
        """Declarations of what is read of `operands`."""
        return [self._load(i) for i in operands]

    def _load(self, i: int) -> str:
        if not self.is_vector(i):
            return f"const {self.types[i]} v{i} = {self.arrays[i]}[{self.offset(i)}];"
        kind = f"pack<{self.types[i]}, {self.plan.width}>"
        return f"const {kind} p{i} = *reinterpret_cast<const {kind}*>({self.arrays[i]} + {self.offset(i)});"

    def value(self) -> str:
        """A call of the function of one element."""
        return f"element{self.tag}({', '.join(f'p{i}.at[w]' if self.is_vector(i) else f'v{i}' for i in self.used)})"

    def for_each_of_a_vector(self, line: str) -> list[str]:
        """One line, in which ``w`` is the place in the vector."""
        if self.plan.width == 1:
            return [line]
        return ["#pragma unroll", *repeated(f"int w = 0; w < {self.plan.width}; ++w", [line])]


def signature(arguments: Sequence[str], threads: int) -> list[str]:
    """The head of a kernel."""
    return _wrapped(f'extern "C" __global__ void __launch_bounds__({threads}) {KERNEL}(', arguments)


def repeated(header: str, lines: Sequence[str]) -> list[str]:
    """A loop."""
    return [f"for ({header}) {{", *indented(lines), "}"]


def indented(lines: Sequence[str]) -> list[str]:
    """The lines, one level deeper."""
    return [line if line.startswith("#") else f"    {line}" for line in lines]


def _wrapped(head: str, arguments: Sequence[str]) -> list[str]:
    lines, line = [], head
    for argument in arguments:
        if len(line) + len(argument) >= _WIDEST:
            lines.append(line.rstrip())
            line = "    "
        line += f"{argument}, "
    return [*lines, f"{line.removesuffix(', ')})"]
