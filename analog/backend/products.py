"""From products with an operand on crossbars to analog products."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from analog.backend.form import ROWS, Form
from analog.backend.nodes import AnalogMatmul, AnalogTranspose, AnalogUpdate
from tensorlayer.errors import UnsupportedOperationError
from tensorlayer.graph import Einsum, Fill, Input, Map, Node, is_permutation
from tensorlayer.scalar import argument

__all__ = ["Operand", "analog_product", "as_folded", "form_of", "joined", "rows_of", "transposed_view"]

Labels = tuple[int, ...]


class Operand(NamedTuple):
    """A factor of a product, and the labels of its modes."""

    node: Node
    labels: Labels


def form_of(node: Node) -> Form | None:
    """How a node that is held on crossbars lies there; None if it goes there only when it is computed."""
    axes = _in_order(node)
    while isinstance(node, AnalogUpdate | AnalogTranspose):
        if isinstance(node, AnalogTranspose):
            axes = tuple(node.axes[axis] for axis in axes)
        node = node.inputs[0]
    form = node.form if isinstance(node, Input) else None
    if not isinstance(form, Form) or axes == _in_order(node):
        return form if isinstance(form, Form) else None
    return replace(form, order=tuple(form.order[axis] for axis in axes))


def _in_order(node: Node) -> tuple[int, ...]:
    return tuple(range(node.ndim))


def rows_of(node: Node) -> int:
    """How many modes of a node that is held on crossbars are outputs."""
    form = form_of(node)
    return ROWS if form is None else form.rows


def as_folded(operand: Operand) -> Operand:
    """An operand on crossbars with its modes as they are folded: outputs first."""
    node, labels = _through_permutations(operand)
    form = form_of(node)
    if form is None or form.order == _in_order(node):
        return Operand(node, labels)
    axes = tuple(form.order.index(mode) for mode in _in_order(node))
    return Operand(AnalogTranspose.of(node, axes), tuple(labels[axis] for axis in axes))


def transposed_view(node: Einsum) -> Node:
    """What only moves modes of a tensor on crossbars, as a view of it."""
    source, labels = _through_permutations(Operand(node, _in_order(node)))
    axes = tuple(labels.index(mode) for mode in _in_order(node))
    return source if axes == _in_order(node) else AnalogTranspose.of(source, axes)


def _through_permutations(operand: Operand) -> Operand:
    """The operand behind those that only move modes."""
    node, labels = operand.node, operand.labels
    while isinstance(node, Einsum) and is_permutation(node):
        renamed = dict(zip(node.output, labels, strict=True))
        (labels,) = (tuple(renamed[x] for x in own) for own in node.labels)
        (node,) = node.inputs
    return Operand(node, labels)


def joined(operands: Iterable[Operand], wanted: Labels, extents: dict[int, int]) -> Node:
    """The product of operands over `wanted` labels, with ones for those that none of them has."""
    factors = list(operands)
    known = {x for _, own in factors for x in own}
    missing = tuple(x for x in wanted if x not in known)
    if missing or not factors:
        dtype = factors[0].node.dtype if factors else "float32"
        factors.append(Operand(Fill.of(tuple(extents[x] for x in missing), 1, dtype), missing))
    if len(factors) == 1 and factors[0].labels == wanted:
        return factors[0].node
    return Einsum.of([node for node, _ in factors], [own for _, own in factors], wanted)


def analog_product(node: Einsum, held: Collection[Node]) -> Node:
    """The same product, with every operand of `held` multiplied by crossbars.

    Raises
    ------
    UnsupportedOperationError
        If none of them is a matrix there: crossbars sum over all of their inputs, or over all of their outputs.
    """
    operands = [Operand(*pair) for pair in zip(node.inputs, node.labels, strict=True)]
    operands = [as_folded(one) if one.node in held else one for one in operands]
    there = frozenset(one.node for one, source in zip(operands, node.inputs, strict=True) if source in held)
    made = _without_crossbars(_Product(operands, node.output, node.extents), there)
    if made.dtype != node.dtype:
        made = Map.of([made], [range(made.ndim)], made.shape, ("astype", argument(0), node.dtype.name))
    return made


@dataclass(frozen=True)
class _Product:
    """Operands, the labels that are kept, and the extents of all labels."""

    operands: list[Operand]
    output: Labels
    extents: dict[int, int]


class _Reading(NamedTuple):
    """One way to multiply by crossbars: who enters, and how many labels must be summed with ones."""

    missing: int
    transposed: bool
    place: int
    before: list[Operand]
    after: list[Operand]


def _without_crossbars(product: _Product, held: frozenset[Node]) -> Node:
    places = [i for i, one in enumerate(product.operands) if one.node in held]
    if not places:
        return joined(product.operands, product.output, product.extents)
    readings = [one for i in places for one in _readings(product, i, held)]
    if not readings:
        _refuse(product, places)
    best = min(readings, key=lambda one: one[:3])
    return _without_crossbars(_multiplied(product, best), held)


def _readings(product: _Product, place: int, held: frozenset[Node]) -> Iterator[_Reading]:
    node, labels = product.operands[place]
    if len(set(labels)) < len(labels):
        return
    outputs, inputs = labels[: rows_of(node)], labels[rows_of(node) :]
    others = [one for i, one in enumerate(product.operands) if i != place]
    for transposed, entered, left in ((False, inputs, outputs), (True, outputs, inputs)):
        before = [one for one in others if not set(one.labels).isdisjoint(entered)]
        known = {x for one in before for x in one.labels}
        after = [one for one in others if one not in before]
        if (
            set(entered).isdisjoint(product.output)
            and known.isdisjoint(left)
            and not any(one.node in held for one in before)
        ):
            yield _Reading(len(set(entered) - known), transposed, place, before, after)


def _multiplied(product: _Product, reading: _Reading) -> _Product:
    """The product once the crossbars have done their part: their results are an operand like others."""
    matrix, labels = product.operands[reading.place]
    rows = rows_of(matrix)
    outputs, inputs = labels[:rows], labels[rows:]
    entered, left = (outputs, inputs) if reading.transposed else (inputs, outputs)
    wanted = {*product.output, *(x for one in reading.after for x in one.labels)}
    batch = tuple(dict.fromkeys(x for one in reading.before for x in one.labels if x in wanted and x not in entered))
    vectors = joined(reading.before, (*batch, *entered), product.extents)
    result = AnalogMatmul.of(matrix, vectors, rows, transposed=reading.transposed)
    return _Product([Operand(result, (*batch, *left)), *reading.after], product.output, product.extents)


def _refuse(product: _Product, places: list[int]) -> None:
    node = product.operands[places[0]].node
    if len(places) > 1:
        raise UnsupportedOperationError(
            f"a product of {len(places)} tensors on crossbars: one of them must meet vectors first. Multiply by the "
            "vectors in the same statement, or read one of the tensors by .to('numpy')"
        )
    rows = rows_of(node)
    raise UnsupportedOperationError(
        f"a tensor of shape {node.shape} on crossbars, of which the first {rows} modes are outputs and the other "
        f"{node.ndim - rows} inputs, is multiplied so that neither all outputs nor all inputs are summed with vectors, "
        "or a label occurs in all three tensors. Crossbars multiply by matrices: make the tensor with its modes in "
        "another order or with another rows=..., one tensor for each value of a label that all share, or read it by "
        ".to('numpy')"
    )
