"""No pass changes a result: random graphs, after each pass, against the naive evaluation of the graph as written."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlayer.graph import OpGraph
from tensorlayer.options import Options
from tensorlayer.passes import PIPELINE, Pass, Target, apply_passes, canonicalise, contract, fuse, lower, share
from tests.tensorlayer.naive import evaluate
from tests.tensorlayer.strategies import arrays_for, graphs

CHECKED = Target(Options(check=True))
ROADS: dict[str, tuple[Pass, ...]] = {
    "canonicalise": (canonicalise,),
    "share": (canonicalise, share),
    "contract": (canonicalise, share, contract),
    "fuse": (canonicalise, share, contract, fuse),
    "lower": (canonicalise, share, contract, fuse, lower),
    "place": PIPELINE,
    "twice": (canonicalise, contract, canonicalise, share, contract, fuse),
}


def assert_same(graph: OpGraph, changed: OpGraph, seed: int, *, nan: bool = False) -> None:
    arrays = arrays_for(graph, seed, nan=nan)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, after = evaluate(graph, arrays), evaluate(changed, arrays)
    for old, new in zip(before, after, strict=True):
        assert (new.shape, new.dtype) == (old.shape, old.dtype)
        np.testing.assert_allclose(new, old, rtol=1e-4 if old.dtype in (np.float32, np.complex64) else 1e-10)


@pytest.mark.parametrize("road", ROADS)
@given(graph=graphs(), seed=st.integers(0, 2**16))
def test_numbers_shapes_and_types_stay(road: str, graph: OpGraph, seed: int) -> None:
    (*_, (_, changed)) = apply_passes(graph, CHECKED, ROADS[road])
    assert_same(graph, changed, seed)


@pytest.mark.parametrize("step", [share, contract, fuse])
@given(graph=graphs(), seed=st.integers(0, 2**16))
def test_a_pass_by_itself_changes_no_number(step: Pass, graph: OpGraph, seed: int) -> None:
    assert_same(graph, step(graph, Target()), seed)


# Contracting with an identity matrix renames a label, also where naive evaluation would form 0 * nan.
@given(graph=graphs(deltas=False, dtypes=("float64", "complex128")), seed=st.integers(0, 2**16))
def test_nan_reaches_the_same_elements(graph: OpGraph, seed: int) -> None:
    (*_, (_, changed)) = apply_passes(graph, CHECKED, PIPELINE)
    assert_same(graph, changed, seed, nan=True)
