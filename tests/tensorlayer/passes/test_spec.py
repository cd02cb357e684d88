"""Every rule of the spec can be broken, and says so; graphs of the passes break none."""

from __future__ import annotations

import pytest

from tensorlayer.errors import GraphError
from tensorlayer.graph import Concatenate, Convert, Einsum, Fused, Input, Linalg, Map, Node, OpGraph, Reduce, Slice
from tensorlayer.options import Options
from tensorlayer.passes import SPEC, Target, apply_passes, check
from tensorlayer.scalar import argument, call

A = Input.of(0, (3, 3), "float64", ("numpy", "cpu"))
T = Input.of(1, (3, 3), "float64", ("reference", "cpu"))
TRANSPOSED = Einsum.of([A], ["ij"], "ji")
SQUARE = Map.of([A], [(0, 1)], (3, 3), call("square", argument(0)))


def forged() -> Node:
    """A node with a shape that does not follow from its inputs, as no constructor gives it."""
    node = object.__new__(Reduce)
    node.inputs, node.parameters, node.shape, node.dtype = (A,), ("sum", (0,)), (7,), A.dtype
    return node


ILLEGAL = {
    "only one of its kind": (forged(), "recorded"),
    "read through Result": (Reduce.of(Linalg.of("eigh", [A]), "sum", (0,)), "recorded"),
    "gives back its operand": (Slice.of(A, ((0, 3, 1), (0, 3, 1))), "canonicalise"),
    "gives back": (Concatenate.of([A], 0), "place"),
    "not permuted": (Einsum.of([TRANSPOSED, A], ["ij", "jk"], "ik"), "share"),
    "no fused loops yet": (Fused.of(SQUARE, "sum", (0,)), "contract"),
    "at most two operands": (Einsum.of([A, A, A], ["ij", "jk", "kl"], "il"), "contract"),
    "else it is a map": (Einsum.of([A, A], ["ij", "ij"], "ij"), "fuse"),
    "where the operation runs": (Einsum.of([A, T], ["ij", "jk"], "ik"), "place"),
    "goes somewhere else": (Convert.of(A, ("numpy", "cpu")), "place"),
    "vocabulary of its backend": (Einsum.of([A, A, A], ["ij", "jk", "kl"], "il"), "lower"),
}


@pytest.mark.parametrize("text", ILLEGAL)
def test_a_broken_rule_is_named(text: str) -> None:
    node, stage = ILLEGAL[text]
    rules = [rule for rule in SPEC if text in rule.text]
    assert len(rules) == 1
    message = "at most two operands" if text.startswith("vocabulary") else text
    with pytest.raises(GraphError, match=f"illegal graph at stage '{stage}': .*{message}"):
        check(OpGraph([node]), stage)


def test_every_rule_is_broken_by_one_of_these() -> None:
    assert {rule.text for rule in SPEC} == {rule.text for rule in SPEC for text in ILLEGAL if text in rule.text}


@pytest.mark.parametrize(
    "text", [text for text in ILLEGAL if text not in ("only one of its kind", "read through Result")]
)
def test_rules_of_later_stages_do_not_bind_recorded_graphs(text: str) -> None:
    node, _ = ILLEGAL[text]
    if not isinstance(node, Fused):
        check(OpGraph([node]))


def test_inputs_have_distinct_keys() -> None:
    graph = OpGraph([Input.of(0, (2,), "float64"), Input.of(0, (3,), "float64")])
    with pytest.raises(GraphError, match="inputs have distinct keys, but 0 has several"):
        check(graph)


def test_a_pass_that_leaves_an_illegal_graph_is_caught_when_checking() -> None:
    def contract(graph: OpGraph, target: Target) -> OpGraph:
        return graph

    graph = OpGraph([Einsum.of([A, A, A], ["ij", "jk", "kl"], "il")])
    assert list(apply_passes(graph, Target(), (contract,)))
    with pytest.raises(GraphError, match="at most two operands"):
        list(apply_passes(graph, Target(Options(check=True)), (contract,)))
