import subprocess
import sys

import numpy as np
import pytest
import torch

from backends.torch import backend
from tensorlayer.backend import backend_of
from tensorlayer.errors import ConversionError, DtypeError, UnsupportedOperationError
from tensorlayer.graph import Input, Map
from tensorlayer.scalar import argument, call


def test_memory_is_shared_both_ways() -> None:
    array = np.arange(6.0).reshape(2, 3)
    tensor = backend.from_numpy(array)
    tensor[0, 0] = 7
    assert array[0, 0] == 7
    assert np.shares_memory(backend.to_numpy(tensor), array)


def test_positive_strides_are_kept() -> None:
    array = np.arange(12.0).reshape(3, 4).T[::2]
    tensor = backend.from_numpy(array)
    assert tensor.stride() == (2, 4)
    assert np.shares_memory(backend.to_numpy(tensor), array)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(4.0)[::-1],
        np.broadcast_to(np.arange(4.0), (2, 4)),
        np.arange(4, dtype=">f8"),
        np.frombuffer(np.arange(4.0).tobytes()),
        np.zeros(4, [("skip", "u1"), ("elements", "f8")])["elements"],
    ],
    ids=["negative stride", "broadcast", "swapped bytes", "read-only", "unaligned"],
)
def test_what_torch_cannot_view_is_copied(array: np.ndarray) -> None:
    tensor = backend.from_numpy(array)
    np.testing.assert_array_equal(tensor.numpy(), array)
    tensor += 1
    assert not np.shares_memory(tensor.numpy(), array)
    with pytest.raises(ConversionError, match="allow a copy"):
        backend.from_numpy(array, copy=False)


def test_copy_is_forced() -> None:
    array = np.zeros(3)
    assert not np.shares_memory(backend.from_numpy(array, copy=True).numpy(), array)
    assert np.shares_memory(backend.from_numpy(array, copy=False).numpy(), array)


def test_tensors_that_require_gradients_are_detached() -> None:
    tensor = torch.arange(3.0, requires_grad=True)
    assert np.shares_memory(backend.to_numpy(tensor), tensor.detach().numpy())


def test_lazy_conjugates_and_negations_are_resolved() -> None:
    tensor = torch.tensor([1 + 2j])
    np.testing.assert_array_equal(backend.to_numpy(tensor.conj()), [1 - 2j])
    np.testing.assert_array_equal(backend.to_numpy(tensor.conj().imag), [-2])


def test_bfloat16_is_refused_by_name() -> None:
    tensor = torch.ones(2, dtype=torch.bfloat16)
    for refused in (backend.dtype_of, backend.to_numpy):
        with pytest.raises(DtypeError, match=r"bfloat16.*torch\.float32"):
            refused(tensor)


def test_float16_is_computed() -> None:
    node = Map.of([Input.of(0, (2,), "float16")], [(0,)], (2,), call("exp", argument(0)))
    assert backend.kernel(node)(torch.zeros(2, dtype=torch.float16)).dtype == torch.float16


def test_sparse_tensors_are_refused() -> None:
    with pytest.raises(ConversionError, match="to_dense"):
        backend.to_numpy(torch.eye(2).to_sparse())


def test_longdouble_is_refused() -> None:
    with pytest.raises(DtypeError, match=r"torch.*no element type"):
        backend.from_numpy(np.ones(2, np.longdouble))


def test_wide_unsigned_integers_are_stored_but_not_computed() -> None:
    array = np.array([2**63], np.uint64)
    np.testing.assert_array_equal(backend.to_numpy(backend.from_numpy(array)), array)
    node = Map.of([Input.of(0, (1,), "uint64")], [(0,)], (1,), call("negative", argument(0)))
    with pytest.raises(UnsupportedOperationError, match=r"Map.*uint64"):
        backend.kernel(node)


@pytest.mark.parametrize("device", ["cuda:99", "nowhere"])
def test_a_device_that_is_not_there(device: str) -> None:
    with pytest.raises(ConversionError, match=device):
        backend.from_numpy(np.zeros(2), device)


def test_recognises_tensors_and_parameters() -> None:
    assert backend_of(torch.ones(2)) is backend
    assert backend_of(torch.nn.Parameter(torch.ones(2))) is backend


def test_declaring_the_backend_does_not_import_torch() -> None:
    program = (
        "import sys; from tensorlayer.backend import get_backend, backend_of; backend_of([1.0]);"
        "b = get_backend('torch'); b.version, b.recording_state(), b.holds; print('torch' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"
