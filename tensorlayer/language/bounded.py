"""Memories of a bounded size: what is looked up while statements are recorded must be fast, and must not pile up."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["remember"]

#: Entries of one memory; labels made in a loop would fill it without end.
MOST = 16384

K = TypeVar("K")
V = TypeVar("V")


def remember(memory: dict[K, V], key: K, value: V) -> V:
    """Put a value into a memory, and give it back; a full memory forgets everything first.

    A plain dictionary that is cleared once in a while is looked up faster than one that knows what is old.

    Examples
    --------
    >>> squares = {}
    >>> remember(squares, 3, 9), squares
    (9, {3: 9})
    """
    if len(memory) >= MOST:
        memory.clear()
    memory[key] = value
    return value
