"""The definitions, against what NumPy computes in its own way; and that they stay plain."""

import ast
from pathlib import Path

import numpy as np
import pytest

import backends.reference
from backends.reference import ReferenceArray, backend
from tensorlayer.backend import backend_of
from tensorlayer.errors import BackendError
from tensorlayer.graph import LINALG, Einsum, Fused, Input, Linalg, Map, Node, Reduce, Result
from tensorlayer.scalar import argument, call
from tensorlayer.testing.case import inputs_for

FILES = sorted(Path(backends.reference.__file__).parent.glob("*.py"))
LINES_ALLOWED = 400


def run(node: Node, *arrays: np.ndarray) -> np.ndarray:
    return backend.to_numpy(backend.kernel(node)(*map(backend.from_numpy, arrays)))


def test_it_is_short() -> None:
    assert sum(len(file.read_text("utf-8").splitlines()) for file in FILES) <= LINES_ALLOWED


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_it_shares_nothing_with_what_it_is_the_oracle_of(file: Path) -> None:
    modules = {node.module for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in modules if name and name.startswith(("tensorlayer.interpreter", "tensorlayer.passes"))}


def test_it_recognises_its_own_arrays_only() -> None:
    array = np.ones(2)
    assert backend_of(backend.from_numpy(array)) is backend
    assert backend_of(array) is not backend
    assert backend.recognises(ReferenceArray)


@pytest.mark.parametrize(
    "text", ["ij,jk->ik", "ii->i", "ij,jk,kl,li->", "bi,bj,bk->ijk", "iij,jk->ki", "i,i,i->i", ",ij->ji"]
)
def test_einsum(text: str) -> None:
    extents = dict(zip("bijkl", (2, 3, 4, 2, 3), strict=True))
    operands, output = text.split("->")
    labels = operands.split(",")
    rng = np.random.default_rng(3)
    arrays = [rng.normal(size=[extents[x] for x in one]) for one in labels]
    node = Einsum.of(inputs_for(*arrays), [tuple(map(ord, one)) for one in labels], tuple(map(ord, output)))
    np.testing.assert_allclose(run(node, *arrays), np.einsum(text, *arrays))


def test_map_and_fused() -> None:
    a, b = np.arange(6.0).reshape(2, 3), np.array([1.0, np.inf])
    node = Map.of(inputs_for(a, b), [(1, 0), (1,)], (3, 2), call("hypot", argument(0), argument(1)))
    np.testing.assert_array_equal(run(node, a, b), np.hypot(a.T, b))
    np.testing.assert_array_equal(run(Fused.of(node, "max", (1,)), a, b), np.full(3, np.inf))


@pytest.mark.parametrize("kind", ["sum", "prod", "max", "min", "any", "all"])
def test_reduce(kind: str) -> None:
    array = np.array([[1, 0, 3], [2, 5, -7]], np.int8)
    expected = getattr(np, kind)(array, axis=1)
    result = run(Reduce.of(Input.of(0, (2, 3), "int8"), kind, (1,)), array)
    np.testing.assert_array_equal(result, expected)
    assert result.dtype == expected.dtype


@pytest.mark.parametrize("name", ["cholesky", "inv", "det", "solve"])
@pytest.mark.parametrize("dtype", ["float64", "complex128"])
def test_decompositions(name: str, dtype: str) -> None:
    rng = np.random.default_rng(4)
    a = rng.normal(size=(2, 4, 4)).astype(dtype) + (1j * rng.normal(size=(2, 4, 4)) if dtype == "complex128" else 0)
    a = a @ a.conj().swapaxes(1, 2) + np.eye(4)
    arrays = [a] if LINALG[name].arity == 1 else [a, rng.normal(size=(2, 4, 2)).astype(dtype)]
    np.testing.assert_allclose(run(Linalg.of(name, inputs_for(*arrays)), *arrays), getattr(np.linalg, name)(*arrays))


def test_elimination_exchanges_rows() -> None:
    array = np.array([[0.0, 1.0], [2.0, 0.0]])
    assert run(Linalg.of("det", inputs_for(array)), array) == -2
    np.testing.assert_array_equal(run(Linalg.of("inv", inputs_for(array)), array), [[0, 0.5], [1, 0]])


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (1, 1), (2, 0)])
def test_qr(shape: tuple[int, int]) -> None:
    array = np.random.default_rng(5).normal(size=shape)
    array[:, :1] = 0  # a column without direction
    results = backend.kernel(Linalg.of("qr", inputs_for(array)))(backend.from_numpy(array))
    node = Linalg.of("qr", inputs_for(array))
    q, r = (backend.to_numpy(backend.kernel(Result.of(node, i))(results)) for i in range(2))
    np.testing.assert_allclose(q.T @ q, np.eye(min(shape)), atol=1e-12)
    np.testing.assert_allclose(q @ r, array, atol=1e-12)
    np.testing.assert_array_equal(np.triu(r), r)


def test_a_matrix_without_the_decomposition_is_named() -> None:
    stack = np.stack([np.eye(2), np.zeros((2, 2))])
    with pytest.raises(BackendError, match=r"inv failed on matrix \(1,\)"):
        run(Linalg.of("inv", inputs_for(stack)), stack)
