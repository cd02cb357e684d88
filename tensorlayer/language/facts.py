"""What a plan needs to know of values that are there, interned so that plans are looked up by identity."""

from __future__ import annotations

from typing import Any, final
from weakref import WeakValueDictionary

__all__ = ["Facts"]

_facts: WeakValueDictionary[tuple[Any, ...], Facts] = WeakValueDictionary()


@final
class Facts:
    """The parameters of a graph's input but for its key; equal ones are one object.

    Forms and patterns of zeros are trees, which are hashed once for a value, and not whenever a statement reads it.

    Attributes
    ----------
    parameters : tuple
        Shape, element type, place, symmetry, sparsity and form, as `Input.of` takes them.
    """

    __slots__ = ("__weakref__", "parameters")

    parameters: tuple[Any, ...]

    @classmethod
    def of(cls, *parameters: Any) -> Facts:
        """The one object with these parameters. Values make theirs one at a time, under their lock."""
        found = _facts.get(parameters)
        if found is None:
            found = _facts[parameters] = object.__new__(cls)
            found.parameters = parameters
        return found
