"""No pass changes a result: random graphs, after each pass, against the naive evaluation of the graph as written."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlayer.graph import Einsum, Fill, Input, OpGraph
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


def test_whole_numbers_are_multiplied_in_the_type_of_their_sum() -> None:
    vectors = [Input.of(i, (4,), "int8") for i in range(3)]
    graph = OpGraph([Einsum.of(vectors, ["i", "i", "i"], ""), Einsum.of(vectors, ["i", "j", "j"], "i")])
    arrays = [np.full(4, 100, np.int8)] * 3
    (*_, (_, changed)) = apply_passes(graph, CHECKED)
    total, part = evaluate(changed, arrays)
    assert total == 4 * 100**3
    np.testing.assert_array_equal(part, np.full(4, 4 * 100**3))


def test_single_precision_is_widened_before_it_is_summed() -> None:
    single, double = Input.of(0, (10**4,), "float32"), Input.of(1, (3,), "float64")
    graph = OpGraph([Einsum.of([single, double], ["i", "j"], "j")])
    arrays = [np.random.default_rng(0).random(10**4).astype(np.float32), np.ones(3)]
    (*_, (_, changed)) = apply_passes(graph, CHECKED)
    np.testing.assert_allclose(evaluate(changed, arrays)[0], arrays[0].astype(float).sum(), rtol=1e-13)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_zero_times_what_is_not_finite_is_not_zero(value: float) -> None:
    vector, zero = Input.of(0, (2,), "float64"), Fill.of((2,), 0, "float64")
    constant = Fill.of((2,), value, "float64")
    for other, arrays in ((vector, [np.array([value, 1.0])]), (constant, [])):
        graph = OpGraph([Einsum.of([zero, other], ["i", "i"], "i")])
        (*_, (_, changed)) = apply_passes(graph, CHECKED)
        assert np.isnan(evaluate(changed, arrays)[0][0])


def test_zero_times_whole_numbers_is_zero_without_reading_them() -> None:
    graph = OpGraph([Einsum.of([Input.of(0, (2, 3), "int64"), Fill.of((3,), 0, "int64")], ["ij", "j"], "i")])
    (*_, (_, changed)) = apply_passes(graph, CHECKED)
    assert changed.sink_nodes == (Fill.of((2,), 0, "int64"),)
