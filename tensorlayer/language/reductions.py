"""Explicit reductions of expressions over labels, and of tensors over axes."""

from __future__ import annotations

import builtins
import math
import operator
from collections.abc import Callable
from inspect import cleandoc
from typing import Any

from tensorlayer.errors import DtypeError, LabelError, ShapeError
from tensorlayer.graph import Map, Node, Reduce
from tensorlayer.labels import Labels, as_labels
from tensorlayer.language.expression import Expression, Labelled
from tensorlayer.language.operand import as_node
from tensorlayer.language.signature import reduce_signature
from tensorlayer.language.tensor import Tensor
from tensorlayer.scalar import argument, call, constant

__all__ = ["all", "any", "max", "mean", "min", "prod", "sum"]


def reduction(
    kind: str,
    operand: Any,
    over: Any = None,
    *,
    axis: int | tuple[int, ...] | None = None,
    keepdims: bool = False,
) -> Any:
    """Fold an expression over labels, or a tensor over axes.

    Parameters
    ----------
    kind : str
        ``"sum"``, ``"prod"``, ``"max"``, ``"min"``, ``"mean"``, ``"any"`` or ``"all"``.
    operand : expression, tensor or array
        What is folded. An expression is folded element by element, which says unambiguously that functions
        inside are applied before.
    over : labels, optional
        Labels to remove from an expression; all when left out.
    axis : int or tuple of int, optional
        Axes to remove from a tensor; all when left out.
    keepdims : bool
        Whether removed axes of a tensor stay with extent one.

    Returns
    -------
    Expression or Tensor
        Recorded, not computed; of the shape of the labels or axes that are left. Sums and products of integers
        narrower than 64 bits are 64 bits wide.

    Raises
    ------
    LabelError
        If a label is not there.
    ShapeError
        If an axis is not there, or a maximum would be over nothing.
    """
    if isinstance(operand, Labelled):
        if axis is not None or keepdims:
            raise LabelError(f"{kind} of an expression goes over labels: write over='k', not axis")
        return _over_labels(kind, operand, over)
    if over is not None:
        raise LabelError(f"{kind} of a tensor without labels goes over axes: write axis=0, or label it: A['i,k']")
    return _over_axes(kind, operand, axis, keepdims)


def _over_labels(kind: str, operand: Labelled, over: Any) -> Expression:
    labels = operand.signature.labels if over is None else as_labels(over).unique
    signature = reduce_signature(kind, operand.signature, labels)
    empty = [x for x in labels if operand.signature.extents[x] == 0]
    if empty and kind in ("max", "min", "mean"):
        raise ShapeError(f"{kind} over {str(Labels(empty))!r} of extent 0 has no value")
    return Expression(f"reduce_{kind}", (operand.captured(), labels), signature)


def _checked_axes(kind: str, axis: int | tuple[int, ...] | None, shape: tuple[int, ...]) -> tuple[int, ...]:
    rank = len(shape)
    given = range(rank) if axis is None else ((axis,) if hasattr(axis, "__index__") else axis)
    axes = [operator.index(a) for a in given]
    if builtins.any(not -rank <= a < rank for a in axes) or len({a % rank for a in axes}) != len(axes):
        raise ShapeError(
            f"{kind} over axes {tuple(axes)}: a tensor of shape {shape} has axes 0 to {rank - 1}, each once"
        )
    return tuple(sorted(a % rank for a in axes))


def _over_axes(kind: str, operand: Any, axis: int | tuple[int, ...] | None, keepdims: bool) -> Tensor:
    node = as_node(operand)
    axes = _checked_axes(kind, axis, node.shape)
    count = math.prod(node.shape[a] for a in axes)
    _check_fold(kind, node, axes, count)
    if kind == "mean":
        # Added up as integers, large ones would wrap.
        summed = _mapped(node, ("astype", argument(0), "float64")) if node.dtype.kind in "iu" else node
        result = _mapped(Reduce.of(summed, "sum", axes), call("divide", argument(0), constant(count)))
    else:
        result = Reduce.of(node, kind, axes)
    return Tensor.from_node(_with_axes(result, axes, node.ndim) if keepdims else result)


def _check_fold(kind: str, node: Node, axes: tuple[int, ...], count: int) -> None:
    if count == 0 and kind in ("max", "min", "mean"):
        raise ShapeError(f"{kind} over axes {axes} of shape {node.shape} has no value: there is nothing to fold")
    if kind in ("max", "min") and node.dtype.kind == "c":
        raise DtypeError(f"{kind} of {node.dtype}: complex numbers have no order; take abs, real or imag first")


def _mapped(node: Node, body: Any) -> Node:
    return Map.of([node], [tuple(range(node.ndim))], node.shape, body)


def _with_axes(folded: Node, axes: tuple[int, ...], rank: int) -> Node:
    """The folded axes again, of extent 1."""
    kept = [a for a in range(rank) if a not in axes]
    extents = dict(zip(kept, folded.shape, strict=True))
    return Map.of([folded], [tuple(kept)], [extents.get(a, 1) for a in range(rank)], argument(0))


def _reduction(kind: str) -> Callable[..., Any]:
    def function(
        operand: Any, over: Any = None, *, axis: int | tuple[int, ...] | None = None, keepdims: bool = False
    ) -> Any:
        return reduction(kind, operand, over, axis=axis, keepdims=keepdims)

    function.__name__ = function.__qualname__ = kind
    # Since Python 3.13 docstrings come without their indentation.
    described = cleandoc(reduction.__doc__ or "").replace(
        "Fold an expression over labels, or a tensor over axes.",
        f"The {kind} of an expression over labels, or of a tensor over axes.",
    )
    head, _, rest = described.partition("kind : str")
    function.__doc__ = f"""{head}{rest[rest.find("operand : ") :]}

Examples
--------
>>> import tensorlayer as tl
>>> x = tl.tensor([[1, 2], [3, 4], [5, 6]])
>>> {kind}(x["i,k"], over="k").labels, {kind}(x, axis=0).shape
(Labels('i'), (2,))
"""
    return function


all = _reduction("all")
any = _reduction("any")
max = _reduction("max")
mean = _reduction("mean")
min = _reduction("min")
prod = _reduction("prod")
sum = _reduction("sum")

#: The explicit reductions by name, for the text form.
REDUCTIONS: dict[str, Callable[..., Any]] = {kind: globals()[kind] for kind in __all__}
