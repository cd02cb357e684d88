"""Pictures of a graph: Graphviz source always, SVG where Graphviz is installed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tensorlayer.errors import GraphError
from tensorlayer.graph.elementwise import Fused, Map
from tensorlayer.graph.leaves import Input
from tensorlayer.graph.view import Edge, OperationNode, TensorNode, View
from tensorlayer.scalar import format_body

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Drawing", "dot_source"]

_WIDEST = 40


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn graph.

    Attributes
    ----------
    dot : str
        The Graphviz source.
    """

    dot: str

    @property
    def svg(self) -> str | None:
        """The picture as SVG text, or None where Graphviz is not installed.

        Raises
        ------
        GraphError
            If Graphviz fails.
        """
        import shutil
        import subprocess

        program = shutil.which("dot")
        if program is None:
            return None
        done = subprocess.run([program, "-Tsvg"], input=self.dot, capture_output=True, text=True, check=False)  # noqa: S603  # its own full path, the source goes through a pipe
        if done.returncode:
            raise GraphError(f"Graphviz could not draw the graph: {done.stderr.strip()}")
        return done.stdout

    def save(self, path: str | Path) -> None:
        """Write the picture (``.svg``) or its source (``.dot``).

        Raises
        ------
        GraphError
            If the suffix is neither, or Graphviz is needed and missing.
        """
        from pathlib import Path

        path = Path(path)
        if path.suffix not in (".svg", ".dot"):
            raise GraphError(f"a drawing is saved as .svg or .dot, not {path.name!r}")
        content = self.dot if path.suffix == ".dot" else self.svg
        if content is None:
            raise GraphError("a picture needs Graphviz (the program 'dot'): install it, or save the source as .dot")
        path.write_text(content, "utf-8")

    def _repr_svg_(self) -> str | None:
        return self.svg


def dot_source(view: View, names: tuple[str, ...]) -> str:
    """Graphviz source: ellipses are tensors, boxes are operations, edges carry labels."""
    results = dict(zip(view.results, names, strict=True))
    lines = ["digraph {", "  node [fontname=monospace fontsize=10]", "  edge [fontname=monospace fontsize=9]"]
    for node in view.nodes:
        text, shape = _tensor(node, results) if isinstance(node, TensorNode) else (_operation(node), "box")
        lines.append(f"  {node.number} [label={_quoted(text)} shape={shape}]")
    lines += [f"  {edge.source} -> {edge.target} [label={_quoted(_labels(edge))}]" for edge in view.edges]
    return "\n".join([*lines, "}"])


def _tensor(node: TensorNode, results: dict[int, str]) -> tuple[str, str]:
    name = results.get(node.number, "")
    if isinstance(node.node, Input) and isinstance(node.node.key, int):
        name = " ".join(filter(None, (f"input {node.node.key}", name)))
    extents = " x ".join(map(str, node.shape)) or "scalar"
    return "\n".join(filter(None, (name, f"{node.dtype} {extents}"))), "ellipse"


def _operation(node: OperationNode) -> str:
    if isinstance(node.node, Map | Fused):
        body = format_body(node.node.body)
        body = body if len(body) <= _WIDEST else body[: _WIDEST - 1] + "…"
        return f"{node.name}\n{body}" + (f"\n{node.node.kind}" if isinstance(node.node, Fused) else "")
    return node.name


def _labels(edge: Edge) -> str:
    return ",".join(edge.labels)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
