"""The NumPy backend: the shared interpreter, plus what NumPy does better."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from backends.numpy.contraction import einsum_kernel
from backends.numpy.elementwise import fused_kernel, map_kernel, reduce_kernel
from backends.numpy.pool import BLAS
from tensorlayer.backend import ArrayBackend
from tensorlayer.graph import DType, Einsum, Fused, Linalg, Map, Node, Reduce
from tensorlayer.interpreter import VOCABULARY
from tensorlayer.layout import Order
from tensorlayer.runtime import ThreadPool

__all__ = ["NumpyBackend", "backend"]


class NumpyBackend(ArrayBackend):
    """Runs plans on NumPy arrays in this process."""

    name: ClassVar[str] = "numpy"
    library: ClassVar[str] = "numpy"
    vocabulary: ClassVar[Mapping[type[Node], Any]] = {
        **VOCABULARY,
        Einsum: einsum_kernel,
        Fused: fused_kernel,
        Map: map_kernel,
        Reduce: reduce_kernel,
    }
    type_names: ClassVar[frozenset[str]] = frozenset({"ndarray", "memmap"})
    pool: ClassVar[ThreadPool | None] = BLAS

    def recognises(self, cls: type) -> bool:
        """Arrays and NumPy's scalars; not masked arrays and matrices, whose operators mean something else."""
        # By name, because `numpy.ma` is loaded by those who use it.
        peculiar = any(base.__name__ in ("MaskedArray", "matrix") for base in cls.__mro__)
        return issubclass(cls, np.ndarray | np.generic) and not peculiar

    def native_dtype(self, dtype: DType) -> DType:
        """NumPy dtypes are the dtypes."""
        return dtype

    def dtype_of(self, array: Any) -> DType:
        """Element type."""
        return array.dtype  # type: ignore[no-any-return]

    def from_numpy(self, array: np.ndarray[Any, Any], device: str = "cpu", *, copy: bool | None = None) -> Any:
        """The array itself, unless a copy is asked for."""
        if device != "cpu":
            self.require_device(device)
        return np.array(array) if copy else array

    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """The array itself."""
        return np.asarray(array)

    def runs_in_pool(self, node: Node) -> bool:
        """Only BLAS has threads here."""
        return isinstance(node, Einsum | Linalg) and super().runs_in_pool(node)

    def order_of(self, array: Any) -> Order:
        """Which mode varies fastest in memory, by NumPy's flags."""
        flags = array.flags
        return "C" if flags.c_contiguous else "F" if flags.f_contiguous else None

    def caster(self, dtype: DType) -> Callable[[Any], Any]:
        """A function that casts, without a copy where nothing changes."""
        return lambda array: array.astype(dtype, copy=False)

    def transpose(self, array: Any, axes: tuple[int, ...]) -> Any:
        """A view with permuted modes."""
        return array.transpose(axes)

    def reshape(self, array: Any, shape: tuple[int, ...]) -> Any:
        """A view where the strides allow it, else a copy."""
        return array.reshape(shape)


#: The instance that the entry point names.
backend = NumpyBackend()
