"""The vector instructions of `analog.kernels.panels`: what numba has no Python spelling for.

Numbers in an array of a kernel go through memory between loops; these stay in registers while a sum is made. Imported
when a kernel is compiled: it imports numba.
"""

from __future__ import annotations

from collections.abc import Sequence
from inspect import Parameter, Signature, signature
from typing import Any

from llvmlite.ir import Constant, FloatType, FunctionType, IntType, Undefined, VectorType, VoidType
from numba import types
from numba.core import cgutils as untyped_cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic

from analog.kernels import panels
from analog.kernels.panels import LANES, rows_of

__all__ = ["multiply_panel", "read_panel", "read_row", "write_panel"]

WHOLE, CODE, BYTE, NUMBER = IntType(64), IntType(32), IntType(8), FloatType()
VECTOR, MASK = VectorType(NUMBER, LANES), VectorType(IntType(1), LANES)
ZEROS, NOBODY, EVERYBODY = Constant(VECTOR, None), Constant(MASK, None), Constant(MASK, [1] * LANES)
#: Registers side by side in a panel.
WIDTHS = (1, 2, 4)
#: Bytes at which numbers in memory begin.
ALIGNMENT = Constant(CODE, 4)
cgutils: Any = untyped_cgutils


class _Rows:
    """A matrix in memory, by the addresses of its elements."""

    def __init__(self, context: Any, builder: Any, kind: Any, value: Any) -> None:
        array = context.make_array(kind)(context, builder, value)
        self._builder, self._data, self.order = builder, array.data, kind.layout
        self.strides: list[Any] = cgutils.unpack_tuple(builder, array.strides)

    def at(self, *indices: Any) -> Any:
        """A pointer to an element."""
        place = self._builder.bitcast(self._data, BYTE.as_pointer())
        for index, stride in zip(indices, self.strides, strict=True):
            place = self._builder.gep(place, [self._builder.mul(index, stride)])
        return self._builder.bitcast(place, NUMBER.as_pointer())

    def vector_at(self, *indices: Any) -> Any:
        """A pointer to as many elements as a register holds."""
        return self._builder.bitcast(self.at(*indices), VECTOR.as_pointer())


def spread(builder: Any, value: Any) -> Any:
    """A vector of one value."""
    kind = VectorType(value.type, LANES)
    nothing = Constant(kind, Undefined)
    single = builder.insert_element(nothing, value, CODE(0))
    return builder.shuffle_vector(single, nothing, Constant(VectorType(CODE, LANES), [0] * LANES))


def below(builder: Any, count: Any) -> Any:
    """Which lanes are below a number."""
    lanes = Constant(VectorType(WHOLE, LANES), list(range(LANES)))
    return builder.icmp_signed("<", lanes, spread(builder, count))


def _call(builder: Any, name: str, result: Any, *arguments: Any) -> Any:
    kind = FunctionType(result, [argument.type for argument in arguments])
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), arguments)


def load_some(builder: Any, place: Any, lanes: Any) -> Any:
    """A vector of memory; zero in the other lanes, whose memory is not touched."""
    return _call(builder, f"llvm.masked.load.v{LANES}f32.p0", VECTOR, place, ALIGNMENT, lanes, ZEROS)


def store_some(builder: Any, value: Any, place: Any, lanes: Any) -> None:
    """A vector to memory, but for the other lanes."""
    _call(builder, f"llvm.masked.store.v{LANES}f32.p0", VoidType(), value, place, ALIGNMENT, lanes)


def transposed(builder: Any, rows: Sequence[Any]) -> list[Any]:
    """As many vectors as they have lanes, transposed: halves are exchanged, quarters, and so on."""
    vectors, distance = list(rows), LANES // 2
    while distance:
        own = [lane if not lane & distance else lane - distance + LANES for lane in range(LANES)]
        other = [lane + distance if not lane & distance else lane + LANES for lane in range(LANES)]
        low, high = (Constant(VectorType(CODE, LANES), order) for order in (own, other))
        for row in (row for row in range(LANES) if not row & distance):
            pair = vectors[row], vectors[row + distance]
            vectors[row] = builder.shuffle_vector(*pair, low)
            vectors[row + distance] = builder.shuffle_vector(*pair, high)
        distance //= 2
    return vectors


def _in_place_of(function: Any, generate: Any) -> Any:
    """`function` for compiled code, of numbers and of arrays of float32, which `generate` gets as `_Rows`."""

    def emit(context: Any, builder: Any, types_of: Any, operands: Any) -> Any:
        pairs = zip(types_of.args, operands, strict=True)
        generate(builder, *(_Rows(context, builder, *pair) if _is_array(pair[0]) else pair[1] for pair in pairs))
        return context.get_dummy_value()

    def typed(typing: Any, *kinds: Any) -> Any:
        del typing
        if any(_is_array(kind) and kind.dtype != types.float32 for kind in kinds):
            raise TypingError(f"{function.__name__} takes arrays of float32, not {kinds}")
        return types.void(*kinds), emit

    # numba asks for all arguments by name.
    named = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in ("typing", *signature(function).parameters)]
    typed.__signature__ = Signature(named)  # type: ignore[attr-defined]
    return intrinsic(typed)


def _is_array(kind: Any) -> bool:
    return isinstance(kind, types.Array)


def _write_panel(builder: Any, source: Any, row: Any, end: Any, column: Any, last: Any, *panel: Any) -> None:
    memory, at, lanes = panel
    rows, columns = builder.sub(end, row), builder.sub(last, column)
    straight = source.order == "F"
    # Memory is read along its lines.
    inner, outer = (rows, columns) if straight else (columns, rows)
    wanted, vectors = below(builder, inner), []
    for number in map(WHOLE, range(LANES)):
        there = builder.select(builder.icmp_signed("<", number, outer), wanted, NOBODY)
        place = (row, builder.add(column, number)) if straight else (builder.add(row, number), column)
        vectors.append(load_some(builder, source.vector_at(*place), there))
    for number, value in enumerate(vectors if straight else transposed(builder, vectors)):
        there = builder.select(builder.icmp_signed("<", WHOLE(number), columns), EVERYBODY, NOBODY)
        place = memory.vector_at(builder.add(at, builder.mul(WHOLE(number), lanes)))
        store_some(builder, value, place, there)


def _read_panel(builder: Any, panel: Any, at: Any, lanes: Any, result: Any, *place: Any) -> None:
    row, end, column, last = place
    rows, columns = builder.sub(end, row), builder.sub(last, column)
    vectors = []
    for number in map(WHOLE, range(LANES)):
        there = builder.select(builder.icmp_signed("<", number, columns), number, WHOLE(0))
        vectors.append(builder.load(panel.vector_at(builder.add(at, builder.mul(there, lanes))), align=4))
    wanted = below(builder, columns)
    for number, value in enumerate(transposed(builder, vectors)):
        there = builder.select(builder.icmp_signed("<", WHOLE(number), rows), wanted, NOBODY)
        store_some(builder, value, result.vector_at(builder.add(row, WHOLE(number)), column), there)


def _read_row(builder: Any, panel: Any, at: Any, result: Any, row: Any, column: Any, last: Any) -> None:
    value = builder.load(panel.vector_at(at), align=4)
    store_some(builder, value, result.vector_at(row, column), below(builder, builder.sub(last, column)))


def _multiply_panel(builder: Any, panel: Any, lanes: Any, *others: Any) -> None:
    for width in WIDTHS:
        with builder.if_then(builder.icmp_signed("==", lanes, WHOLE(width * LANES))):
            _multiply(builder, width, panel, *others)


def _multiply(builder: Any, width: int, panel: Any, matrix: Any, row: Any, end: Any, *others: Any) -> None:
    first, last, sums, at, added = others
    final = builder.sub(end, WHOLE(1))
    numbers = (builder.add(row, WHOLE(number)) for number in range(rows_of(width * LANES)))
    clipped = [builder.select(builder.icmp_signed("<", each, end), each, final) for each in numbers]
    rows = [matrix.at(each, first) for each in clipped]
    place = sums.vector_at(at)
    made = _sums(builder, width, panel.vector_at(WHOLE(0)), rows, matrix.strides[1], builder.sub(last, first))
    for number, value in enumerate(made):
        there = builder.gep(place, [WHOLE(number)])
        before = load_some(builder, there, spread(builder, added))
        builder.store(builder.fadd(before, value), there, align=4)


def _further(builder: Any, pointer: Any, offset: Any) -> Any:
    """A pointer to a number, some bytes further."""
    place = builder.gep(builder.bitcast(pointer, BYTE.as_pointer()), [offset])
    return builder.bitcast(place, NUMBER.as_pointer())


def _sums(builder: Any, width: int, panel: Any, rows: list[Any], stride: Any, inputs: Any) -> list[Any]:
    """The loop over inputs: every register of the panel meets every row."""
    before, loop, behind = builder.block, builder.append_basic_block("inputs"), builder.append_basic_block("made")
    builder.branch(loop)
    builder.position_at_end(loop)
    k, offset = builder.phi(WHOLE), builder.phi(WHOLE)
    sums = [builder.phi(VECTOR) for _ in range(len(rows) * width)]
    first = builder.gep(panel, [builder.mul(k, WHOLE(width))])
    vectors = [builder.load(builder.gep(first, [WHOLE(number)]), align=4) for number in range(width)]
    made = []
    for number, row in enumerate(rows):
        factor = spread(builder, builder.load(_further(builder, row, offset)))
        for vector, total in zip(vectors, sums[number * width :], strict=False):
            made.append(_call(builder, f"llvm.fmuladd.v{LANES}f32", VECTOR, factor, vector, total))
    following = builder.add(k, WHOLE(1)), builder.add(offset, stride)
    starts = [WHOLE(0), WHOLE(0), *[ZEROS] * len(sums)]
    for phi, start, value in zip([k, offset, *sums], starts, [*following, *made], strict=True):
        phi.add_incoming(start, before)
        phi.add_incoming(value, loop)
    builder.cbranch(builder.icmp_signed("<", following[0], inputs), loop, behind)
    builder.position_at_end(behind)
    return made


write_panel = _in_place_of(panels.write_panel, _write_panel)
read_row = _in_place_of(panels.read_row, _read_row)
read_panel = _in_place_of(panels.read_panel, _read_panel)
multiply_panel = _in_place_of(panels.multiply_panel, _multiply_panel)
