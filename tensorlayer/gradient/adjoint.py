"""The adjoint rule of every operation.

For an operation y = f(x1, x2, ...) and the adjoint g of y, a rule gives the adjoints of the inputs. For
complex elements the convention is torch's: the adjoint of a holomorphic f is conj(f'(x)) g.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

from tensorlayer.errors import UnsupportedOperationError
from tensorlayer.graph import (
    Concatenate,
    Convert,
    Delta,
    Einsum,
    Fill,
    Map,
    Node,
    Reshape,
    Slice,
    Update,
)
from tensorlayer.scalar import argument, call

__all__ = ["Adjoints", "add", "adjoint", "conjugate", "elementwise", "matched"]

Adjoints = Sequence[Node | None]


@singledispatch
def adjoint(node: Node, g: Any, needed: Sequence[bool]) -> Adjoints:  # noqa: ARG001  # the rules use them
    """Adjoints of the inputs of `node`.

    Parameters
    ----------
    node : Node
        The operation.
    g : Node
        Adjoint of its result (for a decomposition, a mapping from index of result to adjoint).
    needed : sequence of bool
        Which inputs need one.

    Returns
    -------
    sequence of Node or None
        One per input; of its shape, or None where it is zero or not needed.

    Raises
    ------
    UnsupportedOperationError
        If the operation has no rule.
    """
    raise UnsupportedOperationError(
        f"{node.operation} has no adjoint: differentiate a result that does not depend on it, or register a rule by "
        "adjoint.register"
    )


def elementwise(body: Any, *nodes: Node) -> Node:
    """`body` of nodes of one shape."""
    axes = tuple(range(nodes[0].ndim))
    return Map.of(nodes, [axes] * len(nodes), nodes[0].shape, body)


def add(terms: Sequence[Node]) -> Node:
    """The sum of nodes of one shape."""
    total = terms[0]
    for term in terms[1:]:
        total = elementwise(call("add", argument(0), argument(1)), total, term)
    return total


def conjugate(node: Node) -> Node:
    """The complex conjugate; the node itself if it is real."""
    return elementwise(call("conj", argument(0)), node) if node.dtype.kind == "c" else node


def matched(term: Node, child: Node) -> Node:
    """An adjoint with the element type of what it belongs to: real parts for real ones."""
    if term.dtype == child.dtype:
        return term
    body = argument(0)
    if term.dtype.kind == "c" and child.dtype.kind != "c":
        body = call("real", body)
    return elementwise(("astype", body, child.dtype.name), term)


@adjoint.register
def _einsum(node: Einsum, g: Node, needed: Sequence[bool]) -> Adjoints:
    """The adjoint contracted with the other factors, the operand's labels kept."""
    return [_factor_adjoint(node, i, g) if wanted else None for i, wanted in enumerate(needed)]


def _factor_adjoint(node: Einsum, index: int, g: Node) -> Node:
    factors: list[Node] = [g]
    labels: list[tuple[int, ...]] = [node.output]
    for i, (source, own) in enumerate(zip(node.inputs, node.labels, strict=True)):
        if i != index:
            factors.append(conjugate(source))
            labels.append(own)
    own = node.labels[index]
    present = {x for one in labels for x in one}
    lonely = tuple(dict.fromkeys(x for x in own if x not in present))
    if lonely:
        factors.append(Fill.of(tuple(node.extents[x] for x in lonely), 1, g.dtype))
        labels.append(lonely)
    kept: list[int] = []
    fresh = max((x for one in (*node.labels, node.output) for x in one), default=0) + 1
    for x in own:
        if x in kept:
            # The adjoint of taking a diagonal is writing one.
            factors.append(Delta.of(node.extents[x], g.dtype))
            labels.append((x, fresh))
            kept.append(fresh)
            fresh += 1
        else:
            kept.append(x)
    return Einsum.of(factors, labels, kept)


@adjoint.register
def _slice(node: Slice, g: Node, needed: Sequence[bool]) -> Adjoints:
    del needed
    return [Update.of(Fill.of(node.inputs[0].shape, 0, g.dtype), g, node.key)]


@adjoint.register
def _update(node: Update, g: Node, needed: Sequence[bool]) -> Adjoints:
    del needed
    return [Update.of(g, Fill.of(node.inputs[1].shape, 0, g.dtype), node.key), Slice.of(g, node.key)]


@adjoint.register
def _reshape(node: Reshape, g: Node, needed: Sequence[bool]) -> Adjoints:
    del needed
    return [Reshape.of(g, node.inputs[0].shape)]


@adjoint.register
def _concatenate(node: Concatenate, g: Node, needed: Sequence[bool]) -> Adjoints:
    del needed
    parts: list[Node] = []
    start = 0
    for source in node.inputs:
        stop = start + source.shape[node.axis]
        key = tuple((start, stop, 1) if a == node.axis else (0, n, 1) for a, n in enumerate(g.shape))
        parts.append(Slice.of(g, key))
        start = stop
    return parts


@adjoint.register
def _convert(node: Convert, g: Node, needed: Sequence[bool]) -> Adjoints:
    # Where the adjoint lives is decided when it is placed.
    del node, needed
    return [g]
