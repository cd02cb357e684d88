"""How a matrix is cut into crossbars."""

from __future__ import annotations

from tensorlayer.shape import Nested

__all__ = ["WHOLE", "Block", "balanced", "cut"]

#: Which rows and columns of a matrix.
Block = tuple[slice, ...]
WHOLE: Block = (slice(None), slice(None))


def balanced(extent: int, largest: int) -> tuple[int, ...]:
    """Lengths of the fewest blocks of at most `largest`, which differ by one at most; one block if `largest` is 0.

    Examples
    --------
    >>> balanced(10, 4)
    (4, 3, 3)
    """
    count = -(-extent // largest) if largest else 1
    short, longer = divmod(extent, count)
    return (short + 1,) * longer + (short,) * (count - longer)


def cut(shape: tuple[int, int], largest: tuple[int, int]) -> Nested:
    """A matrix as a grid of crossbars of at most that shape, (outputs, inputs)."""
    outputs, inputs = (balanced(extent, most) for extent, most in zip(shape, largest, strict=True))
    return Nested((outputs, inputs))
