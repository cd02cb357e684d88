"""Loops of nodes: products are among them, and one may take in what others compute."""

from __future__ import annotations

import numpy as np
import pytest

from tensorlayer.codegen import PYTHON, Loop, loop_of, product_map
from tensorlayer.graph import Einsum, Input, Map
from tensorlayer.scalar import argument, call, constant

X, Y = argument(0), argument(1)


def values(loop: Loop, *arrays: np.ndarray) -> np.ndarray:
    """What the statements give at every point, by Python on whole arrays."""
    placed = [
        np.moveaxis(array, range(array.ndim), np.argsort(np.argsort(axes))).reshape(
            [loop.extents[axis] if axis in axes else 1 for axis in range(len(loop.extents))]
        )
        for array, axes in zip(arrays, loop.axes, strict=True)
    ]
    scope = {"np": np, "exp_float64": np.exp, **{f"v{i}": array for i, array in enumerate(placed)}}
    names = [f"v{i}" for i in range(len(placed))]
    for i, statement in enumerate(loop.statements):
        exec(PYTHON.line(i, statement, names), scope)
    return np.broadcast_to(eval(PYTHON.operand(loop.result, names), scope), loop.extents)


def test_operands_are_computed_inside():
    rng = np.random.default_rng(1)
    a, b, c = rng.standard_normal((3, 4)), rng.standard_normal(3), rng.standard_normal((4, 3))
    given = [Input.of(i, one.shape, one.dtype) for i, one in enumerate((a, b, c))]
    shifted = Map.of(given[:2], [(0, 1), (0,)], (3, 4), call("exp", call("subtract", X, Y)))
    # The map is read across, and twice.
    body = call("add", call("multiply", X, Y), call("multiply", argument(2), constant(2.0)))
    reader = Map.of([shifted, given[2], shifted], [(1, 0), (0, 1), (1, 0)], (4, 3), body)
    inner, outer = loop_of(shifted, PYTHON), loop_of(reader, PYTHON)
    assert inner is not None
    assert outer is not None
    whole = outer.inlined({0: inner, 2: inner})
    assert whole.axes == ((1, 0), (1,), (0, 1), (1, 0), (1,))
    grown = np.exp(a - b[:, None]).T
    np.testing.assert_allclose(values(whole, a, b, c, a, b), grown * c + grown * 2.0, rtol=1e-14)


@pytest.mark.parametrize(
    ("labels", "output", "is_loop"),
    [
        (((0, 1), (0, 1)), (0,), True),
        (((0, 1), (1, 0)), (1, 0), True),
        (((0, 1),), (), True),
        (((0, 1),), (1, 0), False),  # which moves only
        (((0, 0), (0, 1)), (0,), False),  # of a diagonal there is no map
        (((0, 1), (1, 2)), (0, 2), False),  # for BLAS
    ],
)
def test_products_over_common_labels_are_loops(labels, output, is_loop):
    node = Einsum.of([Input.of(i, (3, 3), "int8") for i in range(len(labels))], labels, output)
    loop = loop_of(node, PYTHON)
    assert (loop is not None) is is_loop
    if loop is not None:
        assert loop.dtype == node.dtype
        assert tuple(loop.extents[axis] for axis in loop.kept) == node.shape


def test_a_product_is_a_map_over_all_labels():
    node = Einsum.of([Input.of(0, (2, 3), "int8"), Input.of(1, (3, 4), "int8")], [(0, 1), (1, 2)], (0, 2))
    found = product_map(node)
    assert found is not None
    assert (found.shape, found.axes, found.dtype) == ((2, 4, 3), ((0, 2), (2, 1)), node.dtype)
    assert product_map(Einsum.of([Input.of(0, (3, 3), "int8")], [(0, 0)], (0,))) is None
