"""Backends that keep their elements, by one that holds numbers in a box and only adds them up."""

from __future__ import annotations

from collections.abc import Collection, Hashable
from typing import Any, ClassVar, final

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.backend import Backend, registry
from tensorlayer.errors import ConversionError, UnsupportedOperationError
from tensorlayer.graph import Delegated, DType, Einsum, Map, Node, OpGraph
from tensorlayer.language.evaluation import graph_of
from tensorlayer.passes import Target, check, delegate


class Box:
    """Elements that nobody reads."""

    def __init__(self, elements: Any) -> None:
        self.elements = np.array(elements)


@final
class Open(Delegated):
    """The dot product of what is in a box with a vector."""

    __slots__ = ()
    agent = "box"

    def _derive(self) -> tuple[tuple[int, ...], DType]:
        return (), np.result_type(*(node.dtype for node in self.inputs))


class BoxBackend(Backend):
    name = "box"
    library = "numpy"
    keeps = True
    vocabulary: ClassVar[Any] = {Open: lambda backend, node: lambda box, vector: (box.elements * vector).sum()}

    def recognises(self, cls: type) -> bool:
        return cls is Box

    def shape_of(self, array: Any) -> tuple[int, ...]:
        return array.elements.shape

    def dtype_of(self, array: Any) -> DType:
        return array.elements.dtype

    def form_of(self, array: Any) -> Hashable:
        return "cardboard"

    def from_numpy(self, array: Any, device: str = "cpu", *, copy: bool | None = None) -> Box:
        return Box(array)

    def to_numpy(self, array: Any) -> Any:
        return array.elements

    def exportable(self, array: Any) -> Any:
        return array.elements

    def claim(self, node: Node, held: Collection[Node]) -> Node:
        if isinstance(node, Einsum) and len(node.inputs) == 2 and not node.output:
            box, vector = sorted(node.inputs, key=lambda source: source not in held)
            return Open.make([box, vector])
        return super().claim(node, held)


@pytest.fixture(autouse=True)
def box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry._loaded, "box", BoxBackend())
    monkeypatch.setattr(registry, "_by_type", {})


def graph(tensor: tl.Tensor) -> OpGraph:
    return graph_of([tensor.value])[0]


def test_a_backend_that_keeps_its_elements_claims_what_reads_them() -> None:
    B, v = tl.tensor(Box([1.0, 2.0, 3.0])), tl.tensor(np.array([1.0, 0.0, 2.0]))
    total = (2 * B["i"] * v["i"] + 1.0)[""]
    made = delegate(graph(total), Target())
    assert [type(node) for node in made.operations if node.inputs] == [Open, Map]
    check(made, "delegate")
    with tl.options(check=True):
        assert (float(total), total.place) == (15.0, ("numpy", "cpu"))
    assert "form='cardboard'" in str(made)
    assert OpGraph.parse(str(graph(total)), graph(total).objects) == graph(total)


def test_results_are_where_the_other_operands_are() -> None:
    B, v = tl.tensor(Box([1.0, 2.0, 3.0])), tl.tensor([1.0, 0.0, 2.0], backend="torch")
    total = (B["i"] * v["i"])[""]
    assert total.place[0] == "torch"
    with tl.use("reference"):
        assert (tl.tensor([1.0, 0.0, 2.0])["i"] * B["i"])[""].place[0] == "reference"


@pytest.mark.parametrize("mixed", ["largest", "error"])
def test_what_is_not_claimed_is_refused_by_name(mixed: str) -> None:
    B, v = tl.tensor(Box([1.0, 2.0, 3.0])), tl.tensor(np.arange(1000.0))
    with tl.options(mixed=mixed):
        for wrong in ((B["i"] * v["j"])["i,j"], tl.exp(B["i"])["i"], tl.sum(B["i"], over="i")[""], B[1:]):
            with pytest.raises((UnsupportedOperationError, ConversionError), match="box"):
                wrong.numpy()


def test_elements_leave_by_an_explicit_conversion() -> None:
    B = tl.tensor(Box([1.0, 2.0, 3.0]))
    assert tl.exp(B.to("numpy")["i"])["i"].numpy() == pytest.approx(np.exp([1, 2, 3]))
    assert B.numpy().tolist() == [1, 2, 3]


def test_a_statement_that_cannot_be_changes_nothing() -> None:
    B = tl.tensor(Box([1.0, 2.0, 3.0]))
    with pytest.raises(UnsupportedOperationError, match="box"):
        B["i"] += 1.0 * B["i"]
    assert B.place == ("box", "cpu")
    assert B.numpy().tolist() == [1, 2, 3]


def test_graphs_without_such_a_backend_stay_as_they_are() -> None:
    v = tl.tensor(np.ones(3))
    before = graph(tl.sum(tl.exp(v["i"]), over="i")[""])
    assert delegate(before, Target()) is before
