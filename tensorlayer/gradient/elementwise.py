"""Adjoints of elementwise expressions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlayer.gradient.adjoint import Adjoints, adjoint
from tensorlayer.graph import Einsum, Map, Node
from tensorlayer.scalar import Body, argument, call, constant, derivative, dtype_of, substitute, total

__all__: list[str] = []

#: Functions of complex numbers that are not holomorphic; their rules are written out below.
_NOT_HOLOMORPHIC = frozenset({"abs", "conj", "real", "imag", "sign"})


@adjoint.register
def _map(node: Map, g: Node, needed: Sequence[bool]) -> Adjoints:
    complex_ = any(dtype.kind == "c" for dtype in (node.dtype, *(source.dtype for source in node.inputs)))
    rule = _complex_body if complex_ else _real_body
    everywhere = tuple(range(node.ndim))
    adjoints: list[Node | None] = []
    for i, wanted in enumerate(needed):
        body = rule(node, i) if wanted else None
        if body is None:
            adjoints.append(None)
            continue
        full = Map.of([*node.inputs, g], [*node.axes, everywhere], node.shape, body)
        # What was broadcast is summed, what was permuted is put back.
        adjoints.append(Einsum.of([full], [everywhere], node.axes[i]))
    return adjoints


def _real_body(node: Map, index: int) -> Body | None:
    slope = derivative(node.body, index)
    g = argument(len(node.inputs))
    return None if slope is None else call("multiply", slope, g)


def _complex_body(node: Map, index: int) -> Body | None:
    """Reverse accumulation through the scalar expression itself."""
    dtypes = tuple(source.dtype for source in node.inputs)
    terms = _reverse(node.body, argument(len(node.inputs)), index, dtypes)
    return total(terms) if terms else None


def _reverse(body: Body, g: Body, index: int, dtypes: tuple[Any, ...]) -> list[Body]:
    """Terms of the adjoint of argument `index`, given the adjoint `g` of `body`."""
    if body[0] == "x":
        return [g] if body[1] == index else []
    if body[0] == "c":
        return []
    if body[0] == "astype":
        return _reverse(body[1], g, index, dtypes)
    terms: list[Body] = []
    for place, part in enumerate(body[1:]):
        if part[0] != "c":
            inner = _local(body, place, g, dtypes)
            if inner is not None:
                # A real argument sees the real part only.
                real = dtype_of(part, dtypes).kind != "c"
                terms += _reverse(part, call("real", inner) if real else inner, index, dtypes)
    return terms


def _local(body: Body, place: int, g: Body, dtypes: tuple[Any, ...]) -> Body | None:
    name, x = body[0], body[1]
    is_complex = dtype_of(x, dtypes).kind == "c"
    if name in _NOT_HOLOMORPHIC and is_complex:
        return _non_holomorphic(name, x, g)
    arguments = [argument(i) for i in range(len(body) - 1)]
    if body[0] == "pow" and body[2][0] == "c":
        arguments[1] = body[2]
    slope = derivative((name, *arguments), place)
    if slope is None:
        return None
    return call("multiply", call("conj", substitute(slope, body[1:])), g)


def _non_holomorphic(name: str, x: Body, g: Body) -> Body | None:
    if name == "conj":
        return call("conj", g)
    if name == "real":
        return call("real", g)
    if name == "imag":
        return call("multiply", constant(1j), call("real", g))
    if name == "abs":
        size = call("abs", x)
        phase = call("divide", x, call("where", call("equal", size, constant(0)), constant(1), size))
        return call("multiply", phase, call("real", g))
    return _sign_adjoint(x, g)


def _sign_adjoint(x: Body, g: Body) -> Body:
    """Of x / |x|: what of the adjoint is across the direction of x; zero at zero."""
    direction, size = call("sign", x), call("abs", x)
    along = call("multiply", direction, call("real", call("multiply", call("conj", direction), g)))
    quotient = call(
        "divide", call("subtract", g, along), call("where", call("equal", size, constant(0)), constant(1), size)
    )
    return call("where", call("equal", size, constant(0)), constant(0), quotient)
