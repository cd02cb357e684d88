"""Making buffers of crossbars."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from analog.backend.buffer import CrossbarBuffer
from tensorlayer.backend import get_backend
from tensorlayer.buffer import Allocator, Buffer, Source
from tensorlayer.layout import PhysicalLayout

__all__ = ["AnalogAllocator"]


@final
class AnalogAllocator(Allocator):
    """Makes buffers of crossbars of the ideal configuration; see `Allocator`. `tensorlayer.tensor` takes others."""

    kind: ClassVar[str] = "local"
    __slots__ = ()

    def wrap(self, array: Any) -> CrossbarBuffer:
        """A buffer around crossbars that are there. Never copies."""
        return CrossbarBuffer(None, self, array)

    def allocate(self, layout: PhysicalLayout) -> CrossbarBuffer:
        """Crossbars whose weights are 0: fresh devices."""
        return self._written(layout, np.zeros(layout.extents, layout.dtype))

    def _construct(self, layout: PhysicalLayout, value: Source) -> CrossbarBuffer:
        made = get_backend("numpy").allocator("local").construct(layout, value)
        return self._written(layout, made.unwrap())

    def _convert(self, buffer: Buffer) -> CrossbarBuffer:
        return self.wrap(self.backend.adopt(buffer.unwrap(), buffer.backend, self.device))

    def _written(self, layout: PhysicalLayout, elements: np.ndarray[Any, Any]) -> CrossbarBuffer:
        choices: dict[str, Any] = {}
        if layout.tiling is not None and layout.rank == 2:
            choices["tile_shape"] = tuple(max(cut) for cut in layout.tiling.tilings)
        return self.wrap(self.backend.from_numpy(elements, self.device, **choices))
