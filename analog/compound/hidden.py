"""What stands behind a compound's weights, by the names of the field."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from analog.errors import ConfigError
from tensorlayer.errors import ShapeError

__all__ = ["HiddenArrays"]


class HiddenArrays(MutableMapping[str, Any]):
    """A mapping over the mappings of the cells inside, whose names get the suffix ``_k``, and over arrays of its own.

    Parameters
    ----------
    parts : dict of str to mapping
        The mappings of the cells inside, by suffix.
    own : dict of str to array
        Arrays of the compound, by name.
    changed : callable
        Called after an assignment: derives the visible weights again.
    """

    def __init__(
        self, parts: Mapping[str, MutableMapping[str, Any]], own: dict[str, Any], changed: Callable[[], None]
    ) -> None:
        self._parts = parts
        self._own = own
        self._changed = changed

    def __iter__(self) -> Iterator[str]:
        for suffix, part in self._parts.items():
            yield from (name + suffix for name in part)
        yield from self._own

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __getitem__(self, name: str) -> Any:
        if name in self._own:
            return self._own[name]
        part, inner = self._place(name)
        return part[inner]

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def update(self, other: Any = (), /, **named: Any) -> None:
        """Assign several; the cells inside get theirs together."""
        shares: dict[int, tuple[MutableMapping[str, Any], dict[str, Any]]] = {}
        for name, value in dict(other, **named).items():
            if name in self._own:
                _check_shape(name, value, self._own[name])
                self._own[name][...] = value
            else:
                part, inner = self._place(name)
                shares.setdefault(id(part), (part, {}))[1][inner] = value
        for part, values in shares.values():
            part.update(values)
        self._changed()

    def __delitem__(self, name: str) -> None:
        raise ConfigError(f"{name!r} belongs to its cell and cannot be removed")

    def _place(self, name: str) -> tuple[MutableMapping[str, Any], str]:
        for suffix, part in self._parts.items():
            inner = name.removesuffix(suffix)
            if inner != name and inner in list(part):
                return part, inner
        raise ConfigError(f"no hidden array {name!r}: there are {', '.join(self)}")


class HiddenCell(MutableMapping[str, Any]):
    """The mapping of one cell inside a compound: its own, and its weights as ``hidden_weights``.

    Parameters
    ----------
    inner : mapping
        Of the cell.
    weights : callable
        Gives the cell's weights.
    write : callable
        Writes them.
    """

    NAME = "hidden_weights"

    def __init__(
        self, inner: MutableMapping[str, Any], weights: Callable[[], Any], write: Callable[[Any], None]
    ) -> None:
        self._inner = inner
        self._weights = weights
        self._write = write

    def __iter__(self) -> Iterator[str]:
        yield from self._inner
        yield self.NAME

    def __len__(self) -> int:
        return len(self._inner) + 1

    def __getitem__(self, name: str) -> Any:
        return self._weights() * 1.0 if name == self.NAME else self._inner[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def update(self, other: Any = (), /, **named: Any) -> None:
        """Assign several: parameters, then the weights within the new bounds, then those of cells further inside."""
        values = dict(other, **named)
        weights = values.pop(self.NAME, None)
        further = {name: values.pop(name) for name in list(values) if name.startswith(self.NAME)}
        if values:
            self._inner.update(values)
        if weights is not None:
            _check_shape(self.NAME, weights, self._weights())
            self._write(weights)
        if further:
            self._inner.update(further)

    def __delitem__(self, name: str) -> None:
        raise ConfigError(f"{name!r} belongs to its cell and cannot be removed")


def _check_shape(name: str, value: Any, array: Any) -> None:
    if tuple(value.shape) != tuple(array.shape):
        raise ShapeError(f"{name} has the shape {tuple(array.shape)}, not {tuple(value.shape)}")
