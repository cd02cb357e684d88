"""Moving elements between backends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlayer.backend.registry import get_backend
from tensorlayer.graph import Place

__all__ = ["convert_kernel"]


def convert_kernel(source: Place, target: Place) -> Callable[[Any], Any]:
    """A function that hands native arrays of `source` (backend, device) over to `target`.

    Memory is shared where both libraries allow it; otherwise the elements are copied.
    """
    giver, taker = get_backend(source[0]), get_backend(target[0])
    return lambda array: taker.adopt(array, giver, target[1])
