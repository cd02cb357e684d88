"""Nodes without inputs: what cannot be made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.errors import GraphError
from tensorlayer.graph import Fill, Input, Map, OpGraph
from tensorlayer.scalar import constant


@pytest.mark.parametrize("extent", [-3, float("nan"), 1.5, "3"])
def test_extents_that_are_none(extent: Any) -> None:
    with pytest.raises(GraphError, match="extents are integers, 0 or more"):
        Input.of(0, (2, extent), "float64")


def test_a_function_that_nobody_knows() -> None:
    with pytest.raises(GraphError, match="no elementwise function 'frobnicate': there are"):
        Map.of([Input.of(0, (3,), "float64")], [(0,)], (3,), ("frobnicate", ("x", 0)))


@pytest.mark.parametrize("value", [0.0, -0.0, float("nan"), float("inf"), 1, True, 1.0, complex(0, -0.0)])
def test_nodes_of_one_value_are_one_node(value: complex) -> None:
    fill = Fill.of((2,), value, "complex128")
    body = Map.of([fill], [(0,)], (2,), ("add", ("x", 0), constant(value)))
    graph = OpGraph([fill, body])
    assert OpGraph.parse(str(graph)) == graph
    assert str(fill.value) == str(value)


def test_zero_has_a_sign() -> None:
    zeros = Fill.of((2,), 0.0, "float64"), Fill.of((2,), -0.0, "float64")
    assert zeros[0] is not zeros[1]
    assert [str(fill.value) for fill in zeros] == ["0.0", "-0.0"]
    space = tl.tensor(np.ones(2)).__array_namespace__()
    for value in (0.0, -0.0):
        assert np.signbit(space.full((2,), value).numpy()).tolist() == [np.signbit(value)] * 2
