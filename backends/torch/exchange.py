"""Elements between NumPy and torch, sharing memory where that is safe."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlayer.errors import ConversionError

__all__ = ["numpy_of", "tensor_of"]


def tensor_of(array: np.ndarray[Any, Any], dtype: Any, device: str, copy: bool | None) -> Any:
    """A tensor of the torch type `dtype` with the elements of `array` on `device`.

    Raises
    ------
    ConversionError
        If a copy is needed and ``copy=False``, or torch has no such device.
    """
    import torch

    viewable = _viewable(array)
    if copy is False and not (viewable and device == "cpu"):
        raise ConversionError(
            f"torch cannot share the memory of this {array.dtype} array of strides {array.strides} (writable: "
            f"{array.flags.writeable}) on {device!r}: allow a copy with copy=None"
        )
    # DLPack would abort the process on negative strides; torch.from_numpy refuses or warns.
    host = torch.from_numpy(array if viewable and not copy else _copied(array))
    try:
        return host.to(device=device, dtype=dtype)
    except (RuntimeError, AssertionError) as error:
        raise ConversionError(f"torch cannot put a tensor of shape {array.shape} on {device!r}: {error}") from error


def _viewable(array: np.ndarray[Any, Any]) -> bool:
    plain = array.dtype.isnative and array.flags.writeable and array.flags.aligned
    return plain and all(stride >= 0 and stride % array.itemsize == 0 for stride in array.strides)


def _copied(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.array(array, dtype=array.dtype.newbyteorder("="), order="C", copy=True)


def numpy_of(tensor: Any) -> np.ndarray[Any, Any]:
    """The elements of a tensor.

    Raises
    ------
    ConversionError
        If the tensor is sparse.
    """
    if str(tensor.layout) != "torch.strided":
        raise ConversionError(f"NumPy holds dense elements, this tensor is {tensor.layout}: use .to_dense() first")
    array: np.ndarray[Any, Any] = tensor.detach().resolve_conj().resolve_neg().cpu().numpy()
    return array
