"""The Python text of a kernel: loops over tiles, loops within a tile, statements as far out as they can be."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backends.numba.fold import combined, neutral
from backends.numba.memory import LINE
from backends.numba.near import is_near, may_give_up
from backends.numba.streamed import ahead_length, part_length
from tensorlayer.codegen import GATHERED, PYTHON, Loop, Nest, Statement
from tensorlayer.graph import DType

__all__ = ["joining_source", "kernel_source"]

_HEADER = """\
from math import inf, nan

import numpy as np
from numpy import {types}

from backends.numba.functions import *

"""
_TYPES = ", ".join(sorted(set(PYTHON.types.values()) - {"bool", "float16"}))
_INDENT = "    "
#: Elements from one row of what is gathered to the next: no power of two, by which they would fall on the same places
#: of the cache.
PITCH = GATHERED + 16
#: Rows that are taken into the totals of their columns at a time.
ROWS = 4


def kernel_source(
    loop: Loop, nest: Nest, fetched: Sequence[int] = (), *, streams: bool = False, ahead: bool = False
) -> str:
    """The module that defines ``kernel(first, last, places)``, which runs some of the tiles.

    Addresses and sizes are all it is given, so that one compiled kernel serves every extent. `places` holds the
    addresses of `sizes`, of the operands and of the result. `sizes` holds the extents, tiles and numbers of tiles
    along the merged axes, then the strides that are neither 0 nor 1, as the nest's strides list them. A kernel that
    may give up has one more place: it stores 1 there if its results are not to be used. Of the operands in `fetched`
    it asks the memory for the same elements of the next tile along the outermost axis. One that `streams` stores its
    result past the caches; a fold that asks `ahead` does so for the elements that come next.
    """
    writer = _Writer(loop, nest, fetched, streams=streams, ahead=ahead)
    return _HEADER.format(types=_TYPES) + "\n".join(writer.lines()) + "\n"


#: Joins partial results pairwise, in place: the places have their address, the arguments say how many parts there are,
#: and of how many elements each.
_JOINING = """\
def kernel(parts, size, places):
    out = pointer(places[0], {stored})
    while parts > 1:
        half = parts // 2
        start = (parts - half) * size
        for i in range(half * size):
            total, value = {total}, {value}
            out[i] = {joined}
        parts -= half
"""


def joining_source(kind: str, dtype: DType) -> str:
    """The module that defines ``kernel(parts, size, places)``, which folds partial results into the first of them."""
    total, value = (_loaded(f"out[{place}]", dtype) for place in ("i", "start + i"))
    joined = _written(combined(kind, "total", "value", dtype), dtype)
    text = _JOINING.format(stored=_stored(dtype), total=total, value=value, joined=joined)
    return _HEADER.format(types=_TYPES) + text


class _Writer:
    def __init__(self, loop: Loop, nest: Nest, fetched: Sequence[int], *, streams: bool, ahead: bool) -> None:
        self.loop = loop
        self.nest = nest
        self.fetched = fetched
        self.streams = streams
        self.ahead = ahead
        self.axes = tuple(range(len(nest.extents)))
        read = (*(operand for one in loop.statements for operand in one.operands), loop.result)
        self.used = sorted({operand.value for operand in read if operand.kind == "x"})
        self.depths: list[int] = []
        for statement in loop.statements:
            self.depths.append(self.statement_depth(statement))

    def lines(self) -> list[str]:
        far = may_give_up(self.loop)
        inside = [*self.tile_bounds(), *self.tile()]
        start = [*self.arguments(), *self.unpacking(), *(["beyond = False"] if far else []), *self.known(0)]
        end = ["if beyond:", *_indented(["far[0] = 1"])] if far else []
        start += [
            f"near{number} = row_of({_stored(self.loop.dtypes[number])}, {GATHERED * PITCH})"
            for number in self.nest.gathered
        ]
        if self.streams:
            start.append(f"row = row_of({_stored(self.loop.dtype)}, {self.row()})")
            end.append("drain()")
        body = [*start, "for task in range(first, last):", *_indented(inside), *end]
        return ["def kernel(first, last, places):", *_indented(body)]

    def arguments(self) -> list[str]:
        loop = self.loop
        named = [("sizes", "int64"), *((f"x{i}", _stored(dtype)) for i, dtype in enumerate(loop.dtypes))]
        named += [("out", _stored(loop.dtype)), *([("far", "int64")] if may_give_up(loop) else [])]
        return [f"{name} = pointer(places[{place}], {kind})" for place, (name, kind) in enumerate(named)]

    # -- sizes and bounds ----------------------------------------------------------------------------------

    def unpacking(self) -> list[str]:
        names = [f"{letter}{axis}" for letter in "nmc" for axis in self.axes]
        names += [
            f"s{i}_{axis}" for i, one in enumerate(self.nest.strides) for axis in self.axes if one[axis] not in (0, 1)
        ]
        return [f"{name} = sizes[{place}]" for place, name in enumerate(names)]

    def tile_bounds(self) -> list[str]:
        """Where the tile of a task begins and ends along every axis."""
        lines = ["rest = task"] if len(self.axes) > 1 else []
        for axis in reversed(self.axes):
            if axis == 0:
                lines.append(f"q0 = {'rest' if lines else 'task'}")
            else:
                lines += [f"q{axis} = rest % c{axis}", f"rest = rest // c{axis}"]
        for axis in self.axes:
            lines += [f"a{axis} = q{axis} * m{axis}", f"b{axis} = min(a{axis} + m{axis}, n{axis})"]
        return lines

    def position(self, letters: str, axes: Sequence[int], extents: str) -> str:
        """Row-major number of an element (or of a tile) among those along `axes`."""
        text = ""
        for axis in axes:
            own = f"{letters}{axis}"
            text = own if not text else f"({text}) * {extents}{axis} + {own}"
        return text or "0"

    def target(self) -> str:
        """Where the result of an element goes: the partial results of one tile lie together."""
        kept = self.nest.kept
        place = self.position("i", kept, "n")
        inside = [axis for axis in self.axes if self.nest.folded[axis]]
        if not inside:
            return place
        size = " * ".join(f"n{axis}" for axis in kept) or "1"
        return f"({self.position('q', inside, 'c')}) * ({size}) + {place}"

    # -- loops ---------------------------------------------------------------------------------------------

    def tile(self) -> list[str]:
        if self.loop.kind:
            return self.folding()
        return [*self.gathering(), *(self.in_parts() if self.streams or self.fetched else self.storing())]

    def gathering(self) -> list[str]:
        """Loops that copy what this tile has of some operands, in the order in which that lies in memory."""
        lines = []
        for number, crossed in self.nest.gathered.items():
            last, strides = len(self.axes) - 1, self.nest.strides[number]
            inner = [f"near{number}[{self.near(number)}] = x{number}[{self.offset(number)}]"]
            around = [axis for axis in reversed(self.axes[:-1]) if axis != crossed and strides[axis]]
            for axis in (crossed, last, *around):
                inner = [f"for i{axis} in range(a{axis}, b{axis}):", *_indented(inner)]
            lines += inner
        return lines

    def near(self, number: int) -> str:
        """Where an element of an operand is in its copy."""
        last, crossed = len(self.axes) - 1, self.nest.gathered[number]
        return f"(i{crossed} - a{crossed}) * {PITCH} + i{last} - a{last}"

    def storing(self) -> list[str]:
        return self.nested(0, len(self.axes), [self.stored(self.target(), self.value())])

    def in_parts(self) -> list[str]:
        """As `storing`, but of every row part after part: what is read later is fetched before, what is made stored."""
        last, size = len(self.axes) - 1, self.row()
        known, store = self.known(last + 1), self.stored(self.target(), self.value())
        row = self.stored(f"i{last} - r{last}", self.value(), "row")
        start = [f"i{last} = r{last}", f"place = {self.target()}"] if self.streams else []
        part = [
            *self.fetching(last, size),
            *start,
            f"for i{last} in range(r{last}, r{last} + {size}):",
            *_indented([*known, row if self.streams else store]),
            *([f"stream(out, place, row, {size})"] if self.streams else []),
        ]
        return self.nested(0, last, self.cut(last, size, part, [*known, store]))

    def cut(self, axis: int, size: int, part: list[str], single: list[str]) -> list[str]:
        """Loops along an axis: over parts of so many elements, then over single ones that are left."""
        return [
            f"whole = b{axis} - (b{axis} - a{axis}) % {size}",
            f"for r{axis} in range(a{axis}, whole, {size}):",
            *_indented(part),
            f"for i{axis} in range(whole, b{axis}):",
            *_indented(single),
        ]

    def row(self) -> int:
        """Elements that are computed before they are stored past the caches, or others are fetched."""
        return part_length(self.loop.dtype, fetches=bool(self.fetched))

    def fetching(self, last: int, size: int) -> list[str]:
        """Loops over the lines of memory that this part of the next tile along the outermost axis will read."""
        lines = []
        for number in self.fetched:
            strides, step = self.nest.strides[number], max(LINE // self.loop.dtypes[number].itemsize, 1)
            if last and strides[0] and strides[last] == 1:
                place = re.sub(r"\bi0\b", "(i0 + m0)", self.offset(number))
                fetch = f"fetch(x{number}, {place})"
                lines += [f"for i{last} in range(r{last}, r{last} + {size}, {step}):", *_indented([fetch])]
        return lines

    def folding(self) -> list[str]:
        loop, depth = self.loop, len(self.axes)
        start = neutral(loop.kind, loop.dtype)
        if not self.nest.side_by_side:
            take = [f"total = {self.taken('total')}"]
            inner = self.asking_ahead(take) if self.ahead else self.nested(len(self.nest.kept), depth, take)
            return self.nested(
                0, len(self.nest.kept), [f"total = {start}", *inner, self.stored(self.target(), "total")]
            )
        last, around = depth - 1, len(self.nest.kept) - 1
        clear = [f"for i{last} in range(a{last}, b{last}):", *_indented([self.stored(self.target(), start)])]
        return self.nested(0, around, [*clear, *self.nested(around, depth - 2, self.rows(depth - 2, last))])

    def asking_ahead(self, take: list[str]) -> list[str]:
        """Elements along the only axis taken in, part after part: before each the lines of the next are fetched."""
        size, take = ahead_length(self.loop), [*self.known(1), *take]
        part = []
        for number in self.used:
            step = max(LINE // self.loop.dtypes[number].itemsize, 1)
            part += [f"for i0 in range(r0 + {size}, r0 + {2 * size}, {step}):", *_indented([f"fetch(x{number}, i0)"])]
        return self.cut(0, size, [*part, f"for i0 in range(r0, r0 + {size}):", *_indented(take)], take)

    def rows(self, row: int, column: int) -> list[str]:
        """Rows taken into the totals of all columns: several at a time, so that totals are moved less often."""
        depth = column + 1
        load = [f"place = {self.target()}", f"total = {_loaded('out[place]', self.loop.dtype)}"]
        take, store = f"total = {self.taken('total')}", self.stored("place", "total")
        several = [f"for i{row} in range(r{row}, r{row} + {ROWS}):"]
        several += _indented([*self.known(depth - 1), *self.known(depth), take])
        part = [f"for i{column} in range(a{column}, b{column}):", *_indented([*load, *several, store])]
        single = [*self.known(depth - 1), *self.nested(column, depth, [*load, take, store])]
        return self.cut(row, ROWS, part, single)

    def nested(self, first: int, stop: int, inner: list[str]) -> list[str]:
        """Loops along the axes from `first` to `stop` around `inner`, with what each loop is the first to know."""
        if first == stop:
            return inner
        body = [*self.known(first + 1), *self.nested(first + 1, stop, inner)]
        return [f"for i{first} in range(a{first}, b{first}):", *_indented(body)]

    # -- statements ----------------------------------------------------------------------------------------

    def known(self, depth: int) -> list[str]:
        """Loads and statements that need exactly the `depth` outermost axes."""
        names = [f"v{i}" for i in range(len(self.loop.dtypes))]
        loads = [
            f"v{i} = {_loaded(self.element(i), self.loop.dtypes[i])}" for i in self.used if self.input_depth(i) == depth
        ]
        lines = []
        for i, statement in enumerate(self.loop.statements):
            if self.depths[i] == depth:
                lines.append(PYTHON.line(i, statement, names))
                if is_near(statement):
                    size = f"abs({PYTHON.operand(statement.operands[0], names)})"
                    lines.append(f"beyond |= ({size} > FARTHEST) & ({size} < inf)")
        return [*loads, *lines]

    def input_depth(self, number: int) -> int:
        """Number of loops that must be entered before an input can be read."""
        return max((axis + 1 for axis in self.axes if self.nest.strides[number][axis]), default=0)

    def statement_depth(self, statement: Statement) -> int:
        """Number of loops that must be entered before the operands are known."""
        known = [
            self.input_depth(operand.value) if operand.kind == "x" else self.depths[operand.value]
            for operand in statement.operands
            if operand.kind != "c"
        ]
        return max(known, default=0)

    def element(self, number: int) -> str:
        """Where an operand is read."""
        if number in self.nest.gathered:
            return f"near{number}[{self.near(number)}]"
        return f"x{number}[{self.offset(number)}]"

    def offset(self, number: int) -> str:
        strides = self.nest.strides[number]
        steps = [f"i{a}" if strides[a] == 1 else f"i{a} * s{number}_{a}" for a in self.axes if strides[a]]
        return " + ".join(steps) or "0"

    def value(self) -> str:
        return PYTHON.operand(self.loop.result, [f"v{i}" for i in range(len(self.loop.dtypes))])

    def stored(self, place: str, value: str, array: str = "out") -> str:
        return f"{array}[{place}] = {_written(value, self.loop.dtype)}"

    def taken(self, total: str) -> str:
        return combined(self.loop.kind, total, self.value(), self.loop.dtype)


#: Text that reads or writes an element: truth values lie in memory as bytes, numbers of half precision as bits.
_READ = {"bool": "{} != 0", "float16": "from_half({})"}
_WRITTEN = {"bool": "uint8({})", "float16": "to_half({})"}


def _stored(dtype: DType) -> str:
    """Name of the type by which a kernel sees elements in memory."""
    return {"bool": "uint8", "float16": "uint16"}.get(dtype.name, dtype.name)


def _loaded(text: str, dtype: DType) -> str:
    return _READ.get(dtype.name, "{}").format(text)


def _written(text: str, dtype: DType) -> str:
    return _WRITTEN.get(dtype.name, "{}").format(text)


def _indented(lines: Sequence[str]) -> list[str]:
    return [_INDENT + line for line in lines]
