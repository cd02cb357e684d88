"""Trees of scalar functions.

A body is a nested tuple, so equal bodies are equal and hashable: ``("x", i)`` is the i-th argument,
``("c", repr, value)`` a constant, ``("astype", body, name)`` a change of element type, and
``(function, *bodies)`` a call of a function of `FUNCTIONS`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from typing import Any

import numpy as np

from tensorlayer.errors import DtypeError, GraphError
from tensorlayer.scalar.functions import FUNCTIONS

__all__ = [
    "NUMBERS",
    "Body",
    "argument",
    "arguments_of",
    "call",
    "constant",
    "count_operations",
    "dtype_of",
    "evaluate",
    "format_body",
    "is_constant",
    "simplify",
    "substitute",
    "total",
]

#: Python's and NumPy's numbers: what stands for itself in an expression, and becomes a constant.
NUMBERS = (int, float, complex, np.generic)
Body = tuple[Any, ...]


def argument(index: int) -> Body:
    """The `index`-th argument."""
    return ("x", index)


def constant(value: Any) -> Body:
    """A constant. Its spelling is part of it, because 2, 2.0 and True are equal but of different types."""
    if isinstance(value, float) and math.isnan(value):
        value = math.nan  # one object, because NaN equals nothing but is found to be itself
    return ("c", repr(value), value)


def is_constant(body: Body, value: Any = None) -> bool:
    """Whether `body` is a constant (equal to `value`, if one is given)."""
    return body[0] == "c" and (value is None or bool(body[2] == value))


def call(name: str, *arguments: Body) -> Body:
    """Apply the function `name` of the table to bodies."""
    function = FUNCTIONS[name]
    if len(arguments) != function.arity:
        raise TypeError(f"{name} takes {function.arity} arguments, got {len(arguments)}")
    return (name, *arguments)


def total(terms: Sequence[Body]) -> Body:
    """The sum of one or more bodies, from left to right."""
    return reduce(lambda left, right: call("add", left, right), terms)


def arguments_of(body: Body) -> tuple[int, ...]:
    """The distinct argument numbers in `body`, ascending."""
    return tuple(sorted(_arguments(body)))


def _arguments(body: Body) -> set[int]:
    if body[0] == "x":
        return {body[1]}
    return set().union(*(_arguments(part) for part in _children(body)))


def _children(body: Body) -> tuple[Body, ...]:
    if body[0] in ("x", "c"):
        return ()
    return body[1:2] if body[0] == "astype" else body[1:]


def substitute(body: Body, replacements: Sequence[Body]) -> Body:
    """Replace argument i by ``replacements[i]``."""
    if body[0] == "x":
        return replacements[body[1]]
    if body[0] == "c":
        return body
    if body[0] == "astype":
        return ("astype", substitute(body[1], replacements), body[2])
    return (body[0], *(substitute(part, replacements) for part in body[1:]))


def evaluate(body: Body, arguments: Sequence[Any], function: Callable[[str], Callable[..., Any]]) -> Any:
    """Compute `body`, looking up each function (and ``"astype"``) by ``function(name)``."""
    if body[0] == "x":
        return arguments[body[1]]
    if body[0] == "c":
        return body[2]
    if body[0] == "astype":
        return function("astype")(evaluate(body[1], arguments, function), body[2])
    return function(body[0])(*(evaluate(part, arguments, function) for part in body[1:]))


def _numpy_function(name: str) -> Callable[..., Any]:
    if name == "astype":
        # Only types matter here, and NumPy would warn about imaginary parts.
        return lambda x, dtype: np.empty(np.shape(x), dtype)
    if name not in FUNCTIONS:
        raise GraphError(f"no elementwise function {name!r}: there are {', '.join(FUNCTIONS)}")
    function: Callable[..., Any] = getattr(np, name)
    return function


@lru_cache(maxsize=4096)
def dtype_of(body: Body, dtypes: tuple[np.dtype[Any], ...]) -> np.dtype[Any]:
    """Element type of `body` for arguments of the given types, by NumPy's promotion (NEP 50).

    Raises
    ------
    DtypeError
        If NumPy defines no such operation, as for the difference of two booleans.
    GraphError
        If there is no such function.
    """
    try:
        with np.errstate(all="ignore"):
            result = evaluate(body, [np.empty(0, dtype) for dtype in dtypes], _numpy_function)
    except GraphError:
        raise
    except (TypeError, ValueError, OverflowError) as error:
        named = ", ".join(map(str, dtypes))
        raise DtypeError(f"{format_body(body)} is not defined for element types ({named}): {error}") from None
    return np.result_type(result)


def count_operations(body: Body) -> int:
    """Number of function calls per element."""
    return (body[0] not in ("x", "c")) + sum(count_operations(part) for part in _children(body))


def simplify(body: Body, dtypes: tuple[np.dtype[Any], ...]) -> Body:
    """Remove multiplications by one and double negations, and fold constants.

    The element type for arguments of the types `dtypes` stays what it is, here and in every part.
    """
    if body[0] in ("x", "c"):
        return body
    if body[0] == "astype":
        inner = simplify(body[1], dtypes)
        same = bool(dtypes) and inner[0] != "c" and dtype_of(inner, dtypes) == np.dtype(body[2])
        return inner if same else ("astype", inner, body[2])
    name, *parts = (body[0], *(simplify(part, dtypes) for part in body[1:]))
    if all(part[0] == "c" for part in parts):
        with np.errstate(all="ignore"):
            return constant(_plain(_numpy_function(name)(*(part[2] for part in parts)), tuple(parts)))
    simpler = _without_identity(name, *parts)
    if simpler is None or dtype_of(simpler, dtypes) != dtype_of((name, *parts), dtypes):
        return (name, *parts)
    return simpler


def _without_identity(name: str, *parts: Body) -> Body | None:
    if name == "negative" and parts[0][0] == "negative":
        return parts[0][1]  # type: ignore[no-any-return]
    if name == "multiply" and _is_one(parts[0]):
        return parts[1]
    return parts[0] if name in ("multiply", "divide", "pow") and _is_one(parts[1]) else None


def _is_one(body: Body) -> bool:
    return body[0] == "c" and type(body[2]) in (int, float) and body[2] == 1


def _plain(value: Any, parts: tuple[Body, ...]) -> Any:
    # Python scalars promote weakly, NumPy scalars do not: folding must not turn one into the other.
    weak = all(type(part[2]) in (bool, int, float, complex) for part in parts)
    return value.item() if weak and isinstance(value, np.generic) else value


def format_body(body: Body, names: Sequence[str] | None = None) -> str:
    """Readable text of `body`, with `names` for the arguments (default ``x0, x1, ...``).

    Examples
    --------
    >>> format_body(call("add", argument(0), call("exp", constant(2.0))), ["a"])
    '(a + exp(2.0))'
    """
    if body[0] == "x":
        return f"x{body[1]}" if names is None else names[body[1]]
    if body[0] == "c":
        return str(body[2])
    if body[0] == "astype":
        return f"astype({format_body(body[1], names)}, {body[2]})"
    parts = [format_body(part, names) for part in body[1:]]
    symbol = FUNCTIONS[body[0]].symbol
    return f"({parts[0]} {symbol} {parts[1]})" if symbol else f"{body[0]}({', '.join(parts)})"
