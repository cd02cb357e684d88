"""Intermediates in an order that costs no copy, and the same numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlayer.graph import Einsum, Input, OpGraph
from tensorlayer.interpreter import plan_matrix_product
from tensorlayer.passes import Target, canonicalise, contract
from tensorlayer.passes.arrange import arrange
from tests.tensorlayer.naive import evaluate
from tests.tensorlayer.strategies import arrays_for, graphs


def contracted(*equations: str, extent: int = 3) -> OpGraph:
    """The products of shared operands (one per distinct term), split into pairs."""
    inputs: dict[str, Input] = {}
    sinks = []
    for equation in equations:
        terms, output = equation.split("->")
        for term in terms.split(","):
            inputs.setdefault(term, Input.of(len(inputs), (extent,) * len(term), "float64"))
        labels = [tuple(map(ord, term)) for term in terms.split(",")]
        sinks.append(Einsum.of([inputs[term] for term in terms.split(",")], labels, tuple(map(ord, output))))
    return contract(canonicalise(OpGraph(sinks), Target()), Target())


def copies(graph: OpGraph) -> int:
    """Intermediates that NumPy cannot see as matrices without a copy."""
    count = 0
    for node in graph.operations:
        if isinstance(node, Einsum) and len(node.inputs) == 2:
            plan = plan_matrix_product(node.output, *node.labels, node.extents)
            for source, move in zip(node.inputs, (plan.left, plan.right), strict=True):
                array = np.empty(source.shape)
                view = array.transpose(move.axes) if move.axes is not None else array
                copied = move.shape is not None and not np.shares_memory(view.reshape(move.shape), array)
                count += copied and not isinstance(source, Input)
    return count


@pytest.mark.parametrize(
    "equation",
    [
        "pi,qj,ijkl,rk,sl->pqrs",
        "ijcd,abcd,ka,lb->klij",
        "ia,ib,abcd,jc,jd->ij",
        "ak,kbl,lcm,md->abcd",
        "ijkl,jm,kn,lo->mnio",
    ],
)
def test_no_intermediate_is_copied(equation: str) -> None:
    graph = contracted(equation, extent=5)
    arranged = arrange(graph, Target())
    arrays = arrays_for(graph, 0)
    np.testing.assert_array_equal(evaluate(arranged, arrays)[0], evaluate(graph, arrays)[0])
    assert copies(arranged) == 0


def test_without_the_pass_they_are() -> None:
    assert copies(contracted("pi,qj,ijkl,rk,sl->pqrs")) > 0


def test_what_is_shared_stays_shared() -> None:
    graph = contracted("ij,jk,kl->il", "ij,jk,km->mi")
    arranged = arrange(graph, Target())
    assert len(arranged.operations) <= len(graph.operations)
    arrays = arrays_for(graph, 1)
    for new, old in zip(evaluate(arranged, arrays), evaluate(graph, arrays), strict=True):
        np.testing.assert_array_equal(new, old)


@given(graph=graphs(), seed=st.integers(0, 2**16))
def test_numbers_shapes_and_types_stay(graph: OpGraph, seed: int) -> None:
    split = contract(graph, Target())
    arrays = arrays_for(graph, seed)
    before, after = evaluate(split, arrays), evaluate(arrange(split, Target()), arrays)
    for old, new in zip(before, after, strict=True):
        assert (new.shape, new.dtype) == (old.shape, old.dtype)
        np.testing.assert_allclose(new, old, rtol=1e-4 if old.dtype in (np.float32, np.complex64) else 1e-10)
