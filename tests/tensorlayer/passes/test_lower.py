"""A backend that knows little: what it lacks is spelled with what it has, or named; everything runs where it should."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
import pytest

from tensorlayer.backend import ArrayBackend, get_backend, registry
from tensorlayer.errors import ConversionError, UnsupportedOperationError
from tensorlayer.graph import (
    Concatenate,
    Convert,
    Delta,
    Einsum,
    Fill,
    Fused,
    Generate,
    Input,
    Linalg,
    Map,
    Node,
    OpGraph,
    Reduce,
    Update,
)
from tensorlayer.interpreter import VOCABULARY
from tensorlayer.options import Options
from tensorlayer.passes import Target, assign_places, check, lower, place
from tensorlayer.plan import make_plan
from tensorlayer.scalar import argument, call
from tests.tensorlayer.naive import evaluate

TINY = ("tiny", "cpu")
HOST = ("numpy", "cpu")
EXP = call("exp", argument(0))


class TinyBackend(ArrayBackend):
    """NumPy that knows only some operations; its arrays are NumPy's."""

    name: ClassVar[str] = "tiny"
    library: ClassVar[str] = "numpy"
    namespace = np

    def recognises(self, cls: type) -> bool:
        return False


@pytest.fixture
def knowing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Call it with the operations that the backend is to know."""

    def declare(*operations: type[Node]) -> None:
        class Knowing(TinyBackend):
            vocabulary: ClassVar[Any] = {operation: VOCABULARY[operation] for operation in operations}

        monkeypatch.setitem(registry._loaded, "tiny", Knowing())

    return declare


def tiny(key: int, *shape: int) -> Input:
    return Input.of(key, shape, "float64", TINY)


A, B = tiny(0, 3, 4), tiny(1, 4, 5)
PRODUCT = Einsum.of([A, B], ["ij", "jk"], "ik")


def lowered(node: Node) -> OpGraph:
    graph = place(lower(OpGraph([node]), Target()), Target())
    check(graph, "place", Target())
    return graph


def kinds(graph: OpGraph) -> set[type[Node]]:
    return {type(node) for node in graph.operations}


def assert_same(node: Node, graph: OpGraph) -> None:
    arrays = [np.random.default_rng(i).random((3, 4) if i == 0 else (4, 5)) for i in range(2)]
    np.testing.assert_allclose(evaluate(graph, arrays)[0], evaluate(OpGraph([node]), arrays)[0])
    plan = make_plan(OpGraph([node]), (A, B), Options())
    np.testing.assert_allclose(plan.run(*arrays)[0], evaluate(OpGraph([node]), arrays)[0])


CASES: dict[str, tuple[Node, tuple[type[Node], ...], set[type[Node]]]] = {
    "fused": (Fused.of(Map.of([A], [(0, 1)], (3, 4), EXP), "max", (1,)), (Map, Reduce), {Map, Reduce}),
    "fused sum": (Fused.of(Map.of([A], [(0, 1)], (3, 4), EXP), "sum", (1,)), (Map, Einsum), {Map, Einsum}),
    "product": (PRODUCT, (Map, Reduce), {Map, Reduce}),
    "sum": (Reduce.of(A, "sum", (0,)), (Einsum,), {Einsum}),
    "join": (Concatenate.of([A, A], 1), (Update, Fill), {Update, Fill}),
    "fill": (Map.of([Fill.of((3, 4), 2.0, "float64"), A], [(0, 1)] * 2, (3, 4), call("add", argument(0), argument(1))),
             (Map,), {Map}),
    "identity": (Einsum.of([A, Delta.of(4, "float64")], ["ij", "jk"], "ijk"), (Map,), {Delta, Convert, Map}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_lacking_is_spelled_otherwise(name: str, knowing: Callable[..., None]) -> None:
    node, vocabulary, expected = CASES[name]
    knowing(*vocabulary)
    graph = lowered(node)
    assert kinds(graph) - {Input} == expected
    assert_same(node, graph)


def test_what_is_known_stays(knowing: Callable[..., None]) -> None:
    knowing(Einsum)
    assert lowered(PRODUCT) == OpGraph([PRODUCT])


def test_the_other_backend_keeps_its_own_spelling(knowing: Callable[..., None]) -> None:
    knowing(Map, Reduce)
    here = Fused.of(Map.of([A], [(0, 1)], (3, 4), EXP), "max", (0, 1))
    there = Fused.of(Map.of([Input.of(2, (3,), "float64", HOST)], [(0,)], (3,), EXP), "max", (0,))
    graph = lower(OpGraph([here, there]), Target())
    assert [type(sink) for sink in graph.sink_nodes] == [Reduce, Fused]


@pytest.mark.parametrize(
    ("node", "named"),
    [(Linalg.of("inv", [tiny(0, 3, 3)]), "Linalg"), (Einsum.of([tiny(0, 3, 3)], ["ii"], "i"), "Einsum"),
     (Reduce.of(A, "max", (0,)), "Reduce")],
)  # fmt: skip
def test_what_has_no_other_spelling_is_named(node: Node, named: str, knowing: Callable[..., None]) -> None:
    knowing(Map)
    with pytest.raises(UnsupportedOperationError, match=f"'tiny' does not run {named}.*its operations are Map"):
        lower(OpGraph([node]), Target())


# -- places ------------------------------------------------------------------------------------------------


@pytest.fixture
def everything(knowing: Callable[..., None]) -> None:
    knowing(*(set(VOCABULARY) - {Generate}))


def host(key: int, *shape: int) -> Input:
    return Input.of(key, shape, "float64", HOST)


def conversions(graph: OpGraph) -> list[tuple[str, str]]:
    return [node.place for node in graph.operations if isinstance(node, Convert)]


@pytest.mark.usefixtures("everything")
def test_operands_go_to_the_larger_one_once() -> None:
    vector = host(2, 4)
    both = [Einsum.of([A, vector], ["ij", "j"], "i"), Einsum.of([A, vector], ["ij", "j"], "ij")]
    graph = lowered(both[0])
    assert conversions(graph) == [TINY]
    assert conversions(place(OpGraph(both), Target())) == [TINY]


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("differentiates", [False, True])
def test_elements_join_the_largest_unless_a_library_differentiates(
    differentiates: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(get_backend("numpy")), "differentiates", differentiates)
    node = Einsum.of([host(2, 4), A], ["j", "ij"], "i")
    assert assign_places(OpGraph([node]), Target())[node][0] == ("numpy" if differentiates else "tiny")


@pytest.mark.usefixtures("everything")
def test_mixing_can_be_forbidden() -> None:
    node = Einsum.of([host(2, 4), A], ["j", "ij"], "i")
    with pytest.raises(ConversionError, match="operands in numpy:cpu and tiny:cpu"):
        assign_places(OpGraph([node]), Target(Options(mixed="error")))


@pytest.mark.usefixtures("everything")
def test_what_has_no_operands_is_made_where_it_is_used() -> None:
    node = Einsum.of([A, Delta.of(4, "float64")], ["ij", "jk"], "ijk")
    target = Target(Options(mixed="error"))
    assert set(assign_places(OpGraph([node, host(2, 900)]), target).values()) == {TINY, HOST}
    assert conversions(place(OpGraph([node, host(2, 900)]), target)) == []


class Ones:
    def generate(self, region: tuple[tuple[int, int, int], ...]) -> np.ndarray[Any, Any]:
        return np.ones([len(range(*bounds)) for bounds in region])


@pytest.mark.usefixtures("everything")
def test_what_a_backend_cannot_generate_is_made_on_the_host() -> None:
    made = Generate.of(Ones(), ((0, 4, 1), (0, 5, 1)), "float64")
    node = Einsum.of([A, made], ["ij", "jk"], "ik")
    graph = lowered(node)
    assert conversions(graph) == [TINY]
    assert_same(node, graph)


@pytest.mark.usefixtures("everything")
def test_a_chosen_backend_runs_everything_and_gets_what_passes_through() -> None:
    target = Target(Options(backend="tiny"))
    graph = place(OpGraph([host(2, 4), Map.of([host(2, 4)], [(0,)], (4,), EXP)]), target)
    check(graph, "place", target)
    assert conversions(graph) == [TINY]
    assert {assign_places(graph, target)[sink] for sink in graph.sink_nodes} == {TINY}
