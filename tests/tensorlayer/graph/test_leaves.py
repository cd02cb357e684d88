"""Nodes without inputs: what cannot be made."""

from __future__ import annotations

from typing import Any

import pytest

from tensorlayer.errors import GraphError
from tensorlayer.graph import Input, Map


@pytest.mark.parametrize("extent", [-3, float("nan"), 1.5, "3"])
def test_extents_that_are_none(extent: Any) -> None:
    with pytest.raises(GraphError, match="extents are integers, 0 or more"):
        Input.of(0, (2, extent), "float64")


def test_a_function_that_nobody_knows() -> None:
    with pytest.raises(GraphError, match="no elementwise function 'frobnicate': there are"):
        Map.of([Input.of(0, (3,), "float64")], [(0,)], (3,), ("frobnicate", ("x", 0)))
