"""Several threads look at the same recorded tensors."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import numpy as np
import pytest

import tensorlayer as tl

THREADS = 4
array = np.arange(1.0, 4.0)


@pytest.fixture(autouse=True)
def _often_interrupted() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


def chain(A: tl.Tensor, salt: int) -> tuple[tl.Tensor, tl.Tensor]:
    """Two tensors, of which the second reads the first; each salt has plans of its own."""
    C = (tl.sin(A["i"]) * (salt + 0.5))["i"]
    return C, (C["i"] * C["i"] + A["i"] + salt)["i"]


@pytest.mark.parametrize("salt", range(40))
def test_one_computes_what_another_reads(salt: int) -> None:
    """No thread plans with one half of a chain from before, and one from after, another computed it."""
    A = tl.tensor(array)
    C, D = chain(A, salt)
    first = np.sin(array) * (salt + 0.5)
    expected = [first, first * first + array + salt]
    start = Barrier(THREADS)

    def look(tensor: tl.Tensor) -> np.ndarray:
        start.wait()
        return np.asarray(tensor)

    with ThreadPoolExecutor(THREADS) as pool:
        results = list(pool.map(look, [C, D] * (THREADS // 2)))
    # The plans that were made meanwhile are right as well.
    results += map(np.asarray, chain(A, salt))
    for result, right in zip(results, expected * (THREADS // 2 + 1), strict=True):
        np.testing.assert_allclose(result, right)
