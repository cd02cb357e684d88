"""Symbolic derivatives of scalar bodies.

The rules are those of real calculus; for complex arguments they are the holomorphic ones, and the
non-holomorphic functions (abs, real, imag, conj) are treated in `tensorlayer.gradient`, which knows the
convention for complex gradients.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from tensorlayer.errors import UnsupportedOperationError
from tensorlayer.scalar.body import Body, argument, call, constant, substitute, total

__all__ = ["DERIVATIVES", "derivative"]

_x, _y = argument(0), argument(1)
_two, _one, _zero = constant(2), constant(1), constant(0)
Rule = Callable[[int], Body]


def _mul(a: Body, b: Body) -> Body:
    return call("multiply", a, b)


def _div(a: Body, b: Body) -> Body:
    return call("divide", a, b)


def _neg(a: Body) -> Body:
    return call("negative", a)


def _one_plus(sign: str, a: Body) -> Body:
    return call("add" if sign == "+" else "subtract", _one, a)


def _square(a: Body) -> Body:
    return _mul(a, a)


def _log_scale(base: float) -> Body:
    return _div(constant(1.0 / math.log(base)), _x)


_UNARY: dict[str, Body] = {
    "abs": call("sign", _x),
    "acos": _neg(_div(_one, call("sqrt", _one_plus("-", _square(_x))))),
    "acosh": _div(_one, call("sqrt", call("subtract", _square(_x), _one))),
    "asin": _div(_one, call("sqrt", _one_plus("-", _square(_x)))),
    "asinh": _div(_one, call("sqrt", _one_plus("+", _square(_x)))),
    "atan": _div(_one, _one_plus("+", _square(_x))),
    "atanh": _div(_one, _one_plus("-", _square(_x))),
    "ceil": _zero,
    "conj": _one,
    "cos": _neg(call("sin", _x)),
    "cosh": call("sinh", _x),
    "exp": call("exp", _x),
    "expm1": call("exp", _x),
    "floor": _zero,
    "imag": _zero,
    "log": _div(_one, _x),
    "log10": _log_scale(10.0),
    "log1p": _div(_one, _one_plus("+", _x)),
    "log2": _log_scale(2.0),
    "negative": constant(-1),
    "positive": _one,
    "real": _one,
    "reciprocal": _neg(_div(_one, _square(_x))),
    "round": _zero,
    "sign": _zero,
    "sin": call("cos", _x),
    "sinh": call("cosh", _x),
    "sqrt": _div(constant(0.5), call("sqrt", _x)),
    "square": _mul(_two, _x),
    "tan": _one_plus("+", _square(call("tan", _x))),
    "tanh": _one_plus("-", _square(call("tanh", _x))),
    "trunc": _zero,
}


def _choose(condition: Body) -> tuple[Body, Body]:
    # At a tie both arguments get half, which is the subgradient torch uses as well.
    half = call("where", call("equal", _x, _y), constant(0.5), _zero)
    return (
        call("where", condition, _one, half),
        call("where", call("logical_or", condition, call("equal", _x, _y)), half, _one),
    )


def _power() -> tuple[Body, Body]:
    base = _mul(_y, call("pow", _x, call("subtract", _y, _one)))
    exponent = _mul(call("pow", _x, _y), call("log", _x))
    return base, exponent


def _hypot() -> tuple[Body, Body]:
    return _div(_x, call("hypot", _x, _y)), _div(_y, call("hypot", _x, _y))


def _atan2() -> tuple[Body, Body]:
    norm = call("add", _square(_x), _square(_y))
    return _div(_y, norm), _neg(_div(_x, norm))


_BINARY: dict[str, tuple[Body, ...]] = {
    "add": (_one, _one),
    "subtract": (_one, constant(-1)),
    "multiply": (_y, _x),
    "divide": (_div(_one, _y), _neg(_div(_x, _square(_y)))),
    "pow": _power(),
    "hypot": _hypot(),
    "atan2": _atan2(),
    "maximum": _choose(call("greater", _x, _y)),
    "minimum": _choose(call("less", _x, _y)),
    "logaddexp": (
        call("exp", call("subtract", _x, call("logaddexp", _x, _y))),
        call("exp", call("subtract", _y, call("logaddexp", _x, _y))),
    ),
    "copysign": (call("where", call("equal", _x, _zero), _zero, _div(call("copysign", _x, _y), _x)), _zero),
    "floor_divide": (_zero, _zero),
    "remainder": (_one, _neg(call("floor_divide", _x, _y))),
}
_TERNARY: dict[str, tuple[Body | None, ...]] = {
    "where": (None, call("where", _x, _one, _zero), call("where", _x, _zero, _one)),
    "clip": (
        call("where", call("logical_or", call("less", _x, _y), call("greater", _x, argument(2))), _zero, _one),
        call("where", call("less", _x, _y), _one, _zero),
        call("where", call("greater", _x, argument(2)), _one, _zero),
    ),
}
_CONDITIONS = (
    "equal not_equal less less_equal greater greater_equal isnan isinf isfinite signbit "
    "logical_and logical_or logical_xor logical_not"
)

#: Function -> its derivative by each argument, as a body over its arguments; None where it is identically zero.
DERIVATIVES: dict[str, tuple[Body | None, ...]] = {
    **{name: (slope,) for name, slope in _UNARY.items()},
    **_BINARY,
    **_TERNARY,
    **dict.fromkeys(_CONDITIONS.split(), (None, None)),
}


def _partial(name: str, index: int) -> Body | None:
    if name not in DERIVATIVES:
        raise UnsupportedOperationError(
            f"no derivative is known for {name!r}: differentiate an expression without it, or use a torch tensor"
        )
    return DERIVATIVES[name][index]


def derivative(body: Body, index: int) -> Body | None:
    """Derivative of `body` with respect to argument `index`, or None where it is identically zero.

    Parameters
    ----------
    body : Body
        A scalar expression.
    index : int
        The argument to differentiate by.

    Returns
    -------
    Body or None
        A body over the same arguments.

    Raises
    ------
    UnsupportedOperationError
        If a function of the body has no rule.
    """
    if body[0] == "x":
        return _one if body[1] == index else None
    if body[0] == "c":
        return None
    if body[0] == "astype":
        return derivative(body[1], index)
    terms = [term for place in range(len(body) - 1) if (term := _chain(body, place, index)) is not None]
    return total(terms) if terms else None


def _chain(body: Body, place: int, index: int) -> Body | None:
    inner = derivative(body[1 + place], index)
    if inner is None:
        return None
    outer = _special_power(body) if body[0] == "pow" and place == 0 else _partial(body[0], place)
    if outer is None or outer == _zero:
        return None
    outer = substitute(outer, body[1:])
    return outer if inner == _one else (inner if outer == _one else _mul(outer, inner))


def _special_power(body: Body) -> Body:
    # x**2 -> 2*x and not 2*x**1.0: exact, cheaper, and defined for x <= 0.
    exponent = body[2]
    if exponent[0] != "c":
        return _BINARY["pow"][0]
    if exponent[2] == 0:
        return _zero
    if exponent[2] == 2:
        return _mul(exponent, _x)
    if exponent[2] == 1:
        return _one
    return _mul(exponent, call("pow", _x, constant(exponent[2] - 1)))
