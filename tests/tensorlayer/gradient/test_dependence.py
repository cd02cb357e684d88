"""What a result depends on: through computed values, through each other, through values that are gone."""

from __future__ import annotations

import gc

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.errors import DtypeError, GraphError, ShapeError


@pytest.fixture
def x() -> tl.Tensor:
    return tl.tensor([1.0, 2.0, 3.0])


def test_through_values_that_have_been_computed(x: tl.Tensor) -> None:
    B, C = tl.Tensor(), tl.Tensor()
    B["i"] = x["i"] ** 2
    B.compute()
    C["i"] = B["i"] * x["i"]
    C.compute()
    E = C["i"][""]
    assert float(E) == 36.0
    np.testing.assert_array_equal(tl.grad(E, x), [3, 12, 27])
    np.testing.assert_array_equal(tl.grad(E, C), [1, 1, 1])
    np.testing.assert_array_equal(tl.grad(E, [B, x])[0], [1, 2, 3])


@pytest.mark.parametrize("looked_at", [False, True])
def test_through_each_other(x: tl.Tensor, looked_at: bool) -> None:
    """The gradient by x has what comes through B, whether or not B is differentiated by as well."""
    B = tl.Tensor()
    B["i"] = 2.0 * x["i"]
    if looked_at:
        B.compute()
    E = (B["i"] * B["i"] + 2.0 * x["i"])[""]
    by_x, by_B, again = tl.grad(E, [x, B, x])
    np.testing.assert_array_equal(by_x, 8.0 * x.numpy() + 2.0)
    np.testing.assert_array_equal(by_B, 4.0 * x.numpy())
    np.testing.assert_array_equal(again, by_x)
    np.testing.assert_array_equal(tl.grad(E, x), by_x)


def test_equal_work_is_not_the_same_tensor(x: tl.Tensor) -> None:
    """An expression that happens to equal B's is no path through B."""
    B = tl.Tensor()
    B["i"] = 2.0 * x["i"]
    E = (B["i"] + (2.0 * x["i"])["i"])[""]
    np.testing.assert_array_equal(tl.grad(E, B), [1, 1, 1])


def test_by_the_result_itself(x: tl.Tensor) -> None:
    E = (x["i"] * x["i"])[""]
    assert float(tl.grad(E, E)) == 1.0


def test_steps_have_the_gradient_zero(x: tl.Tensor) -> None:
    np.testing.assert_array_equal(tl.grad(tl.floor(x["i"])[""], x), [0, 0, 0])


def test_on_the_backend_of_the_data(backend_name: str) -> None:
    v = tl.tensor(np.array([1.0, 2.0]), backend=backend_name)
    gradient = tl.grad((v["i"] * v["i"])[""], v)
    np.testing.assert_array_equal(gradient, [2, 4])
    assert gradient.backend == backend_name


def test_recorded_not_computed(x: tl.Tensor) -> None:
    E = (x["i"] ** 2)[""]
    gradient = tl.grad(E, x)
    assert not gradient.is_computed
    assert not E.is_computed


def test_loops_of_computed_statements() -> None:
    """A history of many computed values is walked, not recursed into."""
    x = tl.tensor([1.0, 2.0])
    kept = [x]
    for _ in range(1500):
        after = tl.Tensor()
        after["i"] = kept[-1]["i"] * 1.001
        kept.append(after.compute())
    np.testing.assert_allclose(tl.grad(kept[-1]["i"][""], x), [1.001**1500] * 2)


def test_values_that_are_gone(x: tl.Tensor) -> None:
    y = tl.tensor([4.0, 5.0, 6.0])
    E = (x["i"] * y["i"])[""]
    float(E)
    np.testing.assert_array_equal(tl.grad(E, x), [4, 5, 6])
    del y
    gc.collect()
    with pytest.raises(GraphError, match="is gone, so its gradient cannot be formed: keep a handle to it"):
        tl.grad(E, x)


def test_what_the_result_does_not_depend_on(x: tl.Tensor) -> None:
    other, E = tl.tensor([1.0]), (x["i"] * 2.0)[""]
    with pytest.raises(GraphError, match=r"does not depend on tensor number 1 of wrt \(shape \(1,\)\)"):
        tl.grad(E, [x, other])
    x["i"] = x["i"] * 1.0
    with pytest.raises(GraphError, match="it was read before the handle was assigned to"):
        tl.grad(E, x)


def test_bad_arguments(x: tl.Tensor) -> None:
    n, z = tl.tensor([1, 2, 3]), tl.tensor([1j])
    with pytest.raises(ShapeError, match=r"this result has shape \(3,\): close it over all labels"):
        tl.grad((x["i"] * 2)["i"], x)
    with pytest.raises(ShapeError, match="needs a closed result, as \\(expr\\)\\[''\\], got Expression"):
        tl.grad(x["i"] * 2, x)
    with pytest.raises(DtypeError, match="tensor number 1 of wrt holds int64"):
        tl.grad((x["i"] * n["i"])[""], [x, n])
    with pytest.raises(DtypeError, match="item number 1 of wrt is no tensor but str"):
        tl.grad((x["i"] * 2)[""], [x, "x"])
    with pytest.raises(DtypeError, match="take real"):
        tl.grad(z["i"][""], z)


def test_integers_on_the_way_are_constants(x: tl.Tensor) -> None:
    n = tl.tensor([2, 3, 4])
    np.testing.assert_array_equal(tl.grad((x["i"] * n["i"])[""], x), [2, 3, 4])


def test_element_types_stay() -> None:
    a, b = tl.tensor(np.ones(2, np.float32)), tl.tensor(np.ones(2))
    z = tl.tensor(np.array([1 + 2j]))
    assert [g.dtype for g in tl.grad((a["i"] * b["i"])[""], [a, b])] == [np.float32, np.float64]
    gradient = tl.grad(tl.real(z["i"] * b[:1]["i"])[""], [z, b])
    assert [g.dtype for g in gradient] == [np.complex128, np.float64]
    np.testing.assert_array_equal(gradient[1], [1.0, 0.0])
