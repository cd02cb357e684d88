"""Operators of unlabelled tensors, with the array API's meaning."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Self

import numpy as np

from tensorlayer.backend import get_backend
from tensorlayer.errors import ConversionError, ShapeError
from tensorlayer.graph import Convert, Einsum, Node, Reduce
from tensorlayer.language.arithmetic import broadcast_map
from tensorlayer.language.expression import Labelled
from tensorlayer.language.matmul import matmul
from tensorlayer.language.numpy_protocol import NumpyProtocol
from tensorlayer.language.operand import is_operand
from tensorlayer.language.protocols import ArrayProtocols
from tensorlayer.scalar import NUMBERS

__all__ = ["ArrayOperators"]


class ArrayOperators(NumpyProtocol, ArrayProtocols):
    """Arithmetic, comparison and transposition; everything is recorded, nothing computed."""

    __slots__ = ()

    @classmethod
    @abstractmethod
    def from_node(cls, node: Node) -> Any:
        """A new tensor defined by a graph node."""

    def _apply(self, name: str, *operands: Any) -> Any:
        if not all(isinstance(x, NUMBERS) or (is_operand(x) and not isinstance(x, Labelled)) for x in operands):
            return NotImplemented
        return self.from_node(broadcast_map(name, *operands))

    def __add__(self, other: Any) -> Any:
        return self._apply("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return self._apply("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return self._apply("subtract", self, other)

    def __rsub__(self, other: Any) -> Any:
        return self._apply("subtract", other, self)

    def __mul__(self, other: Any) -> Any:
        return self._apply("multiply", self, other)

    def __rmul__(self, other: Any) -> Any:
        return self._apply("multiply", other, self)

    def __truediv__(self, other: Any) -> Any:
        return self._apply("divide", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return self._apply("divide", other, self)

    def __floordiv__(self, other: Any) -> Any:
        return self._apply("floor_divide", self, other)

    def __rfloordiv__(self, other: Any) -> Any:
        return self._apply("floor_divide", other, self)

    def __mod__(self, other: Any) -> Any:
        return self._apply("remainder", self, other)

    def __rmod__(self, other: Any) -> Any:
        return self._apply("remainder", other, self)

    def __pow__(self, other: Any) -> Any:
        return self._apply("pow", self, other)

    def __rpow__(self, other: Any) -> Any:
        return self._apply("pow", other, self)

    def __neg__(self) -> Any:
        return self._apply("negative", self)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Any:
        return self._apply("abs", self)

    def __lt__(self, other: Any) -> Any:
        return self._apply("less", self, other)

    def __le__(self, other: Any) -> Any:
        return self._apply("less_equal", self, other)

    def __gt__(self, other: Any) -> Any:
        return self._apply("greater", self, other)

    def __ge__(self, other: Any) -> Any:
        return self._apply("greater_equal", self, other)

    def __eq__(self, other: object) -> Any:
        return self._apply("equal", self, other)

    def __ne__(self, other: object) -> Any:
        return self._apply("not_equal", self, other)

    def __contains__(self, item: Any) -> bool:
        """Whether an element equals `item`; looks at the elements."""
        equal = broadcast_map("equal", self, item)
        return bool(self.from_node(Reduce.of(equal, "any", range(equal.ndim))))

    # Comparison is elementwise, as the array API asks; handles are still told apart by identity.
    __hash__ = object.__hash__

    def __and__(self, other: Any) -> Any:
        return self._apply(self._bitwise("and", other), self, other)

    def __rand__(self, other: Any) -> Any:
        return self._apply(self._bitwise("and", other), other, self)

    def __or__(self, other: Any) -> Any:
        return self._apply(self._bitwise("or", other), self, other)

    def __ror__(self, other: Any) -> Any:
        return self._apply(self._bitwise("or", other), other, self)

    def __xor__(self, other: Any) -> Any:
        return self._apply(self._bitwise("xor", other), self, other)

    def __rxor__(self, other: Any) -> Any:
        return self._apply(self._bitwise("xor", other), other, self)

    def __invert__(self) -> Any:
        return self._apply("logical_not" if self.dtype.kind == "b" else "bitwise_invert", self)

    def __lshift__(self, other: Any) -> Any:
        return self._apply("bitwise_left_shift", self, other)

    def __rlshift__(self, other: Any) -> Any:
        return self._apply("bitwise_left_shift", other, self)

    def __rshift__(self, other: Any) -> Any:
        return self._apply("bitwise_right_shift", self, other)

    def __rrshift__(self, other: Any) -> Any:
        return self._apply("bitwise_right_shift", other, self)

    def _bitwise(self, name: str, other: Any) -> str:
        # Of two Booleans they are the same, and logical functions are those that every backend has.
        logical = self.dtype.kind == "b" and (isinstance(other, bool) or getattr(other, "dtype", None) == np.bool)
        return f"logical_{name}" if logical else f"bitwise_{name}"

    def __matmul__(self, other: Any) -> Any:
        return self.from_node(matmul(self, other)) if is_operand(other) else NotImplemented

    def __rmatmul__(self, other: Any) -> Any:
        return self.from_node(matmul(other, self)) if is_operand(other) else NotImplemented

    def to_device(self, device: str, /, *, stream: Any = None) -> Any:
        """The same elements on another device of the backend; computed when looked at.

        Raises
        ------
        ConversionError
            If the backend has no such device, or a stream is given.
        """
        backend, held = self.place
        if stream is not None:
            raise ConversionError("to_device: streams are the backend's own affair; leave `stream` out")
        if device not in (known := get_backend(backend).devices):
            raise ConversionError(f"backend {backend!r} has no device {device!r}; it has {', '.join(known)}")
        return self if device == held else self.from_node(Convert.of(self.node, (backend, device)))

    @property
    def T(self) -> Any:  # noqa: N802  # the array API's name
        """The tensor with its modes reversed."""
        order = tuple(range(self.ndim))
        return self.from_node(Einsum.of([self.node], [order], order[::-1]))

    @property
    def mT(self) -> Any:  # noqa: N802  # the array API's name
        """The tensor with its last two modes exchanged."""
        order = list(range(self.ndim))
        if self.ndim < 2:
            raise ShapeError(f"mT needs rank 2 or more; this tensor has shape {self.shape}")
        return self.from_node(Einsum.of([self.node], [order], [*order[:-2], *order[-2:][::-1]]))
