"""Making on-demand buffers, for any backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, final

from tensorlayer.buffer.allocator import Allocator, Source
from tensorlayer.buffer.blocks import BlockGenerator, Stored
from tensorlayer.buffer.buffer import Buffer
from tensorlayer.buffer.cache import Cached
from tensorlayer.buffer.generator import Constant, Generator
from tensorlayer.buffer.on_demand import OnDemandBuffer
from tensorlayer.errors import AllocationError

if TYPE_CHECKING:
    from tensorlayer.backend import Backend
    from tensorlayer.layout import PhysicalLayout
    from tensorlayer.runtime import Runtime

__all__ = ["OnDemandAllocator"]


@final
class OnDemandAllocator(Allocator):
    """Makes buffers whose elements are made when they are needed; see `Allocator`.

    Parameters
    ----------
    backend : Backend
        Whose objects are made.
    device : str, optional
        Where they are made; the backend's first device when left out.
    runtime : Runtime, optional
        `Runtime.current` when left out.
    cache : int, optional
        Bytes of elements that every buffer may keep; the least recently used go first. The default keeps none.
    """

    kind: ClassVar[str] = "on_demand"
    __slots__ = ("cache",)

    def __init__(
        self, backend: Backend, *, device: str | None = None, runtime: Runtime | None = None, cache: int = 0
    ) -> None:
        super().__init__(backend, device=device, runtime=runtime)
        self.cache = cache

    def allocate(self, layout: PhysicalLayout) -> NoReturn:
        """Refuse: there is no storage."""
        raise AllocationError(f"on-demand elements have no storage to allocate for {layout!r}: construct(layout, fn)")

    def wrap(self, array: Any) -> OnDemandBuffer:
        """A buffer that reads the library's own object. Never copies."""
        return self._convert(self.rebind("local").wrap(array))

    def _construct(self, layout: PhysicalLayout, value: Source) -> OnDemandBuffer:
        if isinstance(value, Generator):
            return self._buffer(layout, value)
        if callable(value):
            return self._buffer(layout, BlockGenerator(value, layout, self.rebind("local")))
        return self._buffer(layout, Constant(value))

    def _convert(self, buffer: Buffer) -> OnDemandBuffer:
        if isinstance(buffer, OnDemandBuffer):
            return OnDemandBuffer(buffer.layout.replace(placement=self.device), self, buffer.generator, buffer.region)
        return self._buffer(buffer.layout, Stored(buffer))

    def _buffer(self, layout: PhysicalLayout, generator: Generator) -> OnDemandBuffer:
        described = layout.replace(order=None, placement=self.device, stored=False, tile_placement={}, tile_stored={})
        return OnDemandBuffer(described, self, Cached(generator, layout, self.cache) if self.cache else generator)
