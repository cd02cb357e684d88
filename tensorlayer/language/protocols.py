"""How a tensor meets the rest of Python: numbers, NumPy, DLPack, printing."""

from __future__ import annotations

import importlib
import math
from abc import abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlayer.backend import get_backend
from tensorlayer.errors import ConversionError, EmptyTensorError, OptionError, ShapeError
from tensorlayer.graph import DType, Generate, Node, Place
from tensorlayer.language.evaluation import compute
from tensorlayer.language.value import Value

if TYPE_CHECKING:
    from tensorlayer.buffer import Allocator, Buffer

__all__ = ["ArrayProtocols"]

#: Values of at most so many elements are shown by ``repr`` when they are computed.
_SHOWN = 1000
#: Versions of the array API standard whose functions the namespace has.
_VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12")


class ArrayProtocols:
    """The conversions of a tensor; looking at elements computes them."""

    __slots__ = ()

    @property
    @abstractmethod
    def value(self) -> Value:
        """The value the tensor refers to now."""

    @property
    @abstractmethod
    def node(self) -> Node:
        """A graph node that reads it."""

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Extents."""

    @property
    @abstractmethod
    def dtype(self) -> DType:
        """Element type."""

    @property
    @abstractmethod
    def place(self) -> Place:
        """Backend and device."""

    @property
    def ndim(self) -> int:
        """Rank."""
        return len(self.shape)

    @property
    def rank(self) -> int:
        """Rank; another name of `ndim`."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes that all elements take, or would take."""
        return self.size * self.dtype.itemsize

    @property
    def device(self) -> str:
        """Device, as its backend spells it."""
        return self.place[1]

    @property
    def backend(self) -> str:
        """Name of the backend."""
        return self.place[0]

    # -- elements --------------------------------------------------------------------------------------------

    def unwrap(self) -> Any:
        """The native array, never copied; computes it if need be."""
        value = self.value
        if not value.is_available:
            compute([value])
        return value.resolve()

    def numpy(self) -> np.ndarray[Any, Any]:
        """The elements as a NumPy array; might share memory, and is read-only where that is another tensor's."""
        return _guarded(self._to_numpy(), self.value)

    def _to_numpy(self) -> np.ndarray[Any, Any]:
        native = self.unwrap()
        return get_backend(self.value.place[0]).to_numpy(native)

    @property
    def buffer(self) -> Buffer:
        """The buffer that holds the elements; computes them if need be."""
        value = self.value
        if value.buffer is not None:
            return value.buffer
        native = self.unwrap()
        name, device = value.place
        buffer = get_backend(name).allocator(device=device).wrap(native)
        value.keep_buffer(buffer)
        return buffer

    @property
    def allocator(self) -> Allocator:
        """The allocator that made the buffer."""
        return self.buffer.allocator

    def item(self) -> Any:
        """The only element, as a Python number."""
        if self.size != 1:
            raise ShapeError(f"only a tensor of one element is a number; this one has shape {self.shape}")
        return self.numpy().reshape(()).item()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())

    def __bool__(self) -> bool:
        return bool(self.item())

    def __index__(self) -> int:
        if self.ndim or self.dtype.kind not in "iu":
            raise TypeError(f"only an integer of rank 0 is an index; this is {self.dtype} of shape {self.shape}")
        return int(self.item())

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a tensor of rank 0 has no length, and no parts to go through")
        return self.shape[0]

    @abstractmethod
    def __getitem__(self, key: Any) -> Any:
        """A part, or with labels an expression."""

    def __iter__(self) -> Iterator[Any]:
        """The parts along the first mode; the elements are computed once, unless they are made on demand."""
        extent = len(self)
        if not isinstance(self.value.node, Generate):
            self.unwrap()
        return (self[i] for i in range(extent))

    # -- exchange --------------------------------------------------------------------------------------------

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        if copy is False and dtype is not None and self.dtype != dtype:
            raise ValueError(f"copy=False, but {self.dtype} must be copied to become {np.dtype(dtype)}")
        if copy is False and not self._shares_host_memory():
            raise ValueError(f"copy=False, but elements on {self.backend}:{self.device} must be copied for NumPy")
        array = self.numpy()
        return np.array(array, dtype, copy=copy)

    def _shares_host_memory(self) -> bool:
        return self.device == "cpu" and hasattr(self.unwrap(), "__dlpack__")

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        if api_version not in (None, *_VERSIONS):
            raise OptionError(f"array API version {api_version!r}: this namespace follows {', '.join(_VERSIONS)}")
        # Above this module, and needed only by those who ask for it.
        return importlib.import_module("tensorlayer.array_api")

    def __dlpack__(
        self, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: bool | None = None
    ) -> Any:
        """A capsule around the native array; views of other tensors are read-only for who asks.

        Raises
        ------
        ConversionError
            If the library does not speak DLPack.
        BufferError
            If it cannot hand these elements over, as torch where a gradient is required.
        """
        native = self._exported(copy)
        given = {"stream": stream, "max_version": max_version, "dl_device": dl_device, "copy": copy}
        return native.__dlpack__(**{name: value for name, value in given.items() if value is not None})

    def _exported(self, copy: bool | None = None) -> Any:
        native = self.unwrap()
        if isinstance(native, np.ndarray | np.generic):
            native = np.asarray(native)
            # Torch aborts the process on negative strides.
            if any(stride < 0 for stride in native.strides) or not native.dtype.isnative:
                if copy is False:
                    raise BufferError("copy=False, but DLPack has neither negative strides nor other byte orders")
                return np.array(native, native.dtype.newbyteorder("="), order="C")
            return _guarded(native, self.value)
        if not hasattr(native, "__dlpack__"):
            raise ConversionError(f"arrays of backend {self.backend!r} do not speak DLPack; use .to('numpy') first")
        return native

    def __dlpack_device__(self) -> tuple[Any, int]:
        """Kind and number of the device, as DLPack counts them."""
        device: tuple[Any, int] = self._exported().__dlpack_device__()
        return device

    # -- printing --------------------------------------------------------------------------------------------

    def _described(self) -> str:
        try:
            value = self.value
        except EmptyTensorError:
            return "empty"
        what = f"{self.dtype} {'x'.join(map(str, self.shape)) or 'scalar'}"
        if not value.is_available:
            return f"{what}, not computed"
        kind = value.buffer.kind if value.buffer is not None else get_backend(value.place[0]).default_kind
        return f"{what}, {kind} on {value.place[0]}:{value.place[1]}"

    def __repr__(self) -> str:
        head = f"<{type(self).__name__} {self._described()}>"
        if not _is_shown(self):
            return head
        text = np.array2string(self._to_numpy(), threshold=60, edgeitems=3, precision=6)
        return f"{head}\n{text}"

    def __format__(self, specification: str) -> str:
        """As ``repr``; with a specification, as in ``f"{energy:.6f}"``, the only element."""
        return format(self.item(), specification) if specification else repr(self)

    def _repr_html_(self) -> str:
        head = f"<b>{type(self).__name__}</b> {self._described()}"
        if not _is_shown(self):
            return f"<div>{head}</div>"
        text = np.array2string(self._to_numpy(), threshold=60, edgeitems=3, precision=6)
        return f"<div>{head}<pre>{text}</pre></div>"


def _is_shown(tensor: ArrayProtocols) -> bool:
    """Whether the elements are here already, few enough, and cheap to read: printing computes nothing."""
    try:
        value = tensor.value
    except EmptyTensorError:
        return False
    return value.native is not None and not get_backend(value.place[0]).is_lazy and tensor.size <= _SHOWN


def _guarded(array: np.ndarray[Any, Any], value: Value) -> np.ndarray[Any, Any]:
    """A read-only view if writing into `array` could change a tensor that `value` was computed from."""
    if value.is_view and array.flags.writeable:
        array = array.view()
        array.flags.writeable = False
    return array
