"""Large terms that cancel: elements of a sum are added before they are summed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl

Wrap = Callable[[Any], tl.Tensor]
RNG = np.random.default_rng(7)
#: Temperatures of about 300 kelvin, a millikelvin apart.
WARM, WARMER = ((300 + 1e-3 * RNG.normal(size=(3, 500))).astype("float32") for _ in range(2))
DIFFERENCES = WARM.astype("float64") - WARMER

SPELLINGS: dict[str, tuple[Callable[[tl.Tensor, tl.Tensor], Any], np.ndarray[Any, Any]]] = {
    "statement": (lambda x, y: (x["t,i"] - y["t,i"])["t"], DIFFERENCES.sum(1)),
    "in another order": (lambda x, y: (x["i,t"] - 1 * y["i,t"])["t"], DIFFERENCES.sum(0)),
    "scaled": (lambda x, y: (-0.5 * (x["t,i"] - y["t,i"]) / 4)[""], -DIFFERENCES.sum() / 8),
    "sum": (lambda x, y: tl.sum(x["t,i"] - y["t,i"], over="i")["t"], DIFFERENCES.sum(1)),
    "mean": (lambda x, y: tl.mean(x["t,i"] - y["t,i"], over="t")["i"], DIFFERENCES.mean(0)),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_as_exact_as_the_sum_of_the_differences(spelling: str, wrap: Wrap) -> None:
    # Differences are exact in float32; sums of 500 numbers of about 300 are rounded to 1e-2, to 1e-5 in the mean.
    write, exact = SPELLINGS[spelling]
    found = write(wrap(WARM), wrap(WARMER)).numpy()
    assert found.dtype == np.float32
    assert np.abs(found - exact).max() < 2e-7


def test_a_program_too() -> None:
    found = tl.evaluate("m[t] = mean(x[t,i] - y[t,i], over=i)", x=WARM, y=WARMER)["m"]
    assert np.abs(found.numpy() - DIFFERENCES.mean(1)).max() < 1e-9


def test_terms_of_integers_are_summed_in_64_bits(wrap: Wrap) -> None:
    full = np.full(300, 100, "int8")
    assert int(tl.sum(wrap(full)["i"] + wrap(full)["i"], over="i")[""]) == 60_000


def test_a_number_is_added_once(wrap: Wrap) -> None:
    x, y = np.arange(4.0), np.ones(4)
    assert float((wrap(x)["i"] - wrap(y)["i"] + 1)[""]) == 3.0


def test_products_are_contracted() -> None:
    x, y, w = (tl.tensor(RNG.random((40, 40))) for _ in range(3))
    explained = tl.explain((x["i,k"] * w["k,j"] - y["i,k"] * w["k,j"])["i,j"])
    assert explained.flops < 2 * 2 * 40**3 + 2 * 40**2 + 1
    assert np.allclose((x["i,k"] * w["k,j"] - y["i,k"] * w["k,j"])["i,j"], (x.numpy() - y.numpy()) @ w.numpy())
