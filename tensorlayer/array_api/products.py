"""Products of unlabelled tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlayer.array_api.arguments import as_axes
from tensorlayer.errors import ShapeError
from tensorlayer.graph import Einsum, Node
from tensorlayer.language import matmul as products
from tensorlayer.language.elementwise import conj
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor

__all__ = ["matmul", "outer", "tensordot", "vecdot"]


def _contracted(operands: Sequence[Node], labels: Sequence[Sequence[Any]], output: Sequence[Any]) -> Tensor:
    return Tensor.from_node(products.promoted(Einsum.of(operands, labels, output)))


def matmul(x1: Any, x2: Any, /) -> Tensor:
    """Product of vectors, matrices, or stacks of matrices.

    Raises
    ------
    ShapeError
        If an operand is a scalar, or the extents do not fit.
    """
    return Tensor.from_node(products.matmul(x1, x2))


def tensordot(x1: Any, x2: Any, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Tensor:
    """Product summed over pairs of modes: the last n of `x1` with the first n of `x2`, or those listed.

    Raises
    ------
    ShapeError
        If there are no such modes, or their extents differ.
    """
    left, right = as_node(x1), as_node(x2)
    shared = {b: a for a, b in _pairs(left, right, axes)}
    labels_left = list(range(left.ndim))
    labels_right = [shared.get(b, left.ndim + b) for b in range(right.ndim)]
    summed = set(shared.values())
    output = [x for x in labels_left if x not in summed] + [x for x in labels_right if x >= left.ndim]
    return _contracted([left, right], [labels_left, labels_right], output)


def _pairs(left: Node, right: Node, axes: int | tuple[Sequence[int], Sequence[int]]) -> list[tuple[int, int]]:
    if isinstance(axes, int):
        pairs = [(left.ndim - axes + i, i) for i in range(axes)]
        fit = 0 <= axes <= min(left.ndim, right.ndim)
    else:
        first, second = map(as_axes, axes)
        fit = all(-left.ndim <= a < left.ndim for a in first) and all(-right.ndim <= b < right.ndim for b in second)
        fit = fit and len(first) == len(second)
        pairs = [(a % left.ndim, b % right.ndim) for a, b in zip(first, second, strict=True)] if fit else []
        fit = fit and len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs)
    if not fit or any(left.shape[a] != right.shape[b] for a, b in pairs):
        raise ShapeError(f"tensordot: shapes {left.shape} and {right.shape} do not fit over axes {axes}")
    return pairs


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """Sum over one mode of the conjugate of `x1` times `x2`; the other modes are broadcast.

    Parameters
    ----------
    x1, x2 : tensor or array
        Of one extent along `axis`.
    axis : int
        Counted in each operand on its own, so it should be negative where the ranks differ.

    Raises
    ------
    ShapeError
        If the extents along `axis` differ or there is no such axis, or the others cannot be broadcast.
    """
    left, right = as_node(x1), as_node(x2)
    lower, higher = sorted((left.ndim, right.ndim))
    if not -lower <= axis < (lower if lower == higher else 0):
        raise ShapeError(f"vecdot: axis {axis} of tensors of shapes {left.shape} and {right.shape}")
    if left.shape[axis] != right.shape[axis]:
        raise ShapeError(f"vecdot: shapes {left.shape} and {right.shape} differ along axis {axis}")
    if left.dtype.kind == "c":
        left = as_node(conj(x1))
    place = axis % higher
    stretched = products.stretched(left, right)
    output = sorted({label for _, labels in stretched for label in labels} - {place})
    return _contracted([node for node, _ in stretched], [labels for _, labels in stretched], output)


def outer(x1: Any, x2: Any, /) -> Tensor:
    """The products of all elements of two vectors, as a matrix."""
    left, right = as_node(x1), as_node(x2)
    if left.ndim != 1 or right.ndim != 1:
        raise ShapeError(f"outer needs two vectors, got shapes {left.shape} and {right.shape}")
    return _contracted([left, right], [(0,), (1,)], (0, 1))
