"""Elements that other processes hold."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from tensorlayer.buffer.buffer import Buffer
from tensorlayer.buffer.local import LocalBuffer

__all__ = ["RemoteBuffer"]


class RemoteBuffer(Buffer):
    """Elements elsewhere: this process knows where they are and what they look like, and holds none of them."""

    kind: ClassVar[str] = "remote"
    precedence: ClassVar[int] = 3
    __slots__ = ()

    @abstractmethod
    def local_buffer(self) -> LocalBuffer:
        """Pull the elements into this process. Always copies.

        Raises
        ------
        WorkerLostError
            If a process died and its part cannot be made again.
        """

    def unwrap(self) -> Any:
        """The library's object in this process. Always copies: the elements are pulled."""
        return self.local_buffer().unwrap()
