"""What `tensorlayer.tensor` takes, and what it refuses before anything is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import tensorlayer as tl

X = np.arange(6.0).reshape(2, 3)

GIVEN: dict[str, tuple[Any, Any]] = {
    "number": (2.5, np.array(2.5)),
    "integer": (3, np.array(3)),
    "Boolean": (True, np.array(True)),
    "complex": (1j, np.array(1j)),
    "NumPy scalar": (np.float32(2), np.array(2, "float32")),
    "rank zero": (np.array(4), np.array(4)),
    "list": ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])),
    "tuple of lists": (([1.0], [2.0]), np.array([[1.0], [2.0]])),
    "nothing": ([], np.array([])),
    "nested nothing": ([[], []], np.zeros((2, 0))),
    "range": (range(3), np.arange(3)),
    "arrays in a list": ([X, X], np.array([X, X])),
    "tensors in a list": ([tl.tensor(1.0), tl.tensor(2.0)], np.array([1.0, 2.0])),
    "memoryview": (memoryview(b"abc"), np.frombuffer(b"abc", "uint8")),
    "tensor": (tl.tensor(X), X),
    "recorded": (tl.tensor(X) * 2, 2 * X),
    "closed": ((tl.tensor(X)["i,j"] * 2)["j,i"], 2 * X.T),
    "buffer": (tl.tensor(X).buffer, X),
    "torch": (torch.arange(3), np.arange(3)),
}


@pytest.mark.parametrize("name", GIVEN)
def test_taken(name: str) -> None:
    data, expected = GIVEN[name]
    x = tl.tensor(data)
    assert (x.shape, x.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_array_equal(np.asarray(x), expected)
    np.testing.assert_array_equal(np.asarray(tl.Tensor(data)), expected)


@pytest.mark.parametrize("backend", ["numpy", "torch", "dask", "reference"])
@pytest.mark.parametrize("name", GIVEN)
def test_taken_to_another_backend_and_type(name: str, backend: str) -> None:
    data, expected = GIVEN[name]
    x = tl.tensor(data, backend=backend, dtype="complex128")
    assert (x.backend, x.dtype) == (backend, np.complex128)
    np.testing.assert_array_equal(np.asarray(x), expected.astype(complex))


REFUSED: dict[str, tuple[Any, dict[str, Any], type[Exception], str]] = {
    "ragged list": ([[1.0, 2.0], [3.0]], {}, tl.errors.ShapeError, "nested list.*inhomogeneous"),
    "ragged deep": ([[[1.0], [2.0]], [[3.0]]], {}, tl.errors.ShapeError, "inhomogeneous"),
    "None inside": ([1.0, None], {}, tl.errors.ConversionError, "object"),
    "text": ("abc", {}, tl.errors.ConversionError, "builtins.str"),
    "set": ({1.0}, {}, tl.errors.ConversionError, "builtins.set"),
    "dict": ({"a": 1}, {}, tl.errors.ConversionError, "builtins.dict"),
    "generator": ((i for i in range(3)), {}, tl.errors.ConversionError, "generator"),
    "integers too large": ([2**70], {}, tl.errors.ConversionError, "object"),
    "array of objects": (np.array([1, None], object), {}, tl.errors.DtypeError, "object"),
    "array of text": (np.array(["a"]), {}, tl.errors.DtypeError, "<U1"),
    "array of dates": (np.array(["2020-01-01"], "M8[D]"), {}, tl.errors.DtypeError, "datetime64"),
    "structured array": (np.zeros(2, "i4,f4"), {}, tl.errors.DtypeError, "f0"),
    "masked array": (np.ma.masked_array([1.0, 2.0], [0, 1]), {}, tl.errors.ConversionError, r"mask.*\.filled"),
    "matrix": (X.view(np.matrix), {}, tl.errors.ConversionError, r"np\.asarray"),
    "bfloat16": (torch.ones(2, dtype=torch.bfloat16), {}, tl.errors.DtypeError, "bfloat16"),
    "another shape": (X, {"shape": (3, 2)}, tl.errors.ShapeError, r"\(2, 3\).*\(3, 2\)"),
    "another rank": (X, {"shape": 6}, tl.errors.ShapeError, r"\(2, 3\).*\(6,\)"),
    "buffer of another shape": (tl.tensor(X).buffer, {"shape": (3, 2)}, tl.errors.ShapeError, r"\(2, 3\).*\(3, 2\)"),
    "negative extent": (None, {"shape": (2, -1)}, tl.errors.ShapeError, r"integers >= 0.*-1"),
    "fractional extent": (None, {"shape": (2.5,)}, tl.errors.ShapeError, r"integers >= 0.*2\.5"),
    "infinite extent": (None, {"shape": (float("inf"),)}, tl.errors.ShapeError, "integers >= 0.*inf"),
    "extent that is no number": (None, {"shape": (float("nan"), 2)}, tl.errors.ShapeError, "integers >= 0.*nan"),
    "text for a shape": (None, {"shape": "ab"}, tl.errors.ShapeError, "integers >= 0"),
    "no shape": (None, {"dtype": "float64"}, tl.errors.ShapeError, r"needs a shape.*shape=\(3, 4\)"),
    "function without a shape": (lambda i: i, {}, tl.errors.ShapeError, "needs a shape.*lambda"),
    "unknown type": (X, {"dtype": "nope"}, tl.errors.DtypeError, "'nope'"),
    "type of objects": (X, {"dtype": object}, tl.errors.DtypeError, "object"),
    "type of text": (None, {"dtype": "U3", "shape": 2}, tl.errors.DtypeError, "U3"),
    "complex as real": (X * 1j, {"dtype": "float64"}, tl.errors.DtypeError, "complex128.*float64"),
    "unknown backend": (X, {"backend": "nope"}, tl.errors.BackendNotFoundError, "'nope'.*numpy"),
    "unknown backend for zeros": (None, {"shape": 2, "backend": "nope"}, tl.errors.BackendNotFoundError, "'nope'"),
    "unknown device": (X, {"device": "gpu"}, tl.errors.ConversionError, "'gpu'"),
    "unknown device of torch": (X, {"backend": "torch", "device": "cuda:99"}, tl.errors.ConversionError, "cuda:99"),
    "unknown device for zeros": (None, {"shape": 2, "device": "gpu"}, tl.errors.ConversionError, "'gpu'"),
    "option of another backend": (X, {"chunks": 2}, tl.errors.OptionError, "'numpy' takes no option chunks"),
    "unknown option": (X, {"colour": 2}, tl.errors.OptionError, "colour"),
    "unknown option for zeros": (None, {"shape": 2, "colour": 2}, tl.errors.OptionError, "colour"),
    "option of a function": (lambda i: i, {"shape": 2, "chunks": 2}, tl.errors.OptionError, "chunks"),
    "symmetry of another rank": (X, {"symmetry": tl.Symmetry(3)}, tl.errors.ShapeError, "rank 3"),
    "symmetry of unequal modes": (X, {"symmetry": tl.Symmetry.symmetric(2)}, tl.errors.LayoutError, "extents"),
    "sparsity of another rank": (X, {"sparsity": tl.Dense(3)}, tl.errors.ShapeError, "rank 3"),
    "sparsity of other extents": (X, {"sparsity": tl.ElementSparsity((4, 4), [])}, tl.errors.LayoutError, "(4, 4)"),
    "symmetry as sparsity": (X, {"sparsity": tl.Symmetry(2)}, tl.errors.LayoutError, "Sparsity.*Symmetry"),
    "no symmetry": (X, {"symmetry": 3}, tl.errors.LayoutError, "Symmetry.*3"),
    "no sparsity": (X, {"sparsity": "dense"}, tl.errors.LayoutError, "dense"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    data, options, error, message = REFUSED[name]
    with pytest.raises(error, match=message):
        tl.tensor(data, **options)


def test_arrays_that_are_refused_are_refused_as_operands_too() -> None:
    x = tl.tensor(np.ones(2))
    for other in (np.array([1, None], object), np.array(["a", "b"]), torch.ones(2, dtype=torch.bfloat16)):
        with pytest.raises(tl.errors.DtypeError):
            x + other


@pytest.mark.parametrize("backend", ["numpy", "torch", "dask", "reference"])
def test_zeros_are_made_where_they_are_asked_for(backend: str) -> None:
    x = tl.tensor(shape=(2, 3), dtype="float32", backend=backend)
    assert (x.backend, x.shape, x.dtype, x.is_computed) == (backend, (2, 3), np.float32, False)
    np.testing.assert_array_equal(np.asarray(x), np.zeros((2, 3), "float32"))
    assert tl.tensor(shape=(4, 4), backend="dask", chunks=2).unwrap().numblocks == (2, 2)


def test_on_demand_tensors_are_held_where_they_are_asked_for() -> None:
    x = tl.tensor(lambda i, j: 1.0 * i + j, shape=(10**6, 10**6), backend="torch")
    part = x[999_999, :3]
    assert isinstance(part.unwrap(), torch.Tensor)
    assert part.numpy().tolist() == [999_999.0, 1_000_000.0, 1_000_001.0]


def test_an_empty_tensor_has_nothing_yet() -> None:
    x = tl.Tensor()
    for read in (
        lambda: x.shape,
        lambda: x.dtype,
        lambda: x.layout,
        lambda: x.buffer,
        x.numpy,
        lambda: x["i"],
        lambda: x + 1,
        lambda: float(x),
    ):
        with pytest.raises(tl.errors.EmptyTensorError, match="empty"):
            read()
    assert x.equals(tl.Tensor())
    x["j,i"] = tl.tensor(X)["i,j"]
    assert (x.shape, x.dtype) == ((3, 2), np.float64)


def test_declared_symmetry_and_names_are_kept() -> None:
    symmetric = tl.tensor(np.eye(2), symmetry=tl.Symmetry(2), name="S")
    assert symmetric.layout.symmetry == tl.Symmetry(2)
    assert symmetric.value.name == "S"
