"""The rows of a grid, done by one thread or by several, in machine code: what numba has no Python spelling for.

A function in the middle takes what the loop works on from memory, so that threads which do not know its type may run
it. The loop itself is numba's: one that is built here keeps the compiler from seeing that columns are not negative, and
loops over them from becoming vector instructions. Imported when a kernel is compiled: it imports numba.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from llvmlite.ir import Constant, Function, FunctionType, IntType, IRBuilder, LiteralStructType, VoidType
from numba import types
from numba.core import cgutils as untyped_cgutils
from numba.extending import intrinsic

from backends.numba.vectors import widen

__all__ = ["shared"]

WHOLE, CODE, ADDRESS = IntType(64), IntType(32), IntType(8).as_pointer()
#: ``function(first, last, places)``, and that which shares its tasks out: see `backends.numba.crew.Share`.
PIECE = FunctionType(VoidType(), [WHOLE, WHOLE, ADDRESS])
cgutils: Any = untyped_cgutils
_numbers = count()


def shared(loop: Any) -> Any:
    """``run(share, board, threads, rows, columns, arguments)``, for compiled code: a loop over all rows.

    Parameters
    ----------
    loop : numba.core.dispatcher.Dispatcher
        ``loop(first_row, last_row, columns, *arguments)``.
    """

    # numba asks for these arguments by position.
    def typed(typing: Any, share: Any, board: Any, threads: Any, rows: Any, columns: Any, arguments: Any) -> Any:  # noqa: PLR0917
        del typing
        kinds = types.int64, types.int64, types.int64, *arguments.types
        loop.get_call_template(kinds, {})
        compiled = loop.overloads[kinds]

        def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
            del signature
            *share, rows, columns, packed = operands
            given = cgutils.unpack_tuple(builder, _borrowed(context, builder, arguments, packed))
            _run(context, builder, compiled, share, rows, [columns, *given])
            return context.get_dummy_value()

        return types.void(share, board, threads, rows, columns, arguments), generate

    return intrinsic(typed)


def _borrowed(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """The value, with arrays that nobody owns: threads that count owners wait for each other at every row."""
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = Constant(array.meminfo.type, None)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        kinds: Any = kind
        items = zip(kinds, cgutils.unpack_tuple(builder, value), strict=True)
        return context.make_tuple(builder, kind, [_borrowed(context, builder, *item) for item in items])
    return value


def _run(context: Any, builder: Any, loop: Any, shared: Any, rows: Any, values: list[Any]) -> None:
    share, board, threads = shared
    context.add_linking_libs([loop.library])
    # A failure leaves its code and its exception in the first two places.
    held = _keep(builder, [Constant(CODE, 0), Constant(ADDRESS, None), *values])
    place, piece = builder.bitcast(held, ADDRESS), _piece(context, builder.module, loop, held.type)
    with builder.if_else(builder.icmp_unsigned("==", share, WHOLE(0))) as (alone, together):
        with alone:
            builder.call(piece, [WHOLE(0), rows, place])
        with together:
            job = _keep(builder, [builder.ptrtoint(piece, WHOLE), builder.ptrtoint(place, WHOLE), rows])
            function = builder.inttoptr(share, PIECE.as_pointer())
            builder.call(function, [board, threads, builder.bitcast(job, ADDRESS)])
    _raise_failure(context, builder, held)


def _keep(builder: Any, values: Sequence[Any]) -> Any:
    """The values in memory, until the function returns."""
    held = cgutils.alloca_once(builder, LiteralStructType([value.type for value in values]))
    for number, value in enumerate(values):
        builder.store(value, _field(builder, held, number))
    return held


def _field(builder: Any, held: Any, number: int) -> Any:
    return builder.gep(held, [CODE(0), CODE(number)])


def _piece(context: Any, module: Any, loop: Any, kind: Any) -> Any:
    """``function(first, last, places)``: the loop over some rows, with what is kept at an address."""
    function = Function(module, PIECE, f"rows_{next(_numbers)}_{loop.fndesc.mangled_name}")
    function.linkage = "internal"
    widen(function)
    builder = IRBuilder(function.append_basic_block())
    first, last, place = function.args
    held = builder.bitcast(place, kind)
    values = [builder.load(_field(builder, held, number)) for number in range(2, len(kind.pointee.elements))]
    status, _ = context.call_internal_no_propagate(builder, loop.fndesc, loop.signature, [first, last, *values])
    with cgutils.if_unlikely(builder, status.is_error):
        builder.store(builder.bitcast(status.excinfoptr, ADDRESS), _field(builder, held, 1))
        builder.store(status.code, _field(builder, held, 0))
    builder.ret_void()
    return function


def _raise_failure(context: Any, builder: Any, held: Any) -> None:
    """Raise what any of the threads would have raised."""
    convention = context.call_conv
    code, exception = (builder.load(_field(builder, held, number)) for number in range(2))
    kind = convention._get_excinfo_argument(builder.function).type.pointee
    status = convention._get_return_status(builder, code, builder.bitcast(exception, kind))
    with cgutils.if_unlikely(builder, status.is_error):
        convention.return_status_propagate(builder, status)
