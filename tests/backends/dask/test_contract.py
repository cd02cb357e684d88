"""The contract of a backend, on whole arrays and on arrays cut into blocks of a few elements."""

from __future__ import annotations

from collections.abc import Iterator

import dask
import pytest

from tensorlayer.testing import BackendContract


class TestWhole(BackendContract):
    backend = "dask"


class TestCut(BackendContract):
    backend = "dask"

    @pytest.fixture(autouse=True)
    def small_blocks(self) -> Iterator[None]:
        with dask.config.set({"array.chunk-size": "32 B"}):
            yield
