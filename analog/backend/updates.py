"""From sums of a tensor on crossbars and outer products to pulsed updates."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, NoReturn

from analog.backend.linear_form import as_product, coefficients
from analog.backend.nodes import AnalogUpdate
from analog.backend.products import Operand, as_folded, joined, rows_of
from tensorlayer.errors import UnsupportedOperationError
from tensorlayer.graph import Einsum, Map, Node, Reshape, described

__all__ = ["analog_update"]


class _Term(NamedTuple):
    """A product that is added to the tensor: operands labelled by the tensor's modes, other labels are summed."""

    rate: float
    operands: list[Operand]
    extents: dict[int, int]


def analog_update(node: Map, held: Collection[Node]) -> Node:
    """``W + rate * (outer products)`` as pulses on the crossbars of W.

    Raises
    ------
    UnsupportedOperationError
        If it is anything else.
    """
    places = [i for i, source in enumerate(node.inputs) if source in held]
    terms = coefficients(node.body)
    if (
        len(places) != 1
        or terms is None
        or terms.get(places[0]) != 1
        or sorted(node.axes[places[0]]) != list(range(node.ndim))
    ):
        _refuse(node)
    result, labels = as_folded(Operand(node.inputs[places[0]], node.axes[places[0]]))
    for i, rate in terms.items():
        if i != places[0]:
            result = _pulsed(node, Operand(result, labels), _term(node, i, rate))
    in_order = tuple(range(node.ndim))
    return result if labels == in_order else Einsum.of([result], [labels], in_order)


def _term(node: Map, place: int, rate: float) -> _Term:
    """An operand of the sum as a product over the modes of the tensor and further labels."""
    source, axes = node.inputs[place], node.axes[place]
    while isinstance(source, Map) and len(source.inputs) == 1 and (factor := coefficients(source.body)) is not None:
        rate *= factor[0]
        axes = tuple(axes[a] for a in source.axes[0])
        source = source.inputs[0]
    if isinstance(source, Einsum):
        renamed = dict(zip(source.output, axes, strict=True))
        factors = [
            Operand(one, tuple(renamed.setdefault(x, node.ndim + x) for x in own))
            for one, own in zip(source.inputs, source.labels, strict=True)
        ]
    elif isinstance(source, Map) and (product := as_product(source.body)) is not None:
        rate *= product[0]
        factors = [Operand(source.inputs[i], tuple(axes[a] for a in source.axes[i])) for i in product[1]]
    else:
        factors = [Operand(source, axes)]
    extents = {x: n for one, own in factors for x, n in zip(own, one.shape, strict=True)}
    return _Term(rate, factors, {**dict(enumerate(node.shape)), **extents})


def _pulsed(node: Map, held: Operand, term: _Term) -> Node:
    """The tensor after the pulses of one term."""
    matrix, labels = held
    rows = rows_of(matrix)
    outputs, inputs = labels[:rows], labels[rows:]
    x = [one for one in term.operands if not set(one.labels).isdisjoint(inputs)]
    d = [one for one in term.operands if one not in x]
    if any(not set(one.labels).isdisjoint(outputs) for one in x):
        _refuse(node)
    batch = tuple(sorted({label for one in x for label in one.labels} & {label for one in d for label in one.labels}))
    errors, vectors = joined(d, (*batch, *outputs), term.extents), joined(x, (*batch, *inputs), term.extents)
    modes = len(batch)
    return AnalogUpdate.of(matrix, _as_batch(errors, modes), _as_batch(vectors, modes), term.rate, node.dtype)


def _as_batch(vectors: Node, modes: int) -> Node:
    """Vectors with one mode over the batch."""
    if modes == 1:
        return vectors
    count = 1
    for extent in vectors.shape[:modes]:
        count *= extent
    return Reshape.of(vectors, (count, *vectors.shape[modes:]))


def _refuse(node: Map) -> NoReturn:
    raise UnsupportedOperationError(
        f"crossbars do not compute {described(node)}: an elementwise function of a tensor on crossbars takes its "
        "elements, so read it by .to('numpy') first. Pulses do W['o,i'] += rate * d['b,o'] * x['b,i'], a multiple of "
        "an outer product of vectors over outputs and over inputs"
    )
