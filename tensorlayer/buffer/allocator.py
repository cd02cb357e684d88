"""What makes buffers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, overload

import numpy as np

from tensorlayer.buffer.buffer import Buffer
from tensorlayer.buffer.generator import Generator
from tensorlayer.errors import DtypeError, LayoutError
from tensorlayer.layout import PhysicalLayout
from tensorlayer.runtime import Runtime

if TYPE_CHECKING:
    from tensorlayer.backend import Backend
    from tensorlayer.buffer.local import LocalBuffer

__all__ = ["Allocator", "BlockFunction", "Source"]

#: ``fn(block_slices, local_buffer)``: writes into ``local_buffer.unwrap()``, which holds zeros, or returns the
#: elements of the block as a native or NumPy array.
BlockFunction = Callable[[tuple[slice, ...], "LocalBuffer"], Any]
#: Where new elements come from: one value for all, a function called block by block, or a generator.
Source = complex | BlockFunction | Generator


class Allocator(ABC):
    """Makes buffers of one kind for one backend.

    Parameters
    ----------
    backend : Backend
        Whose objects the buffers hold.
    device : str, optional
        Where the elements go, as the backend spells it; its first device when left out.
    runtime : Runtime, optional
        The processes, memory and threads to use; `Runtime.current` when left out.

    Attributes
    ----------
    kind : str
        The kind of buffer it makes.
    """

    kind: ClassVar[str]
    __slots__ = ("_runtime", "backend", "device")

    def __init__(self, backend: Backend, *, device: str | None = None, runtime: Runtime | None = None) -> None:
        self.backend = backend
        self.device = device or backend.devices[0]
        self._runtime = runtime

    @property
    def runtime(self) -> Runtime:
        """The processes, devices, memory and threads the buffers live among."""
        return self._runtime or Runtime.current()

    @abstractmethod
    def allocate(self, layout: PhysicalLayout) -> Buffer:
        """A buffer of uninitialised elements, on this allocator's device whatever the layout's placement.

        Raises
        ------
        AllocationError
            If there is not enough memory: says how much was asked, where, and what is in use.
        """

    @overload
    def construct(self, source: Buffer) -> Buffer: ...

    @overload
    def construct(self, source: PhysicalLayout, value: Source) -> Buffer: ...

    def construct(self, source: PhysicalLayout | Buffer, value: Source | None = None) -> Buffer:
        """A buffer with elements.

        Parameters
        ----------
        source : PhysicalLayout or Buffer
            What to make; or a buffer, of any kind and backend, to convert.
        value : number, callable or Generator
            One value for all elements; or ``fn(block_slices, local_buffer)``, called for every block of the
            layout's tiling (for the whole tensor if it has none), which writes into
            ``local_buffer.unwrap()`` or returns the elements, and leaves a block of zeros untouched; or an
            object with ``generate(region)``.

        Returns
        -------
        Buffer
            A conversion might copy: storage is reused where both libraries allow it.

        Raises
        ------
        AllocationError
            If there is not enough memory.
        ConversionError
            If the elements of the other backend cannot be taken over.
        GeneratorError
            If the function raises, or gives another shape.
        LayoutError
            If a layout comes without a value, or with an array.
        DtypeError
            If the layout's element type does not hold the value.
        """
        if isinstance(source, Buffer):
            return self._convert(source)
        if value is None:
            raise LayoutError("a layout alone has no elements: give a value or a function, or use allocate(layout)")
        if not callable(value) and not isinstance(value, Generator):
            _require_one_value(value, source.dtype)
        return self._construct(source, value)

    @abstractmethod
    def wrap(self, array: Any) -> Buffer:
        """A buffer around the library's own object. Never copies."""

    @abstractmethod
    def _construct(self, layout: PhysicalLayout, value: Source) -> Buffer:
        """A buffer of new elements."""

    @abstractmethod
    def _convert(self, buffer: Buffer) -> Buffer:
        """A buffer with the elements of another one."""

    def rebind(self, kind: str | type[Buffer]) -> Allocator:
        """The allocator of another kind of the same backend, device and runtime.

        Raises
        ------
        AllocationError
            If the backend has no such kind; the message lists those it has.
        """
        return self.backend.allocator(
            kind if isinstance(kind, str) else kind.kind, device=self.device, runtime=self._runtime
        )

    def __repr__(self) -> str:
        return f"<{self.kind} allocator of {self.backend.name} on {self.device}>"


def _require_one_value(value: complex, dtype: np.dtype[Any]) -> None:
    given = np.asarray(value)
    if given.ndim:
        raise LayoutError(
            f"one value is wanted for all elements, got an array of shape {given.shape}: wrap(array) is for arrays"
        )
    if dtype.kind in "biu":
        fits = given.dtype.kind in "biu" and bool(given.astype(dtype) == given)
    else:
        fits = np.can_cast(given.dtype, dtype, "same_kind")
    if not fits:
        raise DtypeError(f"the value {value!r} is no {dtype}: give one that is, or a layout of another type")
