"""An explanation says what it must, shortly, and computes nothing."""

from __future__ import annotations

import pytest

from tensorlayer.graph import Einsum, Input, Map, Node, OpGraph
from tensorlayer.options import Options
from tensorlayer.plan import make_plan
from tensorlayer.plan.explain import MOST_LINES, Explanation, explain
from tensorlayer.scalar import argument, call

A, B = Input.of(0, (200, 30), "float64"), Input.of(1, (30, 40), "float64")
C = Input.of(2, (40, 5), "float64")
EXP = call("exp", argument(0))


def explained(*sinks: Node, memory: int | None = None) -> Explanation:
    graph = OpGraph(sinks)
    return explain(make_plan(graph, graph.inputs, Options(memory=memory)))


@pytest.fixture
def chain() -> Explanation:
    product = Einsum.of([A, B, C], ["ij", "jk", "kl"], "il")
    negative = Map.of([product], [(0, 1)], (200, 5), call("negative", argument(0)))
    return explained(product, Map.of([negative], [(0, 1)], (200, 5), EXP))


def test_flops_and_memory_are_those_of_the_plan(chain: Explanation) -> None:
    assert chain.flops == 2 * 30 * 40 * 5 + 2 * 200 * 30 * 5 + 2 * 200 * 5
    assert chain.flops_as_written == 3 * 200 * 30 * 40 * 5 + 2 * 200 * 5
    assert chain.peak_bytes == chain.plan.peak_bytes
    assert f"{chain.flops:,} (as written {chain.flops_as_written:,})" in str(chain)


def test_every_section_is_there(chain: Explanation) -> None:
    text = str(chain)
    for heading in ("recorded", "after contract", "order of contraction", "steps", "shared", "fused into one loop"):
        assert f"\n{heading}\n" in text
    assert "exp(negative(" in text
    assert "ab,bc->ac" in text
    assert "numpy:cpu" in text
    assert "einsum" in text
    assert "read 2 times" in text


def test_passes_that_change_nothing_are_left_out() -> None:
    text = str(explained(Einsum.of([A, B], ["ij", "jk"], "ik")))
    assert "after" not in text
    assert "shared" not in text
    assert "fused" not in text
    assert len(text.splitlines()) < 15


def test_only_passes_that_changed_the_graph_are_listed(chain: Explanation) -> None:
    previous = chain.plan.graph
    listed = dict(chain.changed)
    for name, graph in chain.plan.stages:
        assert (name in listed) == (graph != previous)
        previous = graph


def test_the_budget_is_shown() -> None:
    assert "of 1.0 MiB allowed" in str(explained(Einsum.of([A], ["ij"], "i"), memory=2**20))


def test_long_listings_are_cut() -> None:
    inputs = [Input.of(i, (2, 2), "float64") for i in range(60)]
    labels = [(i, i + 1) for i in range(60)]
    text = str(explained(Einsum.of(inputs, labels, (0, 60))))
    assert " more" in text
    assert len(text.splitlines()) < 8 * MOST_LINES


def test_notebooks_get_text_and_picture(chain: Explanation) -> None:
    page = chain._repr_html_()
    assert page.startswith("<pre>plan of")
    assert "&gt;" in page


def test_inputs_that_are_results_take_no_step() -> None:
    assert "plan of 0 steps" in str(explained(A))
