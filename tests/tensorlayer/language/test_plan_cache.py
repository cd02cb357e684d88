"""What is remembered of statements: plans by what they compute, the facts about values as one object."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.language.evaluation import PlanCache, plan_cache
from tensorlayer.symmetry import Symmetry

SQUARE = np.arange(9.0).reshape(3, 3)


def test_the_plan_that_was_not_asked_for_longest_is_forgotten() -> None:
    plans: Any = {name: object() for name in "abc"}
    cache = PlanCache(capacity=2)
    for name in "ab":
        cache.put(name, plans[name])
    assert cache.get("a") is plans["a"]
    cache.put("c", plans["c"])
    assert [cache.get(name) for name in "abc"] == [plans["a"], None, plans["c"]]
    assert (len(cache), cache.hits, cache.misses) == (2, 3, 1)


def test_equal_facts_are_one_object_and_are_not_kept() -> None:
    one, other = (tl.tensor(SQUARE.copy(), symmetry=Symmetry.symmetric(2)).value for _ in range(2))
    assert one.facts is other.facts
    assert tl.tensor(SQUARE).value.facts is not one.facts
    gone = weakref.ref(tl.tensor(np.ones((3, 5, 7))).value.facts)
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("shared", [False, True])
def test_one_tensor_twice_is_another_statement_than_two_tensors(shared: bool) -> None:
    a, b = tl.tensor(SQUARE), tl.tensor(SQUARE + 1)
    left = a["i,j"]
    planned = plan_cache.misses
    for _ in range(2):
        product = left * left if shared else left * a["i,j"]
        np.testing.assert_array_equal(product["i,j"], SQUARE * SQUARE)
        np.testing.assert_array_equal((left * b["i,j"])["i,j"], SQUARE * (SQUARE + 1))
    assert plan_cache.misses - planned <= 2
