"""Products of unlabelled tensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlayer.errors import ShapeError
from tensorlayer.graph import Einsum
from tensorlayer.language import matmul as products
from tensorlayer.language.elementwise import conj
from tensorlayer.language.operand import as_node
from tensorlayer.language.reductions import reduction
from tensorlayer.language.tensor import Tensor
from tensorlayer.language.value import Value

__all__ = ["matmul", "tensordot", "vecdot"]


def matmul(x1: Any, x2: Any, /) -> Tensor:
    """Product of vectors, matrices, or stacks of matrices."""
    return Tensor.from_value(Value.derived(products.matmul(x1, x2)))


def tensordot(x1: Any, x2: Any, /, *, axes: int | tuple[Sequence[int], Sequence[int]] = 2) -> Tensor:
    """Product summed over pairs of modes: the last n of `x1` with the first n of `x2`, or those listed."""
    left, right = as_node(x1), as_node(x2)
    if isinstance(axes, int):
        pairs = [(left.ndim - axes + i, i) for i in range(axes)]
    else:
        pairs = [(a % left.ndim, b % right.ndim) for a, b in zip(*axes, strict=True)]
    if any(a >= left.ndim or a < 0 or b >= right.ndim or left.shape[a] != right.shape[b] for a, b in pairs):
        raise ShapeError(f"tensordot: shapes {left.shape} and {right.shape} do not fit over {axes}")
    shared = {b: a for a, b in pairs}
    labels_left = list(range(left.ndim))
    labels_right = [shared.get(b, left.ndim + b) for b in range(right.ndim)]
    summed = set(shared.values())
    output = [x for x in labels_left if x not in summed] + [x for x in labels_right if x >= left.ndim]
    return Tensor.from_value(Value.derived(Einsum.of([left, right], [labels_left, labels_right], output)))


def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Tensor:
    """Sum over one mode of the conjugate of `x1` times `x2`."""
    left = x1 if isinstance(x1, Tensor) else Tensor(x1)
    return reduction("sum", (conj(left) if left.dtype.kind == "c" else left) * x2, axis=axis)  # type: ignore[no-any-return]
