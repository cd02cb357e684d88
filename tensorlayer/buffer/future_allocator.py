"""Making future buffers, for any backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, final

from tensorlayer.buffer.allocator import Allocator, Source
from tensorlayer.buffer.buffer import Buffer
from tensorlayer.buffer.future import FutureBuffer
from tensorlayer.layout import PhysicalLayout
from tensorlayer.runtime import submit_after

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["FutureAllocator"]


@final
class FutureAllocator(Allocator):
    """Makes buffers in threads of the runtime; see `Allocator`.

    Whatever is asked for is begun at once and not waited for. Errors, of allocation too, are raised where
    the elements are asked for.
    """

    kind: ClassVar[str] = "future"
    __slots__ = ()

    def allocate(self, layout: PhysicalLayout) -> FutureBuffer:
        """A future buffer of uninitialised elements."""
        return self._begun(layout, lambda: self._stored.allocate(layout))

    def wrap(self, array: Any) -> FutureBuffer:
        """A future buffer around the library's own object: done at once. Never copies."""
        from concurrent.futures import Future

        buffer = self._stored.wrap(array)
        future: Future[Any] = Future()
        future.set_result((buffer,))
        return FutureBuffer(buffer.layout, self, future)

    def _construct(self, layout: PhysicalLayout, value: Source) -> FutureBuffer:
        return self._begun(layout, lambda: self._stored.construct(layout, value))

    def _convert(self, buffer: Buffer) -> FutureBuffer:
        if not isinstance(buffer, FutureBuffer):
            return self._begun(buffer.layout, lambda: self._stored.construct(buffer))
        if buffer.allocator.backend is self.backend and buffer.layout.placement == self.device:
            return buffer
        return self._begun(buffer.layout, lambda: self._stored.construct(buffer.launched()), buffer.future)

    @property
    def _stored(self) -> Allocator:
        return self.rebind("local")

    def _begun(self, layout: PhysicalLayout, task: Callable[[], Buffer], *waited: Future[Any]) -> FutureBuffer:
        future = submit_after(self.runtime.submit, waited, self.backend.in_background(lambda: (task(),)))
        arrived = layout.replace(order=None, placement=self.device, stored=True, tile_placement={}, tile_stored={})
        return FutureBuffer(arrived, self, future)
