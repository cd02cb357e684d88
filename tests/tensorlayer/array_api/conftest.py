"""`wrap`: arrays as tensors of the backends that hold most of the standard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import tensorlayer as tl

Wrap = Callable[[Any], tl.Tensor]


@pytest.fixture(params=["numpy", "torch"])
def wrap(request: pytest.FixtureRequest) -> Wrap:
    return lambda array: tl.tensor(array, backend=request.param)


@pytest.fixture(params=["numpy", "torch", "dask", "reference"])
def wrap_anywhere(request: pytest.FixtureRequest) -> Wrap:
    return lambda array: tl.tensor(array, backend=request.param)
