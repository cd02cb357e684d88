"""Making local buffers, for any backend."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, final

import numpy as np

from tensorlayer.buffer.allocator import Allocator, BlockFunction, Source
from tensorlayer.buffer.buffer import Buffer
from tensorlayer.buffer.generator import Generator
from tensorlayer.buffer.local import LocalBuffer
from tensorlayer.errors import AllocationError, GeneratorError, TensorlayerError
from tensorlayer.graph import Generate, generate
from tensorlayer.layout import PhysicalLayout
from tensorlayer.runtime import format_bytes
from tensorlayer.shape import Block

__all__ = ["LocalAllocator"]

#: Below this number of bytes the system is not asked beforehand whether they are there.
_SMALL = 2**26


@final
class LocalAllocator(Allocator):
    """Makes buffers in this process, on one device; see `Allocator`."""

    kind: ClassVar[str] = "local"
    __slots__ = ()

    def wrap(self, array: Any) -> LocalBuffer:
        """A buffer around the library's own object, wherever it is. Never copies."""
        return LocalBuffer(None, self, array)

    def allocate(self, layout: PhysicalLayout) -> LocalBuffer:
        """A buffer of uninitialised elements."""
        with self._room_for(layout):
            return self._buffer(layout, self.backend.empty(layout.extents, layout.dtype, self.device))

    def _construct(self, layout: PhysicalLayout, value: Source) -> LocalBuffer:
        with self._room_for(layout):
            return self._buffer(layout, self._elements(layout, value))

    def _convert(self, buffer: Buffer) -> LocalBuffer:
        with self._room_for(buffer.layout):
            return self._buffer(buffer.layout, self.backend.adopt(buffer.unwrap(), buffer.backend, self.device))

    def _buffer(self, layout: PhysicalLayout, array: Any) -> LocalBuffer:
        held = layout.replace(
            order=self.backend.order_of(array), placement=self.device, stored=True, tile_placement={}, tile_stored={}
        )
        return LocalBuffer(held, self, array)

    def _elements(self, layout: PhysicalLayout, value: Source) -> Any:
        if isinstance(value, Generator):
            region = tuple((0, extent, 1) for extent in layout.extents)
            return self.backend.from_numpy(generate(Generate.of(value, region, layout.dtype)), self.device)
        if not callable(value):
            return self._full(layout, value)
        if layout.tiling is None:
            return self._block(layout, tuple(slice(0, extent) for extent in layout.extents), value)
        whole = self._full(layout, 0)
        for _, place in layout.tiling.blocks():
            whole = self.backend.write(whole, place, self._block(layout, place, value))
        return whole

    def _full(self, layout: PhysicalLayout, value: complex) -> Any:
        return self.backend.full(layout.extents, value, layout.dtype, self.device)

    def _block(self, layout: PhysicalLayout, place: Block, function: BlockFunction) -> Any:
        part = layout.slice([s.start for s in place], [s.stop for s in place]).replace(
            tiling=None, tile_placement={}, tile_stored={}
        )
        buffer = self._buffer(part, self._full(part, 0))
        try:
            returned = function(place, buffer)
        except TensorlayerError:
            raise
        except Exception as error:
            raise GeneratorError(
                f"the function {function!r} raised {type(error).__name__} for the block {place}: {error}"
            ) from error
        return buffer.unwrap() if returned is None or returned is buffer else self._checked(returned, buffer, function)

    def _checked(self, returned: Any, buffer: LocalBuffer, function: BlockFunction) -> Any:
        """What a function returned for a block, as an array of this backend."""
        array = returned.unwrap() if isinstance(returned, Buffer) else returned
        if not self.backend.recognises(type(array)):
            array = self.backend.from_numpy(np.asarray(array), self.device)
        shape, dtype = self.backend.shape_of(array), self.backend.dtype_of(array)
        if shape != buffer.layout.extents or not np.can_cast(dtype, buffer.layout.dtype, "same_kind"):
            raise GeneratorError(
                f"the function {function!r} gave {dtype}{list(shape)} for a block of "
                f"{buffer.layout.dtype}{list(buffer.layout.extents)}: shapes must be equal and types castable"
            )
        return self.backend.write(buffer.unwrap(), tuple(slice(0, extent) for extent in shape), array)

    @contextmanager
    def _room_for(self, layout: PhysicalLayout) -> Iterator[None]:
        """Turn a lack of memory into an error with numbers; a large one is refused before the system is asked."""
        wanted = layout.size * layout.dtype.itemsize
        memory = self.backend.memory(self.device) if wanted >= _SMALL else None
        if memory is not None and wanted > memory.free:
            raise AllocationError(self._too_large(layout))
        try:
            yield
        except Exception as error:
            if isinstance(error, TensorlayerError) or not self.backend.is_out_of_memory(error):
                raise
            raise AllocationError(self._too_large(layout)) from error

    def _too_large(self, layout: PhysicalLayout) -> str:
        return (
            f"cannot allocate {format_bytes(layout.size * layout.dtype.itemsize)} for "
            f"{layout.dtype}{list(layout.extents)} on {self.device} (backend {self.backend.name!r}): "
            f"{self.backend.memory(self.device) or 'its memory is unknown'}; use a smaller element type, elements on "
            "demand, or a distributed buffer"
        )
