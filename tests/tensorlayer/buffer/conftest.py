"""Local, on-demand and future buffers are the same for every backend that has them."""

from __future__ import annotations

import pytest

from tensorlayer.backend import Backend, get_backend


@pytest.fixture(params=["reference", "numpy", "torch"])
def backend(request: pytest.FixtureRequest) -> Backend:
    return get_backend(request.param)
