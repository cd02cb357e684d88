"""What the namespace says about itself."""

from __future__ import annotations

from typing import Any, final

import numpy as np

from tensorlayer.backend import backend_names, get_backend
from tensorlayer.graph import DType
from tensorlayer.language.operand import is_operand
from tensorlayer.language.tensor import Tensor

__all__ = ["__array_namespace_info__", "result_type"]


def result_type(*operands: Any) -> DType:
    """Element type of an operation on tensors, dtypes and numbers, by NumPy's promotion."""
    return np.result_type(*(x.dtype if isinstance(x, Tensor) or is_operand(x) else x for x in operands))


@final
class _Information:
    """Capabilities, devices and element types, as the standard asks."""

    def capabilities(self) -> dict[str, Any]:
        """What the namespace can do."""
        return {"boolean indexing": False, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> str:
        """Device of new tensors."""
        return "cpu"

    def devices(self) -> list[str]:
        """Devices of all installed backends."""
        found = (get_backend(name) for name in backend_names())
        return list(dict.fromkeys(device for b in found if b.version for device in b.devices))

    def default_dtypes(self, *, device: str | None = None) -> dict[str, DType]:
        """Element types of new tensors."""
        del device
        kinds = {"real floating": float, "complex floating": complex, "integral": np.int64, "indexing": np.int64}
        return {kind: np.dtype(dtype) for kind, dtype in kinds.items()}

    def dtypes(self, *, device: str | None = None, kind: str | tuple[str, ...] | None = None) -> dict[str, DType]:
        """All element types, or those of a kind."""
        del device
        integers = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
        names = ["bool", *integers, "float32", "float64", "complex64", "complex128"]
        found = {name: np.dtype(name) for name in names}
        return found if kind is None else {n: d for n, d in found.items() if np.isdtype(d, kind)}


def __array_namespace_info__() -> _Information:  # noqa: N807  # the standard's name
    """Capabilities, devices and element types."""
    return _Information()
