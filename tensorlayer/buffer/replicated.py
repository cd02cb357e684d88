"""A copy in every process."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from tensorlayer.buffer.buffer import Buffer
from tensorlayer.buffer.local import LocalBuffer

__all__ = ["ReplicatedBuffer"]


class ReplicatedBuffer(Buffer):
    """The same elements in every process of the runtime: consistent, or refused when it is made."""

    kind: ClassVar[str] = "replicated"
    precedence: ClassVar[int] = 1
    __slots__ = ()

    @property
    def nbytes(self) -> int:
        """Bytes of all copies together."""
        return self.layout.nbytes * self.runtime.processes

    @abstractmethod
    def local_buffer(self) -> LocalBuffer:
        """The copy of this process. Never copies where there is one; a process without one pulls it."""

    @abstractmethod
    def check(self) -> None:
        """Compare all copies, bit for bit. Never copies elements between processes.

        Raises
        ------
        LayoutError
            If they differ; the message names the processes.
        """
