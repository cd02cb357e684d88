"""Linalg: the dense decompositions, applied to the last two modes of a stack of matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, final

import numpy as np

from tensorlayer.errors import DtypeError, GraphError
from tensorlayer.graph.node import DType, Node, parameter

__all__ = ["LINALG", "Linalg", "LinalgFunction"]

Signature = tuple[tuple[int, ...], DType]
Rule = Callable[..., tuple[Signature, ...]]


class LinalgFunction(NamedTuple):
    """Arity, names of the results, and the rule that derives their shapes and types."""

    arity: int
    results: tuple[str, ...]
    rule: Rule


#: Element types that libraries have decompositions for; integers are converted to float64.
_WORKING = ("float32", "float64", "complex64", "complex128")


def _inexact(dtype: DType) -> DType:
    return np.dtype(np.float64) if dtype.kind in "biu" else dtype


def _real(dtype: DType) -> DType:
    return np.empty(0, dtype).real.dtype


def _complex(dtype: DType) -> DType:
    return np.result_type(dtype, np.complex64)


def _square(a: Node) -> tuple[int, ...]:
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise GraphError(f"needs square matrices in the last two modes, got shape {a.shape}")
    return a.shape


def _same(a: Node, *_: Any) -> tuple[Signature, ...]:
    return ((_square(a), _inexact(a.dtype)),)


def _eigh(a: Node) -> tuple[Signature, ...]:
    shape, dtype = _square(a), _inexact(a.dtype)
    return (shape[:-1], _real(dtype)), (shape, dtype)


def _eig(a: Node) -> tuple[Signature, ...]:
    shape, dtype = _square(a), _complex(_inexact(a.dtype))
    return (shape[:-1], dtype), (shape, dtype)


def _matrix(a: Node) -> tuple[tuple[int, ...], int, int]:
    if a.ndim < 2:
        raise GraphError(f"needs matrices, got shape {a.shape}")
    return a.shape[:-2], a.shape[-2], a.shape[-1]


def _qr(a: Node) -> tuple[Signature, ...]:
    (stack, m, n), dtype = _matrix(a), _inexact(a.dtype)
    k = min(m, n)
    return ((*stack, m, k), dtype), ((*stack, k, n), dtype)


def _svd(a: Node) -> tuple[Signature, ...]:
    (stack, m, n), dtype = _matrix(a), _inexact(a.dtype)
    k = min(m, n)
    return ((*stack, m, k), dtype), ((*stack, k), _real(dtype)), ((*stack, k, n), dtype)


def _solve(a: Node, b: Node) -> tuple[Signature, ...]:
    shape = _square(a)
    vector = b.ndim == 1
    rows = b.shape[-1] if vector else b.shape[-2]
    stack = () if vector else b.shape[:-2]
    if rows != shape[-1] or stack != shape[:-2]:
        raise GraphError(f"solve: matrices of shape {a.shape} and right sides of shape {b.shape} do not fit")
    return ((b.shape, _inexact(np.result_type(a.dtype, b.dtype))),)


def _determinant(a: Node) -> tuple[Signature, ...]:
    return ((_square(a)[:-2], _inexact(a.dtype)),)


LINALG: dict[str, LinalgFunction] = {
    "cholesky": LinalgFunction(1, ("L",), _same),
    "eigh": LinalgFunction(1, ("eigenvalues", "eigenvectors"), _eigh),
    "eig": LinalgFunction(1, ("eigenvalues", "eigenvectors"), _eig),
    "qr": LinalgFunction(1, ("Q", "R"), _qr),
    "svd": LinalgFunction(1, ("U", "S", "Vh"), _svd),
    "solve": LinalgFunction(2, ("x",), _solve),
    "inv": LinalgFunction(1, ("inverse",), _same),
    "det": LinalgFunction(1, ("determinant",), _determinant),
    "matrix_power": LinalgFunction(1, ("power",), _same),
}


@final
class Linalg(Node):
    """A decomposition: `name` (one of `LINALG`) and `options` (extra arguments, such as the exponent).

    With several results, read them with `Result`; shape and dtype of the node are then those of the first.
    """

    __slots__ = ()
    parameter_names = ("name", "options")

    @classmethod
    def of(cls, name: str, inputs: Iterable[Node], *options: Any) -> Linalg:
        """The decomposition `name` of `inputs`."""
        return cls.make(inputs, name, options)

    #: Name of the decomposition.
    name = parameter[str](0)
    #: Extra arguments.
    options = parameter[tuple[Any, ...]](1)

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """Shape and element type of every result."""
        return LINALG[self.name].rule(*self.inputs)

    def flops(self) -> int:
        """The usual n**3 estimate."""
        node = self.inputs[0]
        return node.size * min(node.shape[-2:]) if node.ndim > 1 else 0

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        if self.name not in LINALG:
            raise GraphError(f"Linalg: {self.name!r} is not one of {', '.join(LINALG)}")
        if len(self.inputs) != LINALG[self.name].arity:
            raise GraphError(f"{self.name} takes {LINALG[self.name].arity} inputs, got {len(self.inputs)}")
        if any(_inexact(node.dtype).name not in _WORKING for node in self.inputs):
            given = [str(node.dtype) for node in self.inputs]
            raise DtypeError(f"{self.name} works in {', '.join(_WORKING)}, got {given}: convert first")
        return self.signatures[0]
