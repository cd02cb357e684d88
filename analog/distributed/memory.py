"""Objects from process to process of one machine: what is large in them is in memory that both see."""

from __future__ import annotations

import io
import itertools
import os
import pickle
import secrets
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path
from typing import Any, Literal, final

import numpy as np

from tensorlayer.errors import ConversionError

__all__ = ["SHARED", "Inbox", "Outbox", "Packed", "Room", "Span"]

#: Whether there is memory here that other processes find: on Linux.
SHARED = hasattr(os, "memfd_create")
#: Bytes of the first room of an outbox.
LEAST = 1 << 16
#: Arrays begin at multiples of this, so that vector instructions find them as they would find their own.
ALIGNMENT = 64


@dataclass(frozen=True)
class Room:
    """Memory of a process, and how another process of the machine finds it.

    Parameters
    ----------
    process, descriptor : int
        Whose it is, and the number of its file there.
    size : int
        Bytes.
    token : bytes
        Its first bytes. A process with the same number in another container has others.
    """

    process: int
    descriptor: int
    size: int
    token: bytes


@dataclass(frozen=True)
class Span:
    """Where an array is in a room.

    Parameters
    ----------
    first : int
        Its first byte.
    shape : tuple of int
        Its extents.
    dtype : dtype
        Of its elements.
    order : str
        ``"C"`` or ``"F"``.
    """

    first: int
    shape: tuple[int, ...]
    dtype: Any
    order: Literal["C", "F"]

    def array(self, memory: Any) -> Any:
        """The array itself, not a copy."""
        return np.ndarray(self.shape, self.dtype, memory, self.first, order=self.order)


@dataclass(frozen=True)
class Packed:
    """An object whose arrays are in a room.

    Parameters
    ----------
    pickled : bytes
        Everything else.
    room : Room or None
        Where the arrays are; None if there are none.
    spans : tuple of Span
        One for each.
    """

    pickled: bytes
    room: Room | None
    spans: tuple[Span, ...]


@final
class _Memory:
    """A file without a name: it is gone with the last process that uses it, however that ends."""

    def __init__(self, size: int) -> None:
        descriptor = os.memfd_create("tensorlayer")
        weakref.finalize(self, os.close, descriptor)
        os.truncate(descriptor, size)
        self.bytes = mmap(descriptor, size)
        self.room = Room(os.getpid(), descriptor, size, secrets.token_bytes(ALIGNMENT))
        self.bytes[:ALIGNMENT] = self.room.token


@final
class Outbox:
    """Packs objects for other processes of this machine, where `SHARED` says that there is such memory."""

    def __init__(self) -> None:
        self._memories: list[_Memory] = []
        self._used = ALIGNMENT
        self._there: dict[tuple[Any, ...], tuple[Span, Any]] = {}

    @property
    def room(self) -> Room:
        """Where the next object goes, if it is not too large."""
        if not self._memories:
            self._memories = [_Memory(LEAST)]
        return self._memories[-1].room

    def clear(self) -> None:
        """Begin anew: everybody has what was packed before."""
        del self._memories[:-1]
        self._used = ALIGNMENT
        self._there = {}

    def pack(self, value: Any) -> Packed:
        """An object as others can take it, until the outbox is cleared; an array that is there already stays there."""
        arrays: list[Any] = []
        pickled = _dumped(value, arrays.append)
        if not arrays:
            return Packed(pickled, None, ())
        self._make_room(sum(_aligned(array.nbytes) for array in arrays))
        return Packed(pickled, self.room, tuple(self._span(array) for array in arrays))

    def _make_room(self, size: int) -> None:
        """A larger room if this one is full; who was told of this one still finds it."""
        if self._used + size > self.room.size:
            self._memories.append(_Memory(max(2 * self.room.size, 2 * (ALIGNMENT + size))))
            self._used = ALIGNMENT
            self._there = {}

    def _span(self, array: Any) -> Span:
        key = (array.__array_interface__["data"][0], array.shape, array.strides, array.dtype)
        if key not in self._there:
            order: Literal["C", "F"] = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
            span = Span(self._used, array.shape, array.dtype, order)
            span.array(self._memories[-1].bytes)[...] = array
            self._used += _aligned(array.nbytes)
            self._there[key] = span, array  # which keeps another array from coming to this address
        return self._there[key][0]


def _dumped(value: Any, take: Callable[[Any], object]) -> bytes:
    """An object without its arrays; functions that are in no module go along."""
    from cloudpickle import Pickler  # type: ignore[import-untyped]

    file = io.BytesIO()
    pickler = Pickler(file)
    count = itertools.count()

    def persistent_id(part: Any) -> int | None:
        if type(part) is not np.ndarray or part.dtype.hasobject:
            return None
        take(part)
        return next(count)

    pickler.persistent_id = persistent_id
    pickler.dump(value)
    return file.getvalue()


def _loaded(pickled: bytes, arrays: Sequence[Any]) -> Any:
    unpickler = pickle.Unpickler(io.BytesIO(pickled))  # noqa: S301  # our own
    unpickler.persistent_load = arrays.__getitem__  # type: ignore[method-assign]
    return unpickler.load()


@final
class Inbox:
    """Takes what one other process packed."""

    def __init__(self) -> None:
        self._room: Room | None = None
        self._bytes = memoryview(b"")

    def reaches(self, room: Room) -> bool:
        """Whether that memory is on this machine, and this process may see it."""
        try:
            self._open(room)
        except (OSError, ValueError, ConversionError):
            return False
        return True

    def take(self, packed: Packed, *, borrow: bool) -> Any:
        """The object.

        Parameters
        ----------
        packed : Packed
            What the other process gave.
        borrow : bool
            Whether nobody keeps the arrays: they are those in the room then, and not copies.
        """
        if packed.room is not None and packed.room != self._room:
            self._open(packed.room)
        arrays = [span.array(self._bytes) for span in packed.spans]
        return _loaded(packed.pickled, arrays if borrow else [array.copy(order="K") for array in arrays])

    def _open(self, room: Room) -> None:
        with Path(f"/proc/{room.process}/fd/{room.descriptor}").open("r+b", buffering=0) as file:
            opened = mmap(file.fileno(), room.size)
        if opened[: len(room.token)] != room.token:
            raise ConversionError(f"the memory that process {room.process} offered is no longer there")
        self._room, self._bytes = room, memoryview(opened)


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
