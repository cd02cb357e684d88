"""Transposed views of tensors on crossbars: what is done to them is done to the crossbars, as it is without them."""

from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest
from scipy.sparse.linalg import aslinearoperator

import tensorlayer as tl
from analog.backend import linear_operator
from analog.backend.nodes import AnalogTranspose
from analog.backend.products import form_of
from analog.config import ConstantStepDevice, MappingParameter, SingleRPUConfig
from tensorlayer.errors import GraphError, UnsupportedOperationError
from tensorlayer.options import options

#: Noisy products and pulses, which differ if anything is drawn otherwise; and a digital factor.
NOISY = SingleRPUConfig(device=ConstantStepDevice(), mapping=MappingParameter(weight_scaling_omega=0.3))


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return 0.1 * rng.standard_normal((5, 4)), rng.standard_normal((3, 4)), rng.standard_normal((3, 5))


def on_crossbars(w, **choices):
    return tl.tensor(w, backend="analog", config=NOISY, seed=2, tile_shape=(3, 4), **choices)


@pytest.mark.parametrize("computed", [False, True], ids=["recorded", "computed"])
def test_reading_and_products_and_pulses_are_those_of_the_crossbars(data, computed):
    w, x, d = data
    W, view, X, D = on_crossbars(w), on_crossbars(w).T, tl.tensor(x), tl.tensor(d)
    with options(check=True):
        if computed:
            view.compute()
        assert view.place == ("analog", "cpu")
        np.testing.assert_array_equal(view.numpy(), W.numpy().T)
        np.testing.assert_array_equal((view["i,o"] * X["b,i"])["b,o"].numpy(), (W["o,i"] * X["b,i"])["b,o"].numpy())
        np.testing.assert_array_equal((view["i,o"] * D["b,o"])["b,i"].numpy(), (W["o,i"] * D["b,o"])["b,i"].numpy())
        for _ in range(2):
            view["i,o"] += 0.5 * D["b,o"] * X["b,i"]
            W["o,i"] += 0.5 * D["b,o"] * X["b,i"]
        np.testing.assert_array_equal(view.numpy(), W.numpy().T)
        np.testing.assert_array_equal(view.T.numpy(), W.numpy())
    assert view.place == ("analog", "cpu")
    assert view.buffer.layout.tiling is None
    assert view.T.compute().buffer.layout.tiling == W.buffer.layout.tiling


@pytest.mark.parametrize("modes", ["".join(one) for one in itertools.permutations("pqr")])
@pytest.mark.parametrize("rows", [1, 2])
def test_any_order_of_modes(modes, rows):
    rng = np.random.default_rng(1)
    w, inputs, outputs = 0.1 * rng.standard_normal((2, 3, 4)), "pqr"[rows:], "pqr"[:rows]
    d, x = rng.standard_normal((5, *w.shape[:rows])), rng.standard_normal((5, *w.shape[rows:]))
    D, X = tl.tensor(d)[",".join(f"b{outputs}")], tl.tensor(x)[",".join(f"b{inputs}")]
    V, key = tl.Tensor(), ",".join(modes)
    V[key] = tl.tensor(w, backend="analog", rows=rows)["p,q,r"]
    np.testing.assert_allclose(V.numpy(), np.einsum(f"pqr->{modes}", w), atol=1e-7)
    np.testing.assert_allclose(V.buffer.read_weights(), V.numpy(), atol=1e-5)
    V[key] += 0.1 * D * X
    w += 0.1 * np.einsum(f"b{outputs},b{inputs}->pqr", d, x)
    np.testing.assert_allclose(V.numpy(), np.einsum(f"pqr->{modes}", w), atol=1e-6)
    y = (V[key] * X)[",".join(f"b{outputs}")]
    np.testing.assert_allclose(y.numpy(), np.einsum(f"pqr,b{inputs}->b{outputs}", w, x), atol=1e-5)


def test_views_of_views_lie_as_one_that_was_moved_at_once():
    node = tl.tensor(np.ones((2, 3, 4)), backend="analog", rows=2).node
    once = AnalogTranspose.of(AnalogTranspose.of(node, (1, 2, 0)), (1, 0, 2))
    assert once.shape == (4, 3, 2)
    assert form_of(once).order == (2, 1, 0)
    with pytest.raises(GraphError, match="no order of 3 modes"):
        AnalogTranspose.of(node, (0, 1, 1))


def test_a_statement_may_change_the_order(data):
    w, x, d = data
    W, V = on_crossbars(w), tl.Tensor()
    V["i,o"] = W["o,i"] + 0.5 * tl.tensor(d)["b,o"] * tl.tensor(x)["b,i"]
    W["o,i"] += 0.5 * tl.tensor(d)["b,o"] * tl.tensor(x)["b,i"]
    np.testing.assert_array_equal(V.numpy(), W.numpy().T)
    assert V.place == ("analog", "cpu")


def test_views_travel(data):
    w, _, d = data
    V, D = on_crossbars(w).T.compute(), tl.tensor(d)
    again = pickle.loads(pickle.dumps(V))
    np.testing.assert_array_equal(again.numpy(), V.numpy())
    np.testing.assert_array_equal(*((one["i,o"] * D["b,o"])["b,i"].numpy() for one in (again, V)))


def test_the_operator_of_a_view_is_the_adjoint(data):
    w, x, d = data
    A, expected = linear_operator(tl.tensor(w, backend="analog").T), aslinearoperator(w.T)
    assert A.shape == expected.shape
    np.testing.assert_allclose(A @ d.T, expected @ d.T, atol=1e-5)
    np.testing.assert_allclose(A.H @ x.T, expected.H @ x.T, atol=1e-5)


def test_what_crossbars_cannot_do_they_cannot_do_transposed(data):
    V = on_crossbars(data[0]).T.compute()
    before = V.numpy()
    with pytest.raises(UnsupportedOperationError, match="numpy"):
        V["i,o"] += tl.tensor(np.ones((4, 5)))["i,o"]
    with pytest.raises(UnsupportedOperationError, match="numpy"):
        V["i,o"] = 2 * V["i,o"]
    np.testing.assert_array_equal(V.numpy(), before)
