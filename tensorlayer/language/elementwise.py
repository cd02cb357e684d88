"""Elementwise functions of expressions and tensors, named as in the array API standard.

Of an expression they are recorded with labels, of unlabelled tensors with the array API's broadcasting, of
plain numbers they are computed at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tensorlayer.errors import DtypeError
from tensorlayer.language.arithmetic import broadcast_map
from tensorlayer.language.expression import Labelled, apply
from tensorlayer.language.operand import is_operand
from tensorlayer.language.tensor import Tensor
from tensorlayer.scalar import FUNCTIONS

__all__ = [
    "abs",
    "acos",
    "acosh",
    "add",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "ceil",
    "clip",
    "conj",
    "copysign",
    "cos",
    "cosh",
    "divide",
    "equal",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "greater",
    "greater_equal",
    "hypot",
    "imag",
    "isfinite",
    "isinf",
    "isnan",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "multiply",
    "negative",
    "nextafter",
    "not_equal",
    "positive",
    "pow",
    "real",
    "reciprocal",
    "remainder",
    "round",
    "sign",
    "signbit",
    "sin",
    "sinh",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "trunc",
    "where",
]


def elementwise(name: str, *operands: Any) -> Any:
    """Apply the elementwise function `name`.

    Parameters
    ----------
    name : str
        Array-API name of the function.
    *operands : expression, tensor, array or number
        All with labels, or all without; numbers fit either.

    Returns
    -------
    Expression, Tensor or number
        An expression of labelled operands, else a tensor, else a number.

    Raises
    ------
    LabelError
        If operands with and without labels are mixed.
    DtypeError
        If an operand is none of these, or the function is not defined for its type.
    """
    if any(isinstance(x, Labelled) for x in operands):
        return apply(name, *operands)
    if any(is_operand(x) and not isinstance(x, np.generic) for x in operands):
        return Tensor.from_node(broadcast_map(name, *operands))
    try:
        return getattr(np, name)(*operands)
    except TypeError as error:
        raise DtypeError(
            f"{name} of {', '.join(map(repr, operands))}: give numbers, tensors or labelled expressions ({error})"
        ) from None


def _unary(name: str) -> Callable[..., Any]:
    def function(x: Any, /) -> Any:
        return elementwise(name, x)

    return function


def _binary(name: str) -> Callable[..., Any]:
    def function(x1: Any, x2: Any, /) -> Any:
        return elementwise(name, x1, x2)

    return function


def _function(name: str) -> Callable[..., Any]:
    arity = FUNCTIONS[name].arity
    function = (_unary, _binary)[arity - 1](name)
    function.__name__ = function.__qualname__ = name
    names = ["x"] if arity == 1 else ["x1", "x2"]
    labelled = ", ".join(f'{x}["i"]' for x in names)
    function.__doc__ = f"""Elementwise ``{name}`` (the array API's) of {arity} operand{"s" * (arity != 1)}.

    Parameters
    ----------
    {", ".join(names)} : expression, tensor, array or number
        Of any shape. {"With labels or without." if arity == 1 else "Both with labels, or both without."}

    Returns
    -------
    Expression, Tensor or number
        Recorded, not computed: of labelled operands an expression with all their labels, else a tensor of the
        shape to which the operands broadcast. Element types promote as NumPy's do.

    Raises
    ------
    LabelError
        If operands with and without labels are mixed.

    Examples
    --------
    >>> import tensorlayer as tl
    >>> {", ".join(names)} = {", ".join(["tl.tensor([1, 2])"] * arity)}
    >>> ({name}({labelled})).labels, {name}({", ".join(names)}).shape
    (Labels('i'), (2,))
    """
    return function


abs = _function("abs")
acos = _function("acos")
acosh = _function("acosh")
add = _function("add")
asin = _function("asin")
asinh = _function("asinh")
atan = _function("atan")
atan2 = _function("atan2")
atanh = _function("atanh")
bitwise_and = _function("bitwise_and")
bitwise_invert = _function("bitwise_invert")
bitwise_left_shift = _function("bitwise_left_shift")
bitwise_or = _function("bitwise_or")
bitwise_right_shift = _function("bitwise_right_shift")
bitwise_xor = _function("bitwise_xor")
ceil = _function("ceil")
conj = _function("conj")
copysign = _function("copysign")
cos = _function("cos")
cosh = _function("cosh")
divide = _function("divide")
equal = _function("equal")
exp = _function("exp")
expm1 = _function("expm1")
floor = _function("floor")
floor_divide = _function("floor_divide")
greater = _function("greater")
greater_equal = _function("greater_equal")
hypot = _function("hypot")
imag = _function("imag")
isfinite = _function("isfinite")
isinf = _function("isinf")
isnan = _function("isnan")
less = _function("less")
less_equal = _function("less_equal")
log = _function("log")
log10 = _function("log10")
log1p = _function("log1p")
log2 = _function("log2")
logaddexp = _function("logaddexp")
logical_and = _function("logical_and")
logical_not = _function("logical_not")
logical_or = _function("logical_or")
logical_xor = _function("logical_xor")
maximum = _function("maximum")
minimum = _function("minimum")
multiply = _function("multiply")
negative = _function("negative")
nextafter = _function("nextafter")
not_equal = _function("not_equal")
positive = _function("positive")
pow = _function("pow")
real = _function("real")
reciprocal = _function("reciprocal")
remainder = _function("remainder")
round = _function("round")
sign = _function("sign")
signbit = _function("signbit")
sin = _function("sin")
sinh = _function("sinh")
sqrt = _function("sqrt")
square = _function("square")
subtract = _function("subtract")
tan = _function("tan")
tanh = _function("tanh")
trunc = _function("trunc")


def clip(x: Any, /, min: Any = None, max: Any = None) -> Any:
    """Elements below `min` replaced by it, and those above `max` by that.

    Parameters
    ----------
    x : expression, tensor, array or number
        What is clipped.
    min, max : expression, tensor, array or number, optional
        Bounds; None (default) for no bound.

    Returns
    -------
    Expression, Tensor or number
        Recorded, not computed; element types promote as NumPy's do.
    """
    if min is None:
        return positive(x) if max is None else minimum(x, max)
    return maximum(x, min) if max is None else elementwise("clip", x, min, max)


def where(condition: Any, x1: Any, x2: Any, /) -> Any:
    """The elements of `x1` where `condition` is true, of `x2` elsewhere.

    Parameters
    ----------
    condition, x1, x2 : expression, tensor, array or number
        All with labels, or all without; numbers fit either.

    Returns
    -------
    Expression, Tensor or number
        Recorded, not computed; element types promote as NumPy's do.
    """
    return elementwise("where", condition, x1, x2)


#: Every elementwise function by name, for the text form.
ELEMENTWISE: dict[str, Callable[..., Any]] = {name: globals()[name] for name in FUNCTIONS}
