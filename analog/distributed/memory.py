"""Objects from process to process of one machine: what is large in them is in memory that both see."""

from __future__ import annotations

import io
import itertools
import os
import pickle
import secrets
import weakref
from collections.abc import Callable, Iterable, Sequence
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
    shape, strides : tuple of int
        Its extents, and bytes from one element to the next.
    dtype : dtype
        Of its elements.
    """

    first: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: Any

    def array(self, memory: Any) -> Any:
        """The array itself, not a copy."""
        return np.ndarray(self.shape, self.dtype, memory, self.first, self.strides)


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
    """A file without a name: it is gone with the last process that uses it, however that ends.

    What is kept is at its beginning, behind the token.
    """

    def __init__(self, size: int) -> None:
        descriptor = os.memfd_create("tensorlayer")
        weakref.finalize(self, os.close, descriptor)
        os.truncate(descriptor, size)
        self._bytes = np.frombuffer(mmap(descriptor, size), np.uint8)
        self.room = Room(os.getpid(), descriptor, size, secrets.token_bytes(ALIGNMENT))
        self._bytes[:ALIGNMENT] = np.frombuffer(self.room.token, np.uint8)
        self.kept = self.used = self._written = ALIGNMENT

    def fits(self, arrays: Iterable[Any]) -> bool:
        """Whether there is room for copies."""
        return self.used + _size(arrays) <= self.room.size

    def holds(self, array: Any) -> bool:
        """Whether an array is a view of this memory."""
        return 0 <= self._first(array) < self.room.size

    def _first(self, array: Any) -> int:
        return _address(array) - _address(self._bytes)

    def copied(self, array: Any) -> Any:
        """A copy in this memory."""
        order: Literal["C", "F"] = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
        copy = np.ndarray(array.shape, array.dtype, self._bytes, self.used, order=order)
        if not self._is_written_by_system(array):
            copy[...] = array
        self.used += _aligned(array.nbytes)
        self._written = max(self._written, self.used)
        return copy

    def _is_written_by_system(self, array: Any) -> bool:
        """Let the system write where nothing was before: it need not clear pages first, which takes as long again."""
        fresh = self.used >= self._written and array.flags.c_contiguous
        return bool(fresh and os.pwrite(self.room.descriptor, array, self.used) == array.nbytes)

    def span(self, array: Any) -> Span:
        """Where an array is: as it is if this memory holds it, else of a copy."""
        there = array if self.holds(array) else self.copied(array)
        return Span(self._first(there), there.shape, there.strides, there.dtype)


@final
class Outbox:
    """Packs objects for other processes of this machine, where `SHARED` says that there is such memory."""

    def __init__(self) -> None:
        self._memories: list[_Memory] = []

    @property
    def room(self) -> Room:
        """Where the next object goes, if it is not too large."""
        return self._with_room(()).room

    def clear(self) -> None:
        """Begin anew: everybody has what was packed or placed before, but for what is kept."""
        self._memories = [each for each in self._memories[:-1] if each.kept > ALIGNMENT] + self._memories[-1:]
        for each in self._memories:
            each.used = each.kept

    def forget(self) -> None:
        """Keep nothing any more."""
        for each in self._memories:
            each.kept = ALIGNMENT
        self.clear()

    def place(self, arrays: Sequence[Any], *, keep: bool) -> list[Any]:
        """Copies in one room, which need not be copied when they, or views of them, are packed.

        Parameters
        ----------
        arrays : sequence of array
            Of the caller.
        keep : bool
            Whether they are there until `forget`, and not only until `clear`, which was called just before.
        """
        memory = self._with_room(arrays)
        placed = [memory.copied(array) for array in arrays]
        if keep:
            memory.kept = memory.used
        return placed

    def pack(self, value: Any) -> Packed:
        """An object as others can take it, until the outbox is cleared."""
        arrays: list[Any] = []
        pickled = _dumped(value, arrays.append)
        if not arrays:
            return Packed(pickled, None, ())
        holding = (each for each in self._memories if all(map(each.holds, arrays)))
        memory = next(holding, None) or self._with_room(arrays)
        return Packed(pickled, memory.room, tuple(map(memory.span, arrays)))

    def _with_room(self, arrays: Sequence[Any]) -> _Memory:
        """A larger memory if the last one is full; who was told of that still finds it."""
        if not self._memories:
            self._memories.append(_Memory(LEAST))
        if not self._memories[-1].fits(arrays):
            self._memories.append(_Memory(max(2 * self._memories[-1].room.size, 2 * (ALIGNMENT + _size(arrays)))))
        return self._memories[-1]


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


class _Unpickler(pickle.Unpickler):
    """Finds arrays by their numbers. A class: Python 3.13.0 lets nobody replace the method of an object."""

    def __init__(self, pickled: bytes, arrays: Sequence[Any]) -> None:
        super().__init__(io.BytesIO(pickled))
        self._arrays = arrays

    def persistent_load(self, number: int) -> Any:
        return self._arrays[number]


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
        return _Unpickler(packed.pickled, arrays if borrow else [array.copy(order="K") for array in arrays]).load()

    def _open(self, room: Room) -> None:
        with Path(f"/proc/{room.process}/fd/{room.descriptor}").open("r+b", buffering=0) as file:
            opened = mmap(file.fileno(), room.size)
        if opened[: len(room.token)] != room.token:
            raise ConversionError(f"the memory that process {room.process} offered is no longer there")
        self._room, self._bytes = room, memoryview(opened)


def _address(array: Any) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _size(arrays: Iterable[Any]) -> int:
    return sum(_aligned(array.nbytes) for array in arrays)


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
