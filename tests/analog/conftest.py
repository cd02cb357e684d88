from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.analog.simulator import Simulator


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """``simulator(function, *arguments)``: what a function of a test module gives with its kernels on CUDA."""
    process = Simulator()
    yield process
    process.close()
