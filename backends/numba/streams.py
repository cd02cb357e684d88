"""Streaming stores, past the caches: see `backends.numba.streamed`.

Imported by generated kernels only: it imports numba.
"""

from __future__ import annotations

from typing import Any

from llvmlite.ir import Constant, IntType, VectorType
from numba import types
from numba.extending import intrinsic

from backends.numba.memory import LINE

__all__ = ["drain", "row_of", "stream"]

WHOLE = IntType(64)


def _row_of(typing: Any, kind: Any, count: Any) -> Any:
    del typing
    library: Any = types
    element, number = kind.instance_type, count.literal_value

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del signature, operands
        with builder.goto_entry_block():
            row = builder.alloca(context.get_value_type(element), number)
        row.align = LINE
        return row

    return library.CPointer(element)(kind, count), generate


def _stream(typing: Any, target: Any, place: Any, row: Any, count: Any) -> Any:
    del typing, place

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        lines = VectorType(IntType(32), LINE // 4).as_pointer()
        to = builder.bitcast(builder.gep(operands[0], [operands[1]]), lines)
        start = builder.bitcast(operands[2], lines)
        width = context.get_abi_sizeof(context.get_value_type(signature.args[0].dtype))
        for number in range(count.literal_value * width // LINE):
            line = builder.load(builder.gep(start, [WHOLE(number)]), align=LINE)
            stored = builder.store(line, builder.gep(to, [WHOLE(number)]), align=LINE)
            stored.set_metadata("nontemporal", builder.module.add_metadata([Constant(IntType(32), 1)]))
        return context.get_dummy_value()

    return types.void(target, types.int64, row, count), generate


def _drain(typing: Any) -> Any:
    del typing

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del signature, operands
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


#: Memory for that many elements of a type, near the processor.
row_of: Any = intrinsic(prefer_literal=True)(_row_of)
#: Store so many elements of a row from that place of an array on, where a line of the cache begins.
stream: Any = intrinsic(prefer_literal=True)(_stream)
#: What was stored is there for other threads when this one says that it is done.
drain: Any = intrinsic(_drain)
