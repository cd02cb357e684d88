"""Generators that are made of buffers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from tensorlayer.buffer.generator import Generator, shape_of_region
from tensorlayer.buffer.region import Region
from tensorlayer.graph import Input, Slice
from tensorlayer.layout import PhysicalLayout

if TYPE_CHECKING:
    from tensorlayer.buffer.allocator import Allocator, BlockFunction
    from tensorlayer.buffer.buffer import Buffer

__all__ = ["BlockGenerator", "Stored"]


@final
@dataclass(frozen=True, slots=True, eq=False)
class BlockGenerator(Generator):
    """A function that fills blocks: ``fn(block_slices, local_buffer)``, called for what is asked, not more.

    Parameters
    ----------
    function : callable
        As in `Allocator.construct`; the slices may have steps.
    layout : PhysicalLayout
        Of the whole tensor.
    allocator : Allocator
        Makes the local buffers.
    """

    function: BlockFunction
    layout: PhysicalLayout
    allocator: Allocator

    def generate(self, region: Region) -> NDArray[Any]:
        """The elements of a region: one block."""

        def moved(_: tuple[slice, ...], buffer: Any) -> Any:
            return self.function(tuple(slice(*bounds) for bounds in region), buffer)

        part = PhysicalLayout(shape_of_region(region), self.layout.dtype)
        return self.allocator.backend.to_numpy(self.allocator.construct(part, moved).unwrap())


@final
@dataclass(frozen=True, slots=True, eq=False)
class Stored(Generator):
    """What a buffer holds, as a generator: only the part that is asked for is read."""

    buffer: Buffer

    def generate(self, region: Region) -> NDArray[Any]:
        """The elements of a region."""
        layout, backend = self.buffer.layout, self.buffer.backend
        node = Slice.of(Input.of(0, layout.extents, layout.dtype), region)
        return np.asarray(backend.to_numpy(backend.kernel(node)(self.buffer.unwrap())))
