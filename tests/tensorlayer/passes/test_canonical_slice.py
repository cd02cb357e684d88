"""A slice of a slice is one slice: every pair of both directions and any bounds, against Python's own ranges."""

from __future__ import annotations

from itertools import product

import pytest

from tensorlayer.passes.canonical_slice import composed

BOUNDS = [
    (start, stop, step) for start, stop, step in product(range(-1, 4), range(-1, 5), (-2, -1, 1, 2)) if step < 0 or stop
]


def places(entry: tuple[int, int, int], length: int) -> list[int] | None:
    """What it selects of so many elements; None if it does not fit them."""
    chosen = list(range(*entry))
    return chosen if all(0 <= i < length for i in chosen) else None


@pytest.mark.parametrize("inner", [key for key in BOUNDS if places(key, 4) is not None])
def test_composed_slices_select_what_one_after_the_other_does(inner: tuple[int, int, int]) -> None:
    first = list(range(*inner))
    for outer in BOUNDS:
        second = places(outer, len(first))
        if second is None:
            continue
        (both,) = composed((inner,), (outer,))
        assert isinstance(both, tuple)
        assert list(range(*both)) == [first[i] for i in second], (inner, outer)
