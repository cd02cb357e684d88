"""SciPy's iterative methods on crossbars."""

import numpy as np
import pytest
from scipy.sparse.linalg import cg, gmres, svds

import tensorlayer as tl
from analog.backend import linear_operator
from analog.config import FloatingPointRPUConfig, IdealDevice, IOParameters, SingleRPUConfig
from tensorlayer.errors import ConversionError


@pytest.fixture
def system():
    """A positive definite matrix of condition 5, and a right side."""
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(rng.standard_normal((20, 20)))
    return 0.1 * (q * np.linspace(1, 5, 20)) @ q.T, rng.standard_normal(20)


@pytest.mark.parametrize("solve", [cg, gmres])
@pytest.mark.parametrize("tile_shape", [None, (8, 12)], ids=["one", "grid"])
def test_solvers_on_exact_crossbars(system, solve, tile_shape):
    matrix, b = system
    A = linear_operator(tl.tensor(matrix, backend="analog", config=FloatingPointRPUConfig(), tile_shape=tile_shape))
    assert (A.shape, A.dtype) == ((20, 20), np.float64)
    x, failed = solve(A, b, rtol=1e-5)
    assert failed == 0
    right = np.linalg.solve(matrix, b)
    # The residual is at most 1e-5, and the condition is 5.
    assert np.linalg.norm(x - right) < 1e-4 * np.linalg.norm(right)


def test_a_solver_on_noisy_crossbars_is_off_by_their_noise(system):
    matrix, b = system
    io = IOParameters(inp_res=-1, out_res=-1, out_noise=0.002)
    A = linear_operator(tl.tensor(matrix, backend="analog", config=SingleRPUConfig(device=IdealDevice(), forward=io)))
    x, _ = gmres(A, b, rtol=1e-3, restart=20, maxiter=1)
    error = np.linalg.norm(x - np.linalg.solve(matrix, b)) / np.linalg.norm(x)
    assert 1e-4 < error < 0.3


def test_products_both_ways():
    w, x, d = (np.random.default_rng(i).standard_normal(shape) for i, shape in enumerate([(5, 7), (7, 3), (5, 2)]))
    A = linear_operator(tl.tensor(w, backend="analog"))
    np.testing.assert_allclose(A @ x, w @ x, atol=1e-5)
    np.testing.assert_allclose(A @ x[:, 0], w @ x[:, 0], atol=1e-5)
    np.testing.assert_allclose(A.rmatmat(d), w.T @ d, atol=1e-5)
    np.testing.assert_allclose(A.H @ d[:, 0], w.T @ d[:, 0], atol=1e-5)
    np.testing.assert_allclose(svds(A, 2, rng=0)[1], np.linalg.svd(w)[1][1::-1], rtol=1e-4)


def test_only_crossbars():
    with pytest.raises(ConversionError, match="analog"):
        linear_operator(tl.tensor(np.eye(3)))
    with pytest.raises(ConversionError, match="a ndarray is not on crossbars"):
        linear_operator(np.eye(3))
