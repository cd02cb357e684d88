"""Choosing the backend: by name, for a tensor or a scope; arrays are shared with NumPy."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.errors import BackendNotInstalledError

N = 1 << 20


def test_tensors_share_memory_with_numpy():
    a = np.arange(4.0)
    for tensor in (tl.tensor(a, backend="numba"), tl.tensor(a).to("numba")):
        np.testing.assert_array_equal(tensor.numpy(), a)
        assert tensor.place == ("numba", "cpu")
        assert np.shares_memory(tensor.numpy(), a)
        assert pickle.loads(pickle.dumps(tensor)).place == ("numba", "cpu")


def test_results_stay_where_their_operands_are():
    a = np.linspace(0, 1, N)
    A = tl.tensor(a, backend="numba")
    E = (0.5 * A["i"] * (A["i"] - 0.25) ** 2)[""]
    assert float(E) == pytest.approx(float(np.sum(0.5 * a * (a - 0.25) ** 2)), rel=1e-12)
    assert E.place == ("numba", "cpu")


def test_a_scope_compiles_what_numpy_holds():
    a, b = np.random.default_rng(4).standard_normal((2, 1024, 1024))
    with tl.use("numba"):
        C = tl.Tensor()
        C["i,j"] = tl.exp(tl.tensor(a)["i,j"]) + tl.tensor(b)["j,i"]
        np.testing.assert_allclose(C.numpy(), np.exp(a) + b.T, rtol=1e-12, atol=1e-14)


def test_explain_tells_what_is_compiled_and_what_it_cost():
    energy = tl.program("E[] = k[i] * (r[i] - 1)**2")
    arrays = {name: tl.tensor(np.ones(N), backend="numba") for name in "kr"}
    energy(**arrays)
    assert "kernel, compiled in" in str(energy.explain(**arrays))


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "numba", None)
    with pytest.raises(BackendNotInstalledError, match=r"tensorlayer-graph\[numba\]"), tl.use("numba"):
        float((tl.tensor(np.ones(3))["i"] * 2.0)[""])
