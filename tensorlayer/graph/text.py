"""The text form of a graph: one line per node, in the syntax of Python assignments.

Products and maps print their labels as an equation. What has no literal, such as the function behind an
on-demand tensor, is printed as ``objects[0]``, ``objects[1]``, ... and handed to the reader beside the text.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np

from tensorlayer.graph.einsum import Einsum
from tensorlayer.graph.elementwise import Fused, Map
from tensorlayer.graph.leaves import Input
from tensorlayer.graph.node import Node, postorder
from tensorlayer.graph.view import letter
from tensorlayer.scalar import FUNCTIONS, Body

__all__ = ["described", "equation", "format_graph", "format_node", "named_nodes", "text_objects"]


def named_nodes(sinks: Sequence[Node]) -> dict[Node, str]:
    """The name of every node in the text form: ``n0``, ``n1``, ... in order of execution."""
    return {node: f"n{i}" for i, node in enumerate(postorder(sinks))}


def format_graph(sinks: Sequence[Node], names: Sequence[str]) -> str:
    """The text form of a graph."""
    nodes, objects = named_nodes(sinks), text_objects(sinks)
    lines = [f"{nodes[node]}: {_annotation(node)} = {format_node(node, nodes, objects)}" for node in nodes]
    results = ", ".join(f"{name!r}: {nodes[sink]}" for name, sink in zip(names, sinks, strict=True))
    return "\n".join([*lines, f"return {{{results}}}"])


def text_objects(sinks: Sequence[Node]) -> tuple[Hashable, ...]:
    """The parameters without a literal, in the order in which the text numbers them."""
    found: dict[Hashable, None] = {}
    for node in postorder(sinks):
        for value in _printed(node):
            found.update(dict.fromkeys(_opaque(value)))
    return tuple(found)


def _printed(node: Node) -> tuple[Any, ...]:
    # The key of an input is printed as its position; the rest of the description is in the annotation.
    return node.parameters[3:] if isinstance(node, Input) else node.parameters


def _opaque(value: Any) -> list[Hashable]:
    if isinstance(value, tuple):
        return [found for part in value for found in _opaque(part)]
    literal = value is None or isinstance(value, str | bool | int | float | complex | np.generic | np.dtype)
    return [] if literal else [value]


def _annotation(node: Node) -> str:
    extents = ", ".join(map(str, node.shape)) or "()"
    return f"{node.dtype}[{extents}]"


def format_node(node: Node, nodes: dict[Node, str], objects: Sequence[Hashable] = ()) -> str:
    """The right side of a line: the operation, its operands by name, and its parameters."""
    operands = [nodes[source] for source in node.inputs]
    named = dict(zip(node.parameter_names, node.parameters, strict=True))
    if isinstance(node, Input):
        operands = [str(_position(node, nodes))]
        shown = {"place": ("", ""), "symmetry": None, "sparsity": None, "form": None}
        named = {name: named[name] for name, default in shown.items() if named[name] != default}
    elif isinstance(node, Einsum | Map | Fused):
        operands.insert(0, repr(equation(node)))
        for name in ("labels", "output", "axes", "reduced", *(["extents"] if isinstance(node, Map) else [])):
            named.pop(name, None)
    arguments = [f"{name}={_parameter(name, value, objects)}" for name, value in named.items()]
    return f"{node.operation}({', '.join(operands + arguments)})"


def described(node: Node) -> str:
    """A node by itself, for messages: the operation, what its operands are, and its result."""
    line = format_node(node, {source: _annotation(source) for source in node.inputs}, text_objects([node]))
    return f"{line} -> {_annotation(node)}"


def _position(node: Input, nodes: Iterable[Node]) -> int:
    """An input's key in a plan; before that, when the key is the tensor itself, its place among the inputs."""
    return node.key if isinstance(node.key, int) else [n for n in nodes if isinstance(n, Input)].index(node)


def equation(node: Node) -> str:
    """The labels around an operation, as in ``"ab,bc->ac"``."""
    incoming, output = node.edge_labels()
    return ",".join("".join(map(letter, one)) for one in incoming) + "->" + "".join(map(letter, output))


def _parameter(name: str, value: Any, objects: Sequence[Hashable]) -> str:
    return _body(value) if name == "body" else _format_value(value, objects)


def _format_value(value: Any, objects: Sequence[Hashable] = ()) -> str:
    """A parameter as Python text that the reader takes."""
    if isinstance(value, tuple):
        inner = ", ".join(_format_value(part, objects) for part in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if isinstance(value, np.dtype):
        return f"dtype({str(value)!r})"
    if isinstance(value, np.generic):
        return f"{value.dtype}({_format_value(value.item())})"
    if isinstance(value, complex):
        return f"complex({value.real!r}, {value.imag!r})"
    if value is None or isinstance(value, str | bool | int | float):
        return repr(value)
    return f"objects[{list(objects).index(value)}]"


def _body(body: Body) -> str:
    text = _term(body)
    infix = body[0] in FUNCTIONS and FUNCTIONS[body[0]].symbol
    return text[1:-1] if infix else text


def _term(body: Body) -> str:
    if body[0] == "x":
        return f"x{body[1]}"
    if body[0] == "c":
        text = _format_value(body[2])
        return f"({text})" if text.startswith("-") else text
    if body[0] == "astype":
        return f"astype({_term(body[1])}, {body[2]!r})"
    parts = [_term(part) for part in body[1:]]
    symbol = FUNCTIONS[body[0]].symbol
    return f"({parts[0]} {symbol} {parts[1]})" if symbol else f"{body[0]}({', '.join(parts)})"
