"""Every contender of every case: the values agree; `--benchmark-enable` times them, grouped by case."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.case import OURS, Call, Case
from benchmarks.catalogue import cases

CASES = {f"{topic}: {case.name}": case for topic, case in cases()}


@lru_cache(maxsize=1)
def built(name: str) -> dict[str, Call]:
    return CASES[name].build()


@pytest.mark.parametrize("name", CASES)
def test_the_contenders_agree(name: str) -> None:
    case: Case = CASES[name]
    results = {contender: call() for contender, call in built(name).items()}
    if case.check:
        for contender, result in results.items():
            np.testing.assert_allclose(result, results[OURS], rtol=1e-8, atol=1e-8, err_msg=contender)


@pytest.mark.parametrize("name", CASES)
def test_speed(name: str, benchmark: BenchmarkFixture) -> None:
    benchmark.group = name
    benchmark(built(name)[OURS])
