"""The planner of matrix products: label classes as worked out by hand, recipes against `np.einsum`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.numpy import backend
from tensorlayer.graph import Einsum, Input
from tensorlayer.interpreter import LabelClasses, classify, einsum_kernel, plan_matrix_product

ROWS = json.loads((Path(__file__).parents[2] / "data" / "statements.json").read_text("utf-8"))["planner"]
#: Result, operands, and the orders in which their matrices are formed, worked out by hand.
READY = [
    ("q", "p", "pq", "p", "pq"),
    ("qp", "pr", "rq", "pr", "rq"),
    ("pq", "pr", "qr", "pr", "rq"),
    ("q", "rp", "qrp", "rp", "rpq"),
    ("qpt", "rp", "qrt", "pr", "rqt"),
    ("pt", "pqr", "rtq", "pqr", "qrt"),
    ("", "pqr", "qpr", "pqr", "pqr"),
]


def split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['out']}={row['lhs']};{row['rhs']}")
def test_label_classes(row: dict[str, str]) -> None:
    classes = classify(split(row["out"]), split(row["lhs"]), split(row["rhs"]))
    assert classes == LabelClasses(**{name: split(row[name]) for name in LabelClasses._fields})


@pytest.mark.parametrize(("output", "left", "right", "rows", "columns"), READY)
def test_matrices_are_formed_in_a_ready_order(output: str, left: str, right: str, rows: str, columns: str) -> None:
    extents = {label: i + 2 for i, label in enumerate("pqrt")}
    plan = plan_matrix_product(output, left, right, extents)
    formed = [
        "".join(labels[i] for i in move.axes or range(len(labels)))
        for labels, move in ((left, plan.left), (right, plan.right))
    ]
    dummy = [x for x in left if x in right and x not in output]
    # The product may be formed the other way round, and the summed labels in either operand's order.
    assert [set_of_orders(one, dummy) for one in formed] == [set_of_orders(one, dummy) for one in (rows, columns)]


def set_of_orders(order: str, dummy: list[str]) -> tuple[str, frozenset[str]]:
    """The kept labels in order, and the set of the summed ones, which must lie side by side."""
    places = [order.index(x) for x in dummy]
    assert not places or max(places) - min(places) == len(places) - 1
    return "".join(x for x in order if x not in dummy), frozenset(dummy)


@st.composite
def products(draw, *, plain: bool):
    """Labels of a product of two operands; `plain`: no diagonals, no label that one operand sums alone."""
    labels = st.lists(st.sampled_from("abcdef"), min_size=0, max_size=4, unique=plain)
    left, right = draw(labels), draw(labels)
    every = list(dict.fromkeys(left + right))
    alone = {x for x in every if (x in left) != (x in right)} if plain else set()
    kept = [x for x in draw(st.permutations(every)) if x in alone or draw(st.booleans())]
    extents = {x: draw(st.integers(0 if not plain else 1, 4)) for x in "abcdef"}
    return "".join(kept), "".join(left), "".join(right), extents


def random_arrays(left: str, right: str, extents: dict[str, int], dtypes: tuple[str, str]):
    rng = np.random.default_rng(len(left) * 7 + len(right))
    return [
        rng.integers(-4, 5, [extents[x] for x in labels]).astype(dtype)
        for labels, dtype in zip((left, right), dtypes, strict=True)
    ]


def as_node(output: str, left: str, right: str, arrays) -> Einsum:
    inputs = [Input.of(i, array.shape, array.dtype) for i, array in enumerate(arrays)]
    return Einsum.of(inputs, [tuple(map(ord, left)), tuple(map(ord, right))], tuple(map(ord, output)))


@pytest.mark.parametrize("rule", [backend.vocabulary[Einsum], einsum_kernel], ids=["numpy", "any array library"])
@given(
    product=products(plain=False) | products(plain=True),
    dtypes=st.tuples(*[st.sampled_from(["float64", "float32", "complex128", "int64", "int8", "bool"])] * 2),
    orders=st.tuples(st.sampled_from("CF"), st.sampled_from("CF")),
)
@settings(max_examples=400, deadline=None)
def test_a_product_is_what_einsum_gives(rule, product, dtypes, orders) -> None:
    output, left, right, extents = product
    arrays = random_arrays(left, right, extents, dtypes)
    node = as_node(output, left, right, arrays)
    given_arrays = [np.array(array, order=order) for array, order in zip(arrays, orders, strict=True)]
    result = np.asarray(rule(backend, node)(*given_arrays))
    cast = [array.astype(node.dtype) for array in arrays]
    assert (result.shape, result.dtype) == (node.shape, node.dtype)
    np.testing.assert_array_equal(result, np.einsum(f"{left},{right}->{output}", *cast))


@pytest.mark.parametrize("extent", [15, 16, 40])
def test_dot_products_side_by_side(extent: int) -> None:
    rng = np.random.default_rng(4)
    arrays = [rng.standard_normal((3, 5, extent)) for _ in range(2)]
    node = as_node("ck", "ack", "ack", arrays)
    np.testing.assert_allclose(backend.kernel(node)(*arrays), (arrays[0] * arrays[1]).sum(0), rtol=1e-13)


@given(product=products(plain=True))
def test_what_can_be_merged_is_not_copied(product) -> None:
    """An operand is copied only if its kept or its summed labels do not lie side by side in any common order."""
    output, left, right, extents = product
    roles = classify(output, left, right)
    if not roles.lhs_dummy:
        return
    plan = plan_matrix_product(output, left, right, extents)
    copied = 0
    for labels, move in ((left, plan.left), (right, plan.right)):
        array = np.empty([extents[x] for x in labels])
        moved = array.transpose(move.axes or range(array.ndim))
        moved = moved if move.shape is None else moved.reshape(move.shape)
        copied += not np.shares_memory(moved, array)
    assert copied <= min(
        sum(
            not (side_by_side(labels, free) and side_by_side(labels, dummy))
            for labels, free in ((left, roles.lhs_free), (right, roles.rhs_free))
        )
        for dummy in (roles.lhs_dummy, roles.rhs_dummy)
    )


def side_by_side(labels: str, group: tuple[str, ...]) -> bool:
    return "".join(group) in labels
