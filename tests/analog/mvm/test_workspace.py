"""Memory that products use again and again."""

from __future__ import annotations

import numpy as np

from analog.crossbar.arguments import as_storage
from analog.mvm.workspace import numbers_up_to, scratch
from tensorlayer.backend import get_backend


def test_crossbars_in_the_same_memory_share_it() -> None:
    """Layers that take turns would each have theirs from the system again."""
    first, second = as_storage(None), as_storage(None)
    assert first.allocator is not second.allocator
    assert np.shares_memory(scratch(first, "numbers", (4, 3)), scratch(second, "numbers", (2, 5)))
    assert numbers_up_to(first, 7) is numbers_up_to(second, 7)


def test_other_memory_is_not_taken_for_it() -> None:
    own, other = as_storage(None), as_storage(get_backend("numpy").allocator())
    assert own != other
    assert not np.shares_memory(scratch(own, "numbers", (4, 3)), scratch(other, "numbers", (4, 3)))
