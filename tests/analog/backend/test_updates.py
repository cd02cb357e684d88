"""Pulsed updates written as statements."""

import numpy as np
import pytest

import tensorlayer as tl
from analog.config import ConstantStepDevice, FloatingPointRPUConfig, MappingParameter, SingleRPUConfig
from tensorlayer.errors import UnsupportedOperationError

PULSED = SingleRPUConfig(device=ConstantStepDevice())


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    return 0.1 * rng.standard_normal((5, 4)), rng.standard_normal((3, 4)), rng.standard_normal((3, 5))


def on_crossbars(w, config=None):
    return tl.tensor(w, backend="analog", config=config or FloatingPointRPUConfig(), seed=2, tile_shape=(3, 4))


STATEMENTS = {
    "batch": (lambda W, X, D: W["o,i"] + 0.1 * D["b,o"] * X["b,i"], lambda w, x, d: w + 0.1 * d.T @ x),
    "minus": (lambda W, X, D: W["o,i"] - 0.1 * D["b,o"] * X["b,i"], lambda w, x, d: w - 0.1 * d.T @ x),
    "negative": (lambda W, X, D: -0.1 * X["b,i"] * D["b,o"] + W["o,i"], lambda w, x, d: w - 0.1 * d.T @ x),
    "divided": (lambda W, X, D: W["o,i"] + D["b,o"] * X["b,i"] / 8, lambda w, x, d: w + d.T @ x / 8),
    "one pair": (
        lambda W, X, D: W["o,i"] + 0.1 * D[0]["o"] * X[0]["i"],
        lambda w, x, d: w + 0.1 * np.outer(d[0], x[0]),
    ),
    "separate sums": (
        lambda W, X, D: W["o,i"] + 0.1 * D["b,o"] * X["c,i"],
        lambda w, x, d: w + 0.1 * np.outer(d.sum(0), x.sum(0)),
    ),
    "three factors": (
        lambda W, X, D: W["o,i"] + 0.1 * D["b,o"] * tl.exp(X["b,i"]) * X["b,i"],
        lambda w, x, d: w + 0.1 * d.T @ (np.exp(x) * x),
    ),
    "two terms": (
        lambda W, X, D: W["o,i"] + 0.1 * D["b,o"] * X["b,i"] - 0.2 * D[0]["o"] * X[1]["i"],
        lambda w, x, d: w + 0.1 * d.T @ x - 0.2 * np.outer(d[0], x[1]),
    ),
    "factors in factors": (
        lambda W, X, D: W["o,i"] + 0.1 * (3 * X["b,j"] * D["b,p"])["j,p"]["i,o"],
        lambda w, x, d: w + 0.3 * d.T @ x,
    ),
    "a closed product": (
        lambda W, X, D: W["o,i"] + (D["b,o"] * X["b,i"])["o,i"],
        lambda w, x, d: w + d.T @ x,
    ),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_update_is_that_of_numpy(data, name):
    statement, expected = STATEMENTS[name]
    w, x, d = data
    W = on_crossbars(w)
    W["o,i"] = statement(W, tl.tensor(x), tl.tensor(d))
    assert W.place == ("analog", "cpu")
    np.testing.assert_allclose(W.numpy(), expected(w, x, d), atol=1e-6)


def test_folded_modes_are_updated():
    rng = np.random.default_rng(0)
    w, x, d = rng.standard_normal((2, 3, 4, 2)), rng.standard_normal((5, 2, 4)), rng.standard_normal((3, 5, 2))
    W, X, D = tl.tensor(w, backend="analog", rows=2), tl.tensor(x), tl.tensor(d)
    W["o,p,i,j"] += 0.1 * X["b,j,i"] * D["p,b,o"]
    np.testing.assert_allclose(W.numpy(), w + 0.1 * np.einsum("bji,pbo->opij", x, d), atol=1e-6)


def test_batches_of_several_labels():
    rng = np.random.default_rng(0)
    w, x, d = rng.standard_normal((3, 4)), rng.standard_normal((2, 5, 4)), rng.standard_normal((2, 5, 3))
    W = on_crossbars(w)
    W["o,i"] += 0.1 * tl.tensor(x)["a,b,i"] * tl.tensor(d)["a,b,o"]
    np.testing.assert_allclose(W.numpy(), w + 0.1 * np.einsum("abi,abo->oi", x, d), atol=1e-6)


def test_pulses_are_those_of_the_grid(data):
    w, x, d = (array.astype(np.float32) for array in data)
    W = on_crossbars(w, PULSED)
    expected = W.buffer.grid.update(x, d, 0.5).weights
    old = W.copy()
    W["o,i"] -= 0.5 * tl.tensor(d)["b,o"] * tl.tensor(x)["b,i"]
    np.testing.assert_array_equal(W.numpy(), expected)
    assert not np.array_equal(old.numpy(), expected), "another handle keeps the old value"


def test_reading_after_writing_in_one_graph(data):
    w, x, d = data
    W, X, D = on_crossbars(w), tl.tensor(x), tl.tensor(d)
    before = (W["o,i"] * X["b,i"])["b,o"]
    W["o,i"] += 0.1 * D["b,o"] * X["b,i"]
    after = (W["o,i"] * X["b,i"])["b,o"]
    W["o,i"] += 0.1 * after["b,o"] * X["b,i"]
    tl.evaluate(before, after, W)
    grown = w + 0.1 * d.T @ x
    np.testing.assert_allclose(before.numpy(), x @ w.T, atol=1e-5)
    np.testing.assert_allclose(after.numpy(), x @ grown.T, atol=1e-5)
    np.testing.assert_allclose(W.numpy(), grown + 0.1 * (x @ grown.T).T @ x, atol=1e-4)


def test_training_in_the_language():
    """Least squares by pulses and noisy products: the error of the weights falls to a fifth of what it was."""
    rng = np.random.default_rng(0)
    target, x = 0.15 * rng.standard_normal((3, 6)), rng.standard_normal((200, 6))
    W = tl.tensor(np.zeros((3, 6)), backend="analog", config=PULSED, seed=1)
    T = tl.tensor(target)
    for vector in x:
        X = tl.tensor(vector)
        error = (W["o,i"] * X["i"] - T["o,i"] * X["i"])["o"]
        W["o,i"] -= 0.1 * error["o"] * X["i"]
    assert np.linalg.norm(W.numpy() - target) < 0.2 * np.linalg.norm(target)


@pytest.mark.parametrize(
    "statement",
    [
        lambda W, X, D: 2 * W["o,i"] + D["b,o"] * X["b,i"],
        lambda W, X, D: D["b,o"] * X["b,i"] - W["o,i"],
        lambda W, X, D: W["o,i"] + tl.exp((D["b,o"] * X["b,i"])["o,i"]),
        lambda W, X, D: W["o,i"] + tl.tensor(np.ones((5, 4)))["o,i"],
        lambda W, X, D: W["o,i"] + W["o,i"],
        lambda W, X, D: W["o,i"] * (D[0]["o"] * X[0]["i"]),
    ],
    ids=["twice", "minus itself", "function", "no outer product", "two", "times"],
)
def test_other_changes_are_refused_and_nothing_happens(data, statement):
    w, x, d = data
    W = on_crossbars(w)
    changed = tl.Tensor()
    changed["o,i"] = statement(W, tl.tensor(x), tl.tensor(d))
    with pytest.raises(UnsupportedOperationError, match="numpy"):
        changed.numpy()
    with pytest.raises(UnsupportedOperationError, match="numpy"):
        W["o,i"] = changed["o,i"]
    np.testing.assert_array_equal(W.numpy(), w.astype(np.float32))


def test_steepest_descent_by_symbolic_gradients(data):
    w, x, d = data
    W, X, D = on_crossbars(w), tl.tensor(x), tl.tensor(d)
    loss = (((W["o,i"] * X["b,i"])["b,o"] - D["b,o"]) ** 2)[""]
    slope = tl.grad(loss, W)
    W["o,i"] -= 0.01 * slope["o,i"]
    assert W.place == ("analog", "cpu")
    np.testing.assert_allclose(W.numpy(), w - 0.02 * (x @ w.T - d).T @ x, atol=1e-6)


def test_futures_hold_crossbars(data):
    w, x, d = data
    W, X, D = on_crossbars(w), tl.tensor(x), tl.tensor(d)
    W["o,i"] += 0.1 * D["b,o"] * X["b,i"]
    W.submit().result(timeout=60)
    np.testing.assert_allclose((W["o,i"] * X["b,i"])["b,o"].numpy(), x @ (w + 0.1 * d.T @ x).T, atol=1e-5)


def test_updates_know_the_digital_factor(data):
    w, x, d = data
    W = on_crossbars(20 * w, FloatingPointRPUConfig(mapping=MappingParameter(weight_scaling_omega=0.5)))
    W["o,i"] += 0.1 * tl.tensor(d)["b,o"] * tl.tensor(x)["b,i"]
    assert W.buffer.scale > 1
    np.testing.assert_allclose(W.numpy(), 20 * w + 0.1 * d.T @ x, atol=1e-5)
