"""Expressions: what the user wrote, recorded as immutable nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn, Self, final

import numpy as np

from tensorlayer.errors import LabelError
from tensorlayer.labels import Labels, as_labels
from tensorlayer.language.bounded import remember
from tensorlayer.language.numpy_protocol import NumpyProtocol
from tensorlayer.language.signature import SCALAR, Signature, combine
from tensorlayer.language.value import Value
from tensorlayer.scalar import NUMBERS

if TYPE_CHECKING:
    from tensorlayer.language.closed import Closed

__all__ = ["Expression", "Labelled", "Operand", "apply", "format_expression", "leaf", "unlabelled"]

#: Labels that messages show.
_EXAMPLES = "ijkl"
#: What may stand in an expression.
Operand = Any
_MULTIPLY: dict[tuple[Signature, Signature], Signature] = {}


class Labelled(NumpyProtocol):
    """Operators of everything that carries labels: expressions and closed tensors."""

    __slots__ = ()

    # Without these Python would index expressions by 0, 1, 2, ... forever.
    __iter__ = None
    __contains__ = None

    operation: str
    operands: tuple[Any, ...]
    signature: Signature

    def captured(self) -> Labelled:
        """What an expression keeps: the present value, not a handle that may be assigned to later."""
        return self

    def __mul__(self, other: Operand) -> Expression:
        # The hot path: one look-up, one object.
        try:
            if type(self) is Expression and type(other) is Expression:
                return Expression("multiply", (self, other), _MULTIPLY[self.signature, other.signature])
        except KeyError:
            pass
        return _binary("multiply", self, other)

    def __rmul__(self, other: Operand) -> Expression:
        return _binary("multiply", other, self)

    def __add__(self, other: Operand) -> Expression:
        return _binary("add", self, other)

    def __radd__(self, other: Operand) -> Expression:
        return _binary("add", other, self)

    def __sub__(self, other: Operand) -> Expression:
        return _binary("subtract", self, other)

    def __rsub__(self, other: Operand) -> Expression:
        return _binary("subtract", other, self)

    def __truediv__(self, other: Operand) -> Expression:
        return _binary("divide", self, other)

    def __rtruediv__(self, other: Operand) -> Expression:
        return _binary("divide", other, self)

    def __pow__(self, other: Operand) -> Expression:
        return _binary("pow", self, other)

    def __rpow__(self, other: Operand) -> Expression:
        return _binary("pow", other, self)

    def __floordiv__(self, other: Operand) -> Expression:
        return _binary("floor_divide", self, other)

    def __rfloordiv__(self, other: Operand) -> Expression:
        return _binary("floor_divide", other, self)

    def __mod__(self, other: Operand) -> Expression:
        return _binary("remainder", self, other)

    def __rmod__(self, other: Operand) -> Expression:
        return _binary("remainder", other, self)

    def __lt__(self, other: Operand) -> Expression:
        return _binary("less", self, other)

    def __le__(self, other: Operand) -> Expression:
        return _binary("less_equal", self, other)

    def __gt__(self, other: Operand) -> Expression:
        return _binary("greater", self, other)

    def __ge__(self, other: Operand) -> Expression:
        return _binary("greater_equal", self, other)

    # Elementwise, or where(A["i"] == 0, ...) would silently mean where(False, ...); identity is what hashes.
    def __eq__(self, other: object) -> Expression:  # type: ignore[override]
        return _binary("equal", self, other)

    def __ne__(self, other: object) -> Expression:  # type: ignore[override]
        return _binary("not_equal", self, other)

    __hash__ = object.__hash__

    def __and__(self, other: Operand) -> Expression:
        return _binary("logical_and", self, other)

    def __rand__(self, other: Operand) -> Expression:
        return _binary("logical_and", other, self)

    def __or__(self, other: Operand) -> Expression:
        return _binary("logical_or", self, other)

    def __ror__(self, other: Operand) -> Expression:
        return _binary("logical_or", other, self)

    def __matmul__(self, other: Operand) -> NoReturn:
        raise LabelError("@ is for tensors without labels: write A['i,k'] * B['k,j'] instead")

    __rmatmul__ = __matmul__

    def __invert__(self) -> Expression:
        return apply("logical_not", self)

    def __neg__(self) -> Expression:
        return apply("negative", self)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Expression:
        return apply("abs", self)


class _OfTensors:
    """An attribute that an expression gets when it is closed."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, expression: Expression | None, owner: type) -> NoReturn:
        labels = "i,j" if expression is None else str(expression.labels)
        raise AttributeError(
            f"an expression has no attribute {self._name!r}: close it to get a tensor, as in (expr)[{labels!r}]"
        )


@final
class Expression(Labelled):
    """An immutable recorded expression; made by operators, closed by ``expr["i,j"]``.

    Attributes
    ----------
    operation : str
        ``"leaf"`` for a labelled tensor, ``"reduce_<kind>"``, or the name of an elementwise function.
    operands : tuple
        Sub-expressions and Python scalars; of a leaf its value and labels, of a reduction its expression
        and the labels it removes.
    signature : Signature
        What the rules need to know.
    """

    __slots__ = ("__weakref__", "operands", "operation", "signature")

    # One by one: a __getattr__ would make every attribute slower, and recording by a tenth.
    compute, dtype, item, ndim = _OfTensors(), _OfTensors(), _OfTensors(), _OfTensors()
    numpy, shape, size, to = _OfTensors(), _OfTensors(), _OfTensors(), _OfTensors()

    #: Set by `tensorlayer.language.tensor`: makes a closed tensor of an expression and labels.
    close: Callable[[Expression, Labels], Closed]

    def __init__(self, operation: str, operands: tuple[Any, ...], signature: Signature) -> None:
        self.operation = operation
        self.operands = operands
        self.signature = signature

    @property
    def labels(self) -> Labels:
        """The labels the expression carries, in order of appearance."""
        return self.signature.labels

    def __getitem__(self, labels: Any) -> Closed:
        """Close the expression (R7): every other label is summed here and hidden.

        Raises
        ------
        LabelError
            If a label is unknown, repeated, or missing from a term.
        AmbiguousError
            If the sum has two readings (R8).
        """
        return Expression.close(self, as_labels(labels))

    def __bool__(self) -> bool:
        return bool(self._closed_scalar("true or false"))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        return self._closed_scalar("an array").__array__(dtype, copy)

    def __float__(self) -> float:
        return float(self._closed_scalar("a number"))

    def __int__(self) -> int:
        return int(self._closed_scalar("a number"))

    def __complex__(self) -> complex:
        return complex(self._closed_scalar("a number"))

    def _closed_scalar(self, what: str) -> Closed:
        if self.signature.labels:
            raise LabelError(
                f"{self!r} is not closed, so it is not {what} yet: say which labels to keep, as in "
                f"(expr)[{str(self.labels)!r}]"
            )
        return self[""]

    def __copy__(self) -> Expression:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Expression:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return Expression, (self.operation, self.operands, self.signature)

    def __repr__(self) -> str:
        return format_expression(self)

    def _repr_html_(self) -> str:
        return f"<code>{format_expression(self)}</code>"


def leaf(value: Value, labels: Labels, signature: Signature) -> Expression:
    """A labelled tensor as an expression."""
    return Expression("leaf", (value, labels), signature)


def _signature_of(operand: Operand, operation: str) -> Signature:
    if isinstance(operand, Labelled):
        return operand.signature
    if isinstance(operand, NUMBERS):
        return SCALAR
    raise LabelError(f"an operand of {operation!r} has no labels: {unlabelled(operand)}")


def unlabelled(operand: Operand) -> str:
    """What an operand without labels is, and how it gets some; for messages."""
    shape = getattr(operand, "shape", None)
    described = f"{type(operand).__name__}{f' of shape {tuple(shape)}' if shape is not None else ''}"
    rank = 2 if shape is None else len(shape)
    key = ",".join(_EXAMPLES[:rank]) if rank <= len(_EXAMPLES) else "i,j,..."
    if isinstance(operand, NumpyProtocol):
        return f"{described}; write A[{key!r}] for a tensor"
    return f"{described}; write tensor(a)[{key!r}] for an array or a list"


def _binary(operation: str, left: Operand, right: Operand) -> Expression:
    first, second = _signature_of(left, operation), _signature_of(right, operation)
    signature = combine(operation, first, second)
    if operation == "multiply" and first is not SCALAR and second is not SCALAR:
        remember(_MULTIPLY, (first, second), signature)
    return Expression(operation, (_captured(left), _captured(right)), signature)


def _captured(operand: Operand) -> Operand:
    return operand.captured() if isinstance(operand, Labelled) else operand


def apply(operation: str, *operands: Operand) -> Expression:
    """Record an elementwise function of expressions and scalars.

    Raises
    ------
    LabelError
        If an operand has no labels.
    ShapeError
        If a label has two extents.
    """
    signatures = [_signature_of(operand, operation) for operand in operands]
    return Expression(operation, tuple(map(_captured, operands)), combine(operation, *signatures))


# -- printing ----------------------------------------------------------------------------------------------


_SYMBOLS = {"multiply": "*", "add": "+", "subtract": "-", "divide": "/", "pow": "**"}
_SYMBOLS |= {"less": "<", "less_equal": "<=", "greater": ">", "greater_equal": ">=", "equal": "==", "not_equal": "!="}


#: Formulas are printed to this depth; what is deeper is left out.
_DEEPEST = 64


def format_expression(expression: Operand) -> str:
    """The formula, with tensors named ``T0, T1, ...`` in order of appearance; ``...`` where it is very deep."""
    return _format(expression, {}, _DEEPEST, outer=True)


def _format(expression: Operand, names: dict[int, str], depth: int, *, outer: bool = False) -> str:
    if not isinstance(expression, Labelled):
        return repr(expression.item() if isinstance(expression, np.generic) else expression)
    if expression.operation == "leaf":
        value, labels = expression.operands
        name = names.setdefault(id(value), value.name or f"T{len(names)}")
        return f"{name}[{labels}]"
    if not depth:
        return "..."
    if expression.operation.startswith("reduce_"):
        inner, over = expression.operands
        return f"{expression.operation[7:]}({_format(inner, names, depth - 1, outer=True)}, over={str(over)!r})"
    parts = list(_parts(expression, names, depth - 1))
    symbol = _SYMBOLS.get(expression.operation)
    if symbol:
        text = f"{parts[0]} {symbol} {parts[1]}"
        return text if outer else f"({text})"
    return f"-{parts[0]}" if expression.operation == "negative" else f"{expression.operation}({', '.join(parts)})"


def _parts(expression: Labelled, names: dict[int, str], depth: int) -> Iterator[str]:
    for operand in expression.operands:
        outer = expression.operation not in _SYMBOLS and expression.operation != "negative"
        yield _format(operand, names, depth, outer=outer)
