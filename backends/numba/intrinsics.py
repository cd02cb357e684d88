"""Instructions that numba has no Python spelling for. Imported by generated kernels only: it imports numba."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite.ir import FunctionType, IntType, VoidType
from numba import types
from numba.extending import intrinsic

__all__ = [
    "acquire",
    "call_kernel",
    "exchange",
    "fadd",
    "fetch",
    "fmaximum",
    "fminimum",
    "fmul",
    "next_number",
    "number_at",
    "pointer",
    "release",
    "replace",
]


def _instruction(emit: Callable[[Any, Any, Any], Any]) -> Any:
    """A function of two numbers of one type in generated kernels; `emit` gets the builder, the type and both."""

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return emit(builder, context.get_value_type(signature.return_type), operands)

    def typed(typing: Any, left: Any, right: Any) -> Any:
        del typing, right
        return left(left, left), generate

    return intrinsic(typed)


def _named(name: str) -> Callable[[Any, Any, Any], Any]:
    def emit(builder: Any, kind: Any, operands: Any) -> Any:
        function = builder.module.declare_intrinsic(f"llvm.{name}", [kind], FunctionType(kind, [kind, kind]))
        # Either of two zeros will do, as in NumPy.
        return builder.call(function, operands, fastmath=("nsz",))

    return emit


# Folds may take lanes apart from each other. Only these additions and products may be reordered, not those of the
# body of the loop, which therefore rounds as it is written.
fadd = _instruction(lambda builder, _, operands: builder.fadd(*operands, flags=("reassoc",)))
fmul = _instruction(lambda builder, _, operands: builder.fmul(*operands, flags=("reassoc",)))
#: The larger of two real numbers; NaN if one is NaN.
fmaximum = _instruction(_named("maximum"))
#: The smaller of two real numbers; NaN if one is NaN.
fminimum = _instruction(_named("minimum"))


def _pointer(typing: Any, address: Any, kind: Any) -> Any:
    del typing
    library: Any = types
    made = library.CPointer(kind.instance_type)

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        return builder.inttoptr(operands[0], context.get_value_type(signature.return_type))

    return made(address, kind), generate


def _call_kernel(typing: Any, address: Any, first: Any, last: Any, places: Any) -> Any:
    del typing, address, first, last

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        whole = IntType(64)
        kernel = FunctionType(VoidType(), [whole, whole, context.get_value_type(signature.args[3])])
        builder.call(builder.inttoptr(operands[0], kernel.as_pointer()), operands[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64, places), generate


def _fetch(typing: Any, memory: Any, place: Any) -> Any:
    del typing

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del signature
        place = builder.gep(operands[0], [operands[1]], source_etype=context.get_data_type(memory.dtype))
        # Instructions have no name for complex numbers.
        address, whole = builder.bitcast(place, IntType(8).as_pointer()), IntType(32)
        kinds = [address.type, whole, whole, whole]
        function = builder.module.declare_intrinsic("llvm.prefetch", [address.type], FunctionType(VoidType(), kinds))
        # To read, into all caches, as data.
        builder.call(function, [address, whole(0), whole(3), whole(1)])
        return context.get_dummy_value()

    return types.void(memory, place), generate


def _next_number(typing: Any, address: Any) -> Any:
    del typing, address

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del context, signature
        whole = IntType(64)
        place = builder.inttoptr(operands[0], whole.as_pointer())
        return builder.atomic_rmw("add", place, whole(1), "acq_rel")

    return types.int64(types.int64), generate


#: Bring an element into the cache that is read soon; it may lie outside of what memory there is.
fetch = intrinsic(_fetch)


def _number_at(typing: Any, address: Any) -> Any:
    del typing, address

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del context, signature
        place = builder.inttoptr(operands[0], IntType(64).as_pointer())
        return builder.load_atomic(place, "acquire", 8)

    return types.int64(types.int64), generate


def _exchange(typing: Any, address: Any, number: Any) -> Any:
    del typing, address, number

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del context, signature
        place = builder.inttoptr(operands[0], IntType(64).as_pointer())
        return builder.atomic_rmw("xchg", place, operands[1], "seq_cst")

    return types.int64(types.int64, types.int64), generate


def _replace(typing: Any, address: Any, old: Any, new: Any) -> Any:
    del typing, address, old, new

    def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
        del context, signature
        place = builder.inttoptr(operands[0], IntType(64).as_pointer())
        return builder.extract_value(builder.cmpxchg(place, *operands[1:], "seq_cst", "seq_cst"), 1)

    return types.boolean(types.int64, types.int64, types.int64), generate


def _calling_on_lock(*more: Any) -> Any:
    """``function(lock, *more)`` of Python's C interface, which needs no interpreter lock."""

    def typed(typing: Any, function: Any, lock: Any) -> Any:
        del typing, function, lock

        def generate(context: Any, builder: Any, signature: Any, operands: Any) -> Any:
            del signature
            kinds = [IntType(64), *(value.type for value in more)]
            function = builder.inttoptr(operands[0], FunctionType(VoidType(), kinds).as_pointer())
            builder.call(function, [operands[1], *more])
            return context.get_dummy_value()

        return types.void(types.int64, types.int64), generate

    return typed


#: Wait for a lock: ``PyThread_acquire_lock(lock, 1)``.
acquire: Any = intrinsic(_calling_on_lock(IntType(32)(1)))
#: ``PyThread_release_lock(lock)``.
release: Any = intrinsic(_calling_on_lock())
#: Put a number at an address, and get what was there.
exchange: Any = intrinsic(_exchange)
#: Put a number at an address if the old one is there; whether it was.
replace: Any = intrinsic(_replace)
#: The whole number at an address, which then is one more; no two threads get the same.
next_number: Any = intrinsic(_next_number)
#: The whole number at an address, which other threads change.
number_at: Any = intrinsic(_number_at)
#: Memory at an address, as elements of a type.
pointer: Any = intrinsic(_pointer)
#: Run some tasks of the kernel at an address.
call_kernel: Any = intrinsic(_call_kernel)
