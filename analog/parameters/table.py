"""A dictionary that is a value: immutable and hashable, as fields of parameters are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

__all__ = ["Table"]

V = TypeVar("V")


class Table(Mapping[str, V]):
    """Values by name; equal to any mapping with the same ones.

    Parameters
    ----------
    pairs : mapping or iterable of pairs, optional
        Its content.
    """

    __slots__ = ("_content",)

    def __init__(self, pairs: Mapping[str, V] | Iterable[tuple[str, V]] = ()) -> None:
        self._content = dict(pairs)

    def __getitem__(self, name: str) -> V:
        return self._content[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._content)

    def __len__(self) -> int:
        return len(self._content)

    def __hash__(self) -> int:
        return hash(frozenset(self._content.items()))

    def __repr__(self) -> str:
        return repr(self._content)
