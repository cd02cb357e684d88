"""What a function means: a digest of its code, and of all that its code refers to.

Two functions of one digest compute the same, so code compiled for one serves the other, in this process and in others.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from enum import EnumType
from functools import lru_cache
from hashlib import sha256
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

__all__ = ["PLAIN", "code_parts", "digest_of", "globals_of"]

#: Values whose `repr` says all.
PLAIN = (bool, int, float, complex, str, bytes, type(None), type(...), np.generic)
#: Modules whose contents are settled by the version of the compiler.
LIBRARIES = ("numpy", "math", "builtins")


class _UnknownError(Exception):
    """A value whose meaning cannot be told."""


def digest_of(function: FunctionType) -> str | None:
    """A digest of the function and of all functions and constants that it reaches; None if one cannot be told.

    Names, code, constants, defaults, and values of globals and closures count; line numbers and files do not. NumPy
    and `math` count by their names; other modules, and functions that are compiled already, cannot be told.
    """
    digest = sha256()
    try:
        for part in _function(function, []):
            digest.update(f"{len(part)}:{part}".encode())
    except _UnknownError:
        return None
    return digest.hexdigest()


def _function(function: FunctionType, above: list[FunctionType]) -> Iterator[str]:
    if function in above:
        yield f"recursion {above.index(function)}"
        return
    above = [*above, function]
    yield from code_parts(function.__code__)
    for default in function.__defaults__ or ():
        yield from _value(default, above)
    for name in sorted(globals_of(function.__code__)):
        if name in function.__globals__:
            yield name
            yield from _value(function.__globals__[name], above)
    for cell in function.__closure__ or ():
        yield from _value(cell.cell_contents, above)


def _library(value: Any) -> str:
    return "numpy" if isinstance(value, np.ufunc) else value.__module__


@lru_cache(maxsize=4096)
def globals_of(code: CodeType) -> frozenset[str]:
    """The names that a function looks up outside itself; attributes of the same name are none of them."""
    inner = (globals_of(constant) for constant in code.co_consts if isinstance(constant, CodeType))
    own = (step.argval for step in dis.get_instructions(code) if step.opname == "LOAD_GLOBAL")
    return frozenset(own).union(*inner)


def code_parts(code: CodeType) -> Iterator[str]:
    """What the code of a function says, without where it stands."""
    yield code.co_code.hex()
    yield repr((code.co_name, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars, code.co_argcount))
    # The bytes alone leave out where exceptions are caught.
    yield getattr(code, "co_exceptiontable", b"").hex()
    for constant in code.co_consts:
        yield from code_parts(constant) if isinstance(constant, CodeType) else _value(constant, [])


def _value(value: Any, above: list[FunctionType]) -> Iterator[str]:
    if isinstance(value, FunctionType):
        yield from _function(value, above)
    elif isinstance(value, PLAIN):
        yield f"{type(value).__qualname__} {value!r}"
    elif isinstance(value, tuple | frozenset):
        yield f"{type(value).__qualname__} {len(value)}"
        for item in value if isinstance(value, tuple) else sorted(value, key=repr):
            yield from _value(item, above)
    elif isinstance(value, EnumType):
        yield repr(list(value))
    elif isinstance(value, ModuleType) and value.__name__ in LIBRARIES:
        yield value.__name__
    elif isinstance(value, type | BuiltinFunctionType | np.ufunc) and _library(value) in LIBRARIES:
        yield f"{_library(value)}.{value.__name__}"
    elif isinstance(value, np.ndarray) and not value.dtype.hasobject:
        yield f"{value.dtype.str} {value.shape} {value.tobytes().hex()}"
    else:
        raise _UnknownError
