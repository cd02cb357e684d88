"""Buffers of crossbars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, final

from tensorlayer.buffer import LocalBuffer
from tensorlayer.layout import PhysicalLayout

if TYPE_CHECKING:
    from analog.backend.array import AnalogArray
    from analog.grid import CrossbarGrid

__all__ = ["CrossbarBuffer"]


@final
class CrossbarBuffer(LocalBuffer):
    """Elements on a grid of crossbars; the tiling of the layout is the grid, where the tensor is a matrix."""

    __slots__ = ()

    @property
    def grid(self) -> CrossbarGrid:
        """The crossbars: not copies. What is done to them in place shows in every tensor that holds them."""
        array: AnalogArray = self.unwrap()
        return array.grid

    @property
    def scale(self) -> float:
        """What a unit of the devices' weights stands for."""
        array: AnalogArray = self.unwrap()
        return array.scale

    def read_weights(self, *, over_sampling: int = 10) -> Any:
        """The elements as hardware reads them, by noisy products: see `Crossbar.read_weights`. Always copies."""
        array: AnalogArray = self.unwrap()
        return array.unfolded(array.scale * self.grid.read_weights(over_sampling=over_sampling))

    def _derive_layout(self) -> PhysicalLayout:
        array: AnalogArray = self.unwrap()
        form = array.form
        tiles = form.tiles if form.order == (0, 1) and form.rows == 1 else None
        placement = self.backend.device_of(array)
        return PhysicalLayout(array.shape, array.dtype, order=None, tiling=tiles, placement=placement)
