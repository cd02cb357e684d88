"""What an assignment records."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlayer.backend import get_backend
from tensorlayer.errors import LabelError
from tensorlayer.graph import DType, Fill, Node
from tensorlayer.labels import Labels
from tensorlayer.language.evaluation import graph_of
from tensorlayer.language.expression import Labelled, unlabelled
from tensorlayer.language.recording import recording_states
from tensorlayer.language.signature import check_target
from tensorlayer.language.value import Value
from tensorlayer.layout import LogicalLayout
from tensorlayer.passes import Target, delegate, derived_layout
from tensorlayer.shape import Smooth

__all__ = ["dtype_of", "layout_of", "node_of", "record", "require_claimed", "right_side"]


def record(expression: Labelled, labels: Labels) -> Value:
    """The value of an expression closed over `labels`.

    Raises
    ------
    LabelError
        If the statement breaks rule R3 or R8.
    """
    value = Value(check_target(expression.signature, labels))
    value.expression = expression.captured()  # type: ignore[assignment]
    value.target = labels
    value.grad_states = recording_states()
    return value


def right_side(right: Any, labels: Labels, shape: tuple[int, ...] | None, old: Value | None) -> Value:
    """The value that a statement assigns: of an expression, or of a number that fills `shape`.

    Raises
    ------
    LabelError
        If the right side has no labels, or a number has nothing to fill.
    """
    if isinstance(right, Labelled):
        return record(right, labels)
    if isinstance(right, int | float | complex | np.generic):
        return _filled(right, labels, shape, old)
    raise LabelError(f"the right side of [{str(labels)!r}] = ... has no labels: {unlabelled(right)}")


def require_claimed(value: Value, old: Value | None) -> None:
    """Refuse a statement that a backend which keeps its elements cannot compute, while the handle still holds them.

    Raises
    ------
    UnsupportedOperationError
        If `old` is held by such a backend, and it has no operation for what the statement does to its tensors.
    """
    if old is not None and old.place[0] and get_backend(old.place[0]).keeps:
        delegate(graph_of([value])[0], Target())


def _filled(number: Any, labels: Labels, shape: tuple[int, ...] | None, old: Value | None) -> Value:
    if shape is None and labels:
        raise LabelError(
            f"[{str(labels)!r}] = {number!r}: the extents are unknown, because the tensor is empty and a number has no "
            "labels; make it by tensor(shape=...) first"
        )
    shape = shape if labels else ()
    if labels.has_repeats or len(labels) != len(shape):  # type: ignore[arg-type]
        raise LabelError(f"[{str(labels)!r}] = {number!r} does not fit a tensor of shape {shape}")
    dtype = np.result_type(number) if old is None else np.result_type(dtype_of(old), number)
    return Value.derived(Fill.of(shape, number, dtype))  # type: ignore[arg-type]


def node_of(value: Value) -> Node:
    """A graph node that reads `value`, whether it is computed or not."""
    node = value.node
    if node is not None and not value.is_available:
        return node
    dtype_of(value)
    return value.as_input(value)


def dtype_of(value: Value) -> DType:
    """Element type of a value, derived from its statement if need be."""
    dtype = value.known_dtype
    if dtype is None:
        dtype = graph_of([value])[0].sink_nodes[0].dtype
        value.set_dtype(dtype)
    return dtype


def layout_of(value: Value) -> LogicalLayout:
    """What is known about the elements of a value: declared, or following from how it came about."""
    if value.symmetry is not None or value.sparsity is not None:
        return LogicalLayout(Smooth(value.shape), value.symmetry, value.sparsity)
    if value.history is not None:
        return derived_layout(value.history.graph.sink_nodes[value.history.position])
    if value.is_available:
        return LogicalLayout(Smooth(value.shape))
    return derived_layout(graph_of([value])[0].sink_nodes[0])
