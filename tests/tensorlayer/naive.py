"""The oracle of the graph's tests: every node by its definition, in NumPy, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlayer.graph import (
    Concatenate,
    Convert,
    Delta,
    Einsum,
    Fill,
    Fused,
    Generate,
    Input,
    Linalg,
    Map,
    Node,
    OpGraph,
    Reduce,
    Reshape,
    Result,
    Slice,
    Update,
    postorder,
)
from tensorlayer.scalar import Body

Array = np.ndarray[Any, Any]


def evaluate(graph: OpGraph, arrays: Sequence[Array]) -> list[Array]:
    """The results of `graph` for the inputs with keys 0, 1, ..."""
    values: dict[Node, Any] = {}
    with np.errstate(all="ignore"):
        for node in postorder(graph.sink_nodes):
            values[node] = _value(node, [values[source] for source in node.inputs], arrays)
    return [values[sink] for sink in graph.sink_nodes]


def _value(node: Node, operands: list[Any], arrays: Sequence[Array]) -> Any:  # noqa: C901  # one case per operation
    match node:
        case Input():
            return arrays[node.key]
        case Fill():
            return np.full(node.shape, node.value, node.dtype)
        case Delta():
            return np.eye(node.shape[0], dtype=node.dtype)
        case Generate():
            return node.generator.generate(node.region).astype(node.dtype)
        case Einsum():
            pairs = zip((a.astype(node.dtype) for a in operands), map(list, node.labels), strict=True)
            return np.asarray(np.einsum(*(x for pair in pairs for x in pair), list(node.output)), node.dtype)
        case Map():
            return np.array(_map(node.body, node.axes, node.shape, operands))
        case Fused():
            return _reduce(_map(node.body, node.axes, node.extents, operands), node.kind, node.reduced, node)
        case Reduce():
            return _reduce(operands[0], node.kind, node.axes, node)
        case Slice():
            return operands[0][_index(node.key)]
        case Update():
            result = operands[0].astype(node.dtype)
            result[_index(node.key)] = operands[1]
            return result
        case Reshape():
            return operands[0].reshape(node.shape)
        case Concatenate():
            return np.concatenate(operands, axis=node.axis)
        case Convert():
            return operands[0]
        case Linalg():
            return getattr(np.linalg, node.name)(*operands, *node.options)
        case Result():
            return operands[0][node.index]
    raise NotImplementedError(node)


def _reduce(array: Array, kind: str, axes: tuple[int, ...], node: Node) -> Array:
    return np.asarray(getattr(np, kind)(array, axis=axes)).astype(node.dtype)


def _index(key: Any) -> tuple[int | slice, ...]:
    return tuple(e if isinstance(e, int) else slice(e[0], None if e[1] < 0 else e[1], e[2]) for e in key)


def _map(body: Body, axes: Any, shape: tuple[int, ...], operands: list[Array]) -> Array:
    placed = []
    for array, places in zip(operands, axes, strict=True):
        spread = array.transpose(sorted(range(array.ndim), key=places.__getitem__))
        placed.append(spread.reshape([n if a in places else 1 for a, n in enumerate(shape)]))
    return np.broadcast_to(_body(body, placed), shape)


def _body(body: Body, arguments: list[Array]) -> Any:
    if body[0] == "x":
        return arguments[body[1]]
    if body[0] == "c":
        return body[2]
    if body[0] == "astype":
        inner = np.asarray(_body(body[1], arguments))
        return (inner if np.dtype(body[2]).kind == "c" else inner.real).astype(body[2])
    return getattr(np, body[0])(*(_body(part, arguments) for part in body[1:]))
