"""What the namespace says about itself and about element types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

import numpy as np

from tensorlayer.backend import backend_names, get_backend
from tensorlayer.graph import DType
from tensorlayer.language.construction import checked_dtype
from tensorlayer.language.operand import as_node, is_operand

__all__ = ["__array_namespace_info__", "can_cast", "finfo", "iinfo", "isdtype", "result_type"]


def _type_of(operand: Any) -> Any:
    return as_node(operand).dtype if is_operand(operand) else operand


def result_type(*arrays_and_dtypes: Any) -> DType:
    """Element type of an operation on tensors, dtypes and numbers, by NumPy's promotion."""
    return np.result_type(*map(_type_of, arrays_and_dtypes))


def can_cast(from_: Any, to: Any, /) -> bool:
    """Whether every number of a type (or of a tensor's type) is one of the type `to` as well."""
    return np.can_cast(checked_dtype(_type_of(from_)), checked_dtype(to))


def isdtype(dtype: Any, kind: Any) -> bool:
    """Whether a dtype is of a kind: a dtype, ``"bool"``, ``"signed integer"``, ..., or a tuple of such."""
    return np.isdtype(checked_dtype(dtype), kind)


@final
@dataclass(frozen=True, slots=True)
class FloatInformation:
    """Limits of a floating-point type as Python numbers; of a complex type, those of its parts.

    Attributes
    ----------
    bits : int
        Bits of one number.
    eps : float
        Distance of 1 to the next larger number.
    max, min : float
        Largest and smallest number.
    smallest_normal : float
        Smallest positive number of full precision.
    dtype : dtype
        The real type.
    """

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: DType


@final
@dataclass(frozen=True, slots=True)
class IntegerInformation:
    """Limits of an integer type.

    Attributes
    ----------
    bits : int
        Bits of one number.
    max, min : int
        Largest and smallest number.
    dtype : dtype
        The type.
    """

    bits: int
    max: int
    min: int
    dtype: DType


def finfo(type: Any, /) -> FloatInformation:
    """Limits of a floating-point or complex type, or of that of a tensor."""
    found = np.finfo(checked_dtype(_type_of(type)))
    limits = {name: float(getattr(found, name)) for name in ("eps", "max", "min", "smallest_normal")}
    return FloatInformation(bits=found.bits, dtype=np.dtype(found.dtype), **limits)


def iinfo(type: Any, /) -> IntegerInformation:
    """Limits of an integer type, or of that of a tensor."""
    found = np.iinfo(checked_dtype(_type_of(type)))
    return IntegerInformation(found.bits, found.max, found.min, np.dtype(found.dtype))


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
