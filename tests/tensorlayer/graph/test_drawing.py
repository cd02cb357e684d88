"""Pictures: the source names every node and edge; without Graphviz nothing fails."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tensorlayer.errors import GraphError
from tensorlayer.graph import Einsum, Input, Map, OpGraph
from tensorlayer.scalar import argument, call


@pytest.fixture
def graph() -> OpGraph:
    a, b = Input.of(0, (2, 3), "float64"), Input.of(1, (3, 4), "float64")
    product = Einsum.of([a, b], ["ij", "jk"], "ik")
    return OpGraph([Map.of([product], [(0, 1)], (2, 4), call("exp", argument(0)))], ['quoted "name"'])


def test_the_source_has_every_node_and_edge(graph: OpGraph) -> None:
    source = graph.to_dot()
    assert source.count(" -> ") == graph.num_edges
    assert source.count("shape=") == graph.num_nodes
    for text in ("input 0", "Einsum", "exp(x0)", 'label="a,b"', r"quoted \"name\""):
        assert text in source


def test_without_graphviz_there_is_text_and_source(
    graph: OpGraph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert graph._repr_svg_() is None
    assert "<pre>n0: float64[2, 3] = Input(0)" in str(graph._repr_html_())
    graph.draw().save(tmp_path / "graph.dot")
    assert (tmp_path / "graph.dot").read_text() == graph.to_dot()
    with pytest.raises(GraphError, match="needs Graphviz"):
        graph.draw().save(tmp_path / "graph.svg")


def test_the_picture_goes_through_dot(graph: OpGraph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if shutil.which("dot") is None:  # a stand-in that echoes its input: what is tested is how it is called
        program = tmp_path / "dot"
        program.write_text("#!/bin/sh\necho '<svg>'; cat\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    picture = graph._repr_svg_()
    assert picture is not None
    assert "<svg" in picture
    assert "Einsum" in picture
    assert graph._repr_html_() is None
    graph.draw().save(tmp_path / "graph.svg")
    assert (tmp_path / "graph.svg").read_text() == picture


def test_a_picture_has_a_known_suffix(graph: OpGraph, tmp_path: Path) -> None:
    with pytest.raises(GraphError, match=r"saved as \.svg or \.dot, not 'graph\.png'"):
        graph.draw().save(tmp_path / "graph.png")
