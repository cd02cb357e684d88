"""Reading the text form of a graph; every node is checked against its annotation."""

from __future__ import annotations

import ast
import math
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import numpy as np

from tensorlayer.errors import GraphError
from tensorlayer.graph.einsum import Einsum
from tensorlayer.graph.elementwise import Fused, Map
from tensorlayer.graph.leaves import Input
from tensorlayer.graph.node import DType, Node
from tensorlayer.graph.view import label_of
from tensorlayer.scalar import FUNCTIONS, Body, argument, call, constant

__all__ = ["parse_graph"]

_INFIX = {function.symbol: name for name, function in FUNCTIONS.items() if function.symbol}
_OPERATORS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "**",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}


def parse_graph(text: str, objects: Sequence[Hashable] = ()) -> tuple[list[Node], list[str]]:
    """Read the text form of a graph.

    Parameters
    ----------
    text : str
        What `str` gives for an `OpGraph`.
    objects : sequence, optional
        What the text calls ``objects[0]``, ``objects[1]``, ...

    Returns
    -------
    sinks : list of Node
    names : list of str

    Raises
    ------
    GraphError
        If the text is not of that form; the message has the line.
    """
    reader = _Reader(objects)
    line = 1
    try:
        for statement in ast.parse(text).body:
            line = statement.lineno
            reader.read(statement)
    except (SyntaxError, ValueError, TypeError, KeyError, LookupError, AttributeError) as error:
        line = error.lineno or line if isinstance(error, SyntaxError) else line
        shown = text.splitlines()[line - 1].strip() if text.strip() else ""
        raise GraphError(f"line {line} of the graph cannot be read: {shown!r}: {error}") from None
    if reader.sinks is None:
        raise GraphError("the text of a graph ends with a line as: return {'out0': n2}")
    return list(reader.sinks.values()), list(reader.sinks)


def _operations(cls: type[Node] = Node) -> Iterator[type[Node]]:
    for child in cls.__subclasses__():
        yield child
        yield from _operations(child)


class _Reader:
    """The nodes read so far, by name."""

    def __init__(self, objects: Sequence[Hashable]) -> None:
        self.objects = tuple(objects)
        self.nodes: dict[str, Node] = {}
        self.sinks: dict[str, Node] | None = None
        self.classes = {cls.__name__: cls for cls in _operations()}

    def read(self, statement: ast.stmt) -> None:
        if isinstance(statement, ast.Return) and isinstance(statement.value, ast.Dict):
            keys = [ast.literal_eval(key) for key in statement.value.keys if key]
            self.sinks = {str(k): self._named(v) for k, v in zip(keys, statement.value.values, strict=True)}
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            shape, dtype = _annotation(statement.annotation)
            node = self._node(statement.value, shape, dtype)
            if (node.shape, node.dtype) != (shape, dtype):
                raise ValueError(f"it is {node.dtype}{list(node.shape)}, not {dtype}{list(shape)}")
            self.nodes[statement.target.id] = node
        else:
            raise TypeError("expected 'name: dtype[extents] = Operation(...)'")

    def _named(self, tree: ast.expr) -> Node:
        if not isinstance(tree, ast.Name) or tree.id not in self.nodes:
            raise ValueError(f"{ast.unparse(tree)} is no node defined above")
        return self.nodes[tree.id]

    def _node(self, tree: ast.expr | None, shape: tuple[int, ...], dtype: DType) -> Node:
        if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name):
            raise TypeError("expected Operation(...)")
        cls = self.classes.get(tree.func.id)
        if cls is None:
            raise ValueError(f"no operation {tree.func.id}: there are {', '.join(sorted(self.classes))}")
        named = {str(k.arg): _body(k.value) if k.arg == "body" else self._value(k.value) for k in tree.keywords}
        if cls is Input:
            return Input.of(self._value(tree.args[0]), shape, dtype, **named)
        arguments = list(tree.args)
        if issubclass(cls, Einsum | Map | Fused):
            equation = ast.literal_eval(arguments.pop(0))
            named |= _axes(cls, equation, len(arguments))
        if cls is Map:
            named["extents"] = shape
        if cls is Fused:
            named["reduced"] = tuple(a for a in range(len(named["extents"])) if a not in named["output"])
        return cls.make(map(self._named, arguments), *(named[name] for name in cls.parameter_names))

    def _value(self, tree: ast.expr) -> Any:
        if isinstance(tree, ast.Tuple):
            return tuple(self._value(part) for part in tree.elts)
        if isinstance(tree, ast.Subscript):
            place = ast.literal_eval(tree.slice)
            if place >= len(self.objects):
                raise ValueError(f"objects[{place}] was not given: pass objects=graph.objects")
            return self.objects[place]
        return _scalar(tree)


def _annotation(tree: ast.expr) -> tuple[tuple[int, ...], DType]:
    if not isinstance(tree, ast.Subscript):
        raise TypeError("expected an annotation as float64[3, 4]")
    extents = ast.literal_eval(tree.slice)
    return extents if isinstance(extents, tuple) else (extents,), np.dtype(ast.unparse(tree.value))


def _axes(cls: type[Node], equation: str, operands: int) -> dict[str, Any]:
    """The label parameters of a product or a map of so many operands, from its equation."""
    left, _, right = equation.partition("->")
    labels = tuple(tuple(map(label_of, one)) for one in left.split(",")) if operands else ()
    return {"labels" if cls is Einsum else "axes": labels, "output": tuple(map(label_of, right))}


def _scalar(tree: ast.expr) -> Any:
    if isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.USub):
        return -_scalar(tree.operand)
    if isinstance(tree, ast.Name):
        return {"nan": math.nan, "inf": math.inf}[tree.id]
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        parts = [_scalar(part) for part in tree.args]
        if tree.func.id == "complex":
            return complex(*parts)
        return np.dtype(parts[0]) if tree.func.id == "dtype" else np.dtype(tree.func.id).type(*parts)
    return ast.literal_eval(tree)


def _body(tree: ast.expr) -> Body:
    if isinstance(tree, ast.Name) and tree.id.startswith("x") and tree.id[1:].isdigit():
        return argument(int(tree.id[1:]))
    if isinstance(tree, ast.BinOp):
        return call(_INFIX[_OPERATORS[type(tree.op)]], _body(tree.left), _body(tree.right))
    if isinstance(tree, ast.Compare):
        return call(_INFIX[_OPERATORS[type(tree.ops[0])]], _body(tree.left), _body(tree.comparators[0]))
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name):
        if tree.func.id == "astype":
            return ("astype", _body(tree.args[0]), ast.literal_eval(tree.args[1]))
        if tree.func.id in FUNCTIONS:
            return call(tree.func.id, *map(_body, tree.args))
    return constant(_scalar(tree))
