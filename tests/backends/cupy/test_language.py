"""On a GPU: what users write, the exchange of arrays with torch, one pool of memory, several sizes of kernels."""

from __future__ import annotations

import pickle
import warnings
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl

pytestmark = pytest.mark.gpu("cupy")

PROGRAMS = {
    "energy": ("E[] = 0.5 * k[i] * (r[i] - r0[i])**2", {"k": (10**6,), "r": (10**6,), "r0": (10**6,)}, "E"),
    "transposed": ("C[i,j] = A[i,j] + B[j,i]", {"A": (1000, 700), "B": (700, 1000)}, "C"),
    "rows": ("s[i] = sum(exp(A[i,j] - m[i]), over=j)", {"A": (500, 3001), "m": (500,)}, "s"),
    "columns": ("s[j] = sum(A[i,j]**2, over=i)", {"A": (3001, 500)}, "s"),
    "softmax": (
        "m[i] = max(x[i,j], over=j); s[i] = sum(exp(x[i,j] - m[i]), over=j); y[i,j] = exp(x[i,j] - m[i]) / s[i]",
        {"x": (300, 1000)},
        "y",
    ),
    "product": ("C[i,j] = A[i,k] * B[k,j] + A[i,j]", {"A": (200, 200), "B": (200, 200)}, "C"),
}


@pytest.fixture
def cupy() -> Any:
    import cupy

    return cupy


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_agree_with_numpy(name: str, dtype: str) -> None:
    text, shapes, wanted = PROGRAMS[name]
    if dtype == "complex128" and name == "softmax":
        return  # complex numbers have no maximum
    rng = np.random.default_rng(1)
    arrays = {key: rng.uniform(0.5, 1.5, shape).astype(dtype) for key, shape in shapes.items()}
    expected = np.asarray(tl.evaluate(text, **arrays)[wanted])
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a kernel that does not compile
        tensors = {key: tl.tensor(array, backend="cupy") for key, array in arrays.items()}
        result = tl.evaluate(text, **tensors)[wanted]
    assert result.place == ("cupy", "cuda:0")
    np.testing.assert_allclose(result.numpy(), expected, rtol=2e-5 if dtype == "float32" else 1e-11)


def test_arrays_of_cupy_are_taken_as_they_are(cupy: Any) -> None:
    array = cupy.arange(6.0).reshape(2, 3)
    tensor = tl.tensor(array)
    assert tensor.buffer.unwrap() is array
    doubled = (tensor["i,j"] * 2.0)["j,i"]
    np.testing.assert_array_equal(doubled.numpy(), cupy.asnumpy(array).T * 2)
    assert pickle.loads(pickle.dumps(tensor)).place == ("cupy", "cuda:0")


@pytest.mark.gpu("torch")
def test_arrays_change_hands_with_torch_on_the_card(cupy: Any) -> None:
    import torch

    given = torch.arange(12.0, device="cuda:0").reshape(3, 4).requires_grad_()
    taken = tl.tensor(given).to("cupy", "cuda:0")
    assert taken.buffer.unwrap().data.ptr == given.data_ptr()
    back = tl.tensor(taken.buffer.unwrap()[::-1]).to("torch", "cuda:0")
    np.testing.assert_array_equal(back.numpy(), given.detach().cpu().numpy()[::-1])


@pytest.mark.gpu("torch")
def test_memory_comes_from_torchs_pool(cupy: Any) -> None:
    import torch

    torch.ones(1, device="cuda:0")
    before = torch.cuda.memory_allocated()
    kept = tl.tensor(np.ones(1 << 20), backend="cupy")
    result = (kept["i"] + 1.0)["i"].buffer.unwrap()
    assert torch.cuda.memory_allocated() >= before + result.nbytes


@pytest.mark.parametrize("n", [2**31 + 5])
def test_more_elements_than_32_bits_count(cupy: Any, n: int) -> None:
    if cupy.cuda.runtime.memGetInfo()[0] < 4 * n:
        pytest.skip("needs 8 GiB of free GPU memory")
    a = cupy.ones(n, dtype="int8")
    a[-1] = 5
    tensor = tl.tensor(a)
    assert int((tensor["i"] * 1)[""]) == n + 4
    assert int((tensor["i"] + 1)["i"].buffer.unwrap()[-1]) == 6


def test_a_backwards_view_and_a_misaligned_one(cupy: Any) -> None:
    array = cupy.arange(1001, dtype="float32")
    for view in (array[::-1], array[1:], array[::3], array[3:-2]):
        result = (tl.tensor(view)["i"] * 2.0 + 1.0)["i"].numpy()
        np.testing.assert_array_equal(result, cupy.asnumpy(view) * 2 + 1)
