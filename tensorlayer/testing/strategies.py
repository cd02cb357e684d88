"""Hypothesis strategies: random graphs over every kind of operation that moves or combines elements."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tensorlayer.graph import Concatenate, Einsum, Map, Node, Reduce, Reshape, Slice, Update, postorder, sliced_shape
from tensorlayer.graph.movement import SliceKey
from tensorlayer.scalar import Body, argument, call, constant
from tensorlayer.testing.case import Array, Case, inputs_for, is_defined

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError(f"tensorlayer.testing.strategies needs hypothesis ({error}): pip install hypothesis") from None

__all__ = ["arrays", "graphs"]

Draw = Callable[[st.SearchStrategy[Any]], Any]
#: Larger results are not built on, and larger products not formed, so that the reference backend keeps up.
LARGEST = 256
_EXTENTS = st.sampled_from((2, 3, 1, 0))
_x, _y, _z = map(argument, range(3))
_UNARY: tuple[Body, ...] = (
    _x,
    call("negative", _x),
    call("square", _x),
    call("conj", _x),
    call("multiply", constant(2.0), _x),
    call("where", call("not_equal", _x, constant(0)), _x, constant(1)),
    ("astype", _x, "complex128"),
)
_BINARY: tuple[Body, ...] = (
    call("add", _x, _y),
    call("subtract", _x, _y),
    call("multiply", _x, _y),
    call("add", call("multiply", _x, _x), _y),
    call("where", call("equal", _x, _y), _x, constant(3)),
)


@st.composite
def arrays(draw: Draw, dtypes: tuple[str, ...] = ("float64", "complex128", "int64"), max_ndim: int = 3) -> Array:
    """Arrays of small whole numbers, so that sums and products of them are exact in any order.

    Parameters
    ----------
    draw : callable
        Given by hypothesis.
    dtypes : tuple of str, optional
        Element types to choose from.
    max_ndim : int, optional
        Largest rank.
    """
    shape = draw(st.lists(_EXTENTS, max_size=max_ndim))
    rng = np.random.default_rng(draw(st.integers(0, 2**16)))
    values: Array = rng.integers(-2, 3, shape).astype(draw(st.sampled_from(dtypes)))
    return np.asarray(values + 1j * rng.integers(-2, 3, shape)) if values.dtype.kind == "c" else values


@st.composite
def graphs(draw: Draw, max_operations: int = 6) -> Case:
    """Graphs with elements for their inputs, and one or more sinks; operations share operands at random.

    Parameters
    ----------
    draw : callable
        Given by hypothesis.
    max_operations : int, optional
        Largest number of operations.
    """
    operands = draw(st.lists(arrays(), min_size=1, max_size=3))
    nodes: list[Node] = list(inputs_for(*operands))
    for _ in range(draw(st.integers(1, max_operations))):
        grow = draw(st.sampled_from(_OPERATIONS))
        node = grow(draw, [node for node in nodes if node.size <= LARGEST])
        nodes.append(node)
    sinks = tuple(draw(st.lists(st.sampled_from(nodes[len(operands) :]), min_size=1, max_size=3, unique=True)))
    return _renumbered(sinks, operands)


def _renumbered(sinks: tuple[Node, ...], operands: list[Array]) -> Case:
    """The case over the operands that are read; keys stay positions."""
    read = {node.parameters[0] for node in postorder(sinks) if not node.inputs}
    unread = [i for i in range(len(operands)) if i not in read]
    extra = tuple(inputs_for(*operands)[i] for i in unread)
    return Case("random", (*sinks, *extra), tuple(operands))


def _one(draw: Draw, nodes: list[Node]) -> Node:
    chosen: Node = draw(st.sampled_from(nodes))
    return chosen


def _elementwise(draw: Draw, nodes: list[Node]) -> Node:
    first = _one(draw, nodes)
    order = draw(st.permutations(range(first.ndim)))
    shape = [0] * first.ndim
    for axis, extent in zip(order, first.shape, strict=True):
        shape[axis] = extent
    if draw(st.booleans()):
        return Map.of([first], [order], shape, _body(draw, _UNARY, first))
    second = _one(draw, nodes)
    axes = _placed(draw, second.shape, shape)
    if math.prod(shape) > LARGEST:
        return first
    return Map.of([first, second], [order, axes], shape, _body(draw, _BINARY, first, second))


def _body(draw: Draw, bodies: tuple[Body, ...], *operands: Node) -> Body:
    """A body that is defined for the operands: truth values, for one, have no negative."""
    dtypes = tuple(operand.dtype for operand in operands)
    chosen: Body = draw(st.sampled_from([body for body in bodies if is_defined(body, dtypes)]))
    return chosen


def _placed(draw: Draw, extents: tuple[int, ...], shape: list[int]) -> list[int]:
    """Output axes for modes of another operand: axes of equal extent that are free, else new ones."""
    axes: list[int] = []
    for extent in extents:
        free = [axis for axis, n in enumerate(shape) if n == extent and axis not in axes]
        axes.append(draw(st.sampled_from([*free, len(shape)])))
        if axes[-1] == len(shape):
            shape.append(extent)
    return axes


def _product(draw: Draw, nodes: list[Node]) -> Node:
    factors: list[Node] = draw(st.lists(st.sampled_from(nodes), min_size=1, max_size=4))
    extents: list[int] = []
    labels: list[list[int]] = []
    for factor in factors:
        labels.append([])
        for extent in factor.shape:
            known = [label for label, n in enumerate(extents) if n == extent]
            labels[-1].append(draw(st.sampled_from([*known, len(extents)])))
            if labels[-1][-1] == len(extents):
                extents.append(extent)
    if math.prod(max(n, 1) for n in extents) > 8 * LARGEST:
        return factors[0]
    output = draw(st.lists(st.sampled_from(range(len(extents))), unique=True)) if extents else []
    return Einsum.of(factors, labels, output)


def _reduction(draw: Draw, nodes: list[Node]) -> Node:
    source = _one(draw, nodes)
    axes = draw(st.lists(st.sampled_from(range(source.ndim)), unique=True)) if source.ndim else []
    ordered = source.dtype.kind != "c" and all(source.shape[axis] for axis in axes)
    return Reduce.of(source, draw(st.sampled_from(("sum", "max", "min", "any") if ordered else ("sum", "all"))), axes)


def _key(draw: Draw, shape: tuple[int, ...]) -> SliceKey:
    key: list[int | tuple[int, int, int]] = []
    for extent in shape:
        if extent and draw(st.booleans()):
            key.append(draw(st.integers(0, extent - 1)))
            continue
        start, stop = sorted((draw(st.integers(0, extent)), draw(st.integers(0, extent))))
        step = draw(st.sampled_from((1, 2)))
        key.append((start, stop, step) if draw(st.booleans()) else (stop - 1, start - 1, -step))
    return tuple(key)


def _part(draw: Draw, nodes: list[Node]) -> Node:
    source = _one(draw, nodes)
    return Slice.of(source, _key(draw, source.shape))


def _update(draw: Draw, nodes: list[Node]) -> Node:
    base = _one(draw, nodes)
    key = _key(draw, base.shape)
    fitting = [node for node in nodes if node.shape == sliced_shape(base.shape, key)]
    return Update.of(base, _one(draw, fitting) if fitting else Slice.of(base, key), key)


def _reshape(draw: Draw, nodes: list[Node]) -> Node:
    source = _one(draw, nodes)
    return Reshape.of(source, draw(st.sampled_from(((source.size,), (1, *source.shape), (*source.shape, 1)))))


def _join(draw: Draw, nodes: list[Node]) -> Node:
    first = _one(draw, nodes)
    if not first.ndim:
        return first
    return Concatenate.of([first, first], draw(st.integers(0, first.ndim - 1)))


_OPERATIONS = (_product, _elementwise, _reduction, _part, _update, _reshape, _join)
