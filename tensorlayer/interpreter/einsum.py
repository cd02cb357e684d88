"""Einsum of one or two operands on any array namespace: diagonals, sums, and one matrix product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlayer.graph import Einsum, Input, Map
from tensorlayer.interpreter.contraction import Move, classify, plan_matrix_product
from tensorlayer.interpreter.elementwise import map_kernel
from tensorlayer.scalar import argument, call

if TYPE_CHECKING:
    from tensorlayer.backend.array import ArrayBackend

__all__ = ["einsum_kernel"]

Step = Callable[[Any], Any]


def einsum_kernel(backend: ArrayBackend, node: Einsum) -> Callable[..., Any]:
    """Kernel of an Einsum with one or two operands; the pass *contract* splits longer ones."""
    return _single(backend, node) if len(node.inputs) == 1 else _pair(backend, node)


def _single(backend: ArrayBackend, node: Einsum) -> Callable[..., Any]:
    prepare, kept = _reduce_operand(backend, node, 0, node.output)
    axes = tuple(kept.index(x) for x in node.output)
    finish = _mover(backend, Move(None if axes == tuple(range(len(axes))) else axes, None))
    return _chain([prepare, finish]) or _same


def _pair(backend: ArrayBackend, node: Einsum) -> Callable[..., Any]:
    roles = classify(node.output, *node.labels)
    left, kept_left = _reduce_operand(backend, node, 0, (*node.output, *roles.lhs_dummy))
    right, kept_right = _reduce_operand(backend, node, 1, (*node.output, *roles.lhs_dummy))
    if not roles.lhs_dummy:
        return _outer(backend, node, (left, kept_left), (right, kept_right))
    plan = plan_matrix_product(node.output, kept_left, kept_right, node.extents)
    left = _chain([left, _mover(backend, plan.left)])
    right = _chain([right, _mover(backend, plan.right)])
    finish = _unmover(backend, plan.result)
    matmul = backend.function("matmul", node.dtype)
    return _multiply(matmul, left, right, finish, swap=plan.swap)


def _multiply(
    matmul: Callable[..., Any], left: Step | None, right: Step | None, finish: Step | None, *, swap: bool
) -> Callable[..., Any]:
    """The cheapest call that does what is needed; steps that do nothing are None."""
    if left is None and right is None and finish is None:
        return (lambda a, b: matmul(b, a)) if swap else matmul
    first, second, last = (step or _same for step in (left, right, finish))
    if swap:
        return lambda a, b: last(matmul(second(b), first(a)))
    return lambda a, b: last(matmul(first(a), second(b)))


def _same(array: Any) -> Any:
    return array


def _outer(
    backend: ArrayBackend,
    node: Einsum,
    left: tuple[Step | None, tuple[int, ...]],
    right: tuple[Step | None, tuple[int, ...]],
) -> Callable[..., Any]:
    """A product that sums nothing shared is elementwise: the modes are placed and multiplied."""
    operands = [
        Input.of(i, tuple(node.extents[x] for x in kept), node.dtype) for i, (_, kept) in enumerate((left, right))
    ]
    axes = [tuple(node.output.index(x) for x in kept) for _, kept in (left, right)]
    product = Map.of(operands, axes, node.shape, call("multiply", argument(0), argument(1)))
    multiply = map_kernel(backend, product)
    first, second = left[0] or _same, right[0] or _same
    return lambda a, b: multiply(first(a), second(b))


def _reduce_operand(
    backend: ArrayBackend, node: Einsum, index: int, needed: Sequence[int]
) -> tuple[Step | None, tuple[int, ...]]:
    """Cast an operand, take its diagonals, and sum the labels that nothing else needs."""
    source, labels = node.inputs[index], node.labels[index]
    steps: list[Step | None] = []
    if source.dtype != node.dtype:
        steps.append(backend.caster(node.dtype))
    if len(set(labels)) != len(labels):
        diagonal, labels = _diagonal(backend, labels, node.extents)
        steps.append(diagonal)
    trace = tuple(i for i, x in enumerate(labels) if x not in needed)
    if trace:
        steps.append(_summer(backend, trace, node.dtype))
        labels = tuple(x for x in labels if x in needed)
    return _chain(steps), labels


def _summer(backend: ArrayBackend, axes: tuple[int, ...], dtype: np.dtype[Any]) -> Step:
    total, native = backend.namespace.sum, backend.native_dtype(dtype)
    return lambda array: total(array, axis=axes, dtype=native)


def _diagonal(backend: ArrayBackend, labels: tuple[int, ...], extents: dict[int, int]) -> tuple[Step, tuple[int, ...]]:
    """Equal labels are brought to the front, merged, and every (n + ... + 1)-th element is taken."""
    repeated = next(x for x in labels if labels.count(x) > 1)
    places = [i for i, x in enumerate(labels) if x == repeated]
    rest = [i for i in range(len(labels)) if i not in places]
    kept = (repeated, *(labels[i] for i in rest))
    axes = tuple(places + rest)
    n = extents[repeated]
    stride = sum(n**k for k in range(len(places)))
    tail = tuple(extents[labels[i]] for i in rest)

    def step(array: Any) -> Any:
        merged = backend.reshape(backend.transpose(array, axes), (n ** len(places), *tail))
        return merged[::stride, ...] if n else merged

    if len(set(kept)) == len(kept):
        return step, kept
    again, final = _diagonal(backend, kept, extents)
    return (lambda array: again(step(array))), final


def _mover(backend: ArrayBackend, move: Move) -> Step | None:
    """Permute, then reshape."""
    axes, shape = move
    if axes is None and shape is None:
        return None
    if shape is None:
        return lambda array: backend.transpose(array, axes)  # type: ignore[arg-type]
    if axes is None:
        return lambda array: backend.reshape(array, shape)
    return lambda array: backend.reshape(backend.transpose(array, axes), shape)


def _unmover(backend: ArrayBackend, move: Move) -> Step | None:
    """Reshape, then permute."""
    return _chain([_mover(backend, Move(None, move.shape)), _mover(backend, Move(move.axes, None))])


def _chain(steps: Sequence[Step | None]) -> Step | None:
    real = [step for step in steps if step is not None]
    if len(real) < 2:
        return real[0] if real else None
    if len(real) == 2:
        first, second = real
        return lambda array: second(first(array))
    head, *tail = real
    rest = _chain(tail) or _same
    return lambda array: rest(head(array))
