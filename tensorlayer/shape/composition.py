"""The shape of a labelled product or sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tensorlayer.description import Factor, describe_product, describe_sum
from tensorlayer.errors import ShapeError
from tensorlayer.labels import Label, LabelLike, Labels
from tensorlayer.shape.base import Shape
from tensorlayer.shape.jagged import Jagged
from tensorlayer.shape.nested import Nested
from tensorlayer.shape.smooth import Smooth
from tensorlayer.shape.tiling import Tiling, refine

__all__ = ["compose_shapes", "label_extents"]


def compose_shapes(shapes: Sequence[Shape], inputs: Sequence[Labels], output: Labels) -> Shape:
    """The shape of a product of labelled tensors that is summed to `output`.

    Tiles meet in their coarsest common refinement. A jagged mode is kept where the modes it depends on
    are kept before it. Results start at the origin.

    Parameters
    ----------
    shapes : sequence of Shape
        The operands.
    inputs : sequence of Labels
        Their labels.
    output : Labels
        Distinct labels of the result.

    Raises
    ------
    ShapeError
        If a label has two extents (rule R5), or the result is no shape.

    Examples
    --------
    >>> a, b = Nested.from_tiling((4, 6), (2, 2)), Smooth(6, 5)
    >>> compose_shapes([a, b], [Labels("ik"), Labels("kj")], Labels("ij"))
    Nested(((2, 2), (5,)))
    """
    if any(isinstance(shape, Jagged) for shape in shapes):
        summed = Labels(x for labels in inputs for x in labels).difference(output)
        return _jagged(list(zip(shapes, inputs, strict=True)), [*output, *summed], len(output), {})
    extents = label_extents([shape.extents for shape in shapes], inputs)
    if any(isinstance(shape, Nested) for shape in shapes):
        return Nested(*_layers(shapes, inputs, output, extents))
    return Smooth(extents[label] for label in output)


def label_extents(extents: Sequence[Sequence[int]], inputs: Sequence[Labels]) -> dict[LabelLike, int]:
    """The extent of every label.

    Raises
    ------
    ShapeError
        If a label has two extents (rule R5).
    """
    found: dict[LabelLike, int] = {}
    for lengths, labels in zip(extents, inputs, strict=True):
        for label, length in zip(labels, lengths, strict=True):
            known = label.extent if isinstance(label, Label) and label.extent is not None else length
            if found.setdefault(label, known) != length:
                raise _unequal(label, found[label], length)
    return found


def _unequal(label: LabelLike, one: int, other: int) -> ShapeError:
    return ShapeError(
        f"label {str(label)!r} has the extents {one} and {other}: equal labels have equal extents; "
        f"there is no broadcasting of extent 1"
    )


def _layers(
    shapes: Sequence[Shape], inputs: Sequence[Labels], output: Labels, extents: Mapping[LabelLike, int]
) -> list[tuple[Tiling, ...]]:
    depth = max(len(shape.layers) for shape in shapes if isinstance(shape, Nested))
    layers: list[tuple[Tiling, ...]] = []
    for level in range(depth):
        found: dict[LabelLike, list[Tiling]] = {label: [(extents[label],)] for label in output}
        for shape, labels in zip(shapes, inputs, strict=True):
            if isinstance(shape, Nested) and level < len(shape.layers):
                for label, tiling in zip(labels, shape.layers[level], strict=True):
                    found.setdefault(label, []).append(tiling)
        outside = layers[-1] if layers else [(extents[label],) for label in output]
        layers.append(tuple(_common([*found[x], coarse]) for x, coarse in zip(output, outside, strict=True)))
    return layers


def _common(tilings: list[Tiling]) -> Tiling:
    """Refinement that leaves a lone tiling as it is, with its tiles of no elements."""
    cut = [tiling for tiling in tilings if len(tiling) != 1] or tilings[:1]
    return refine(cut)


def _jagged(
    operands: list[tuple[Shape, Labels]], order: list[LabelLike], depth: int, fixed: dict[LabelLike, int]
) -> Shape:
    """Build the shape mode by mode; below `depth` the summed labels are only compared."""
    if len(fixed) == len(order):
        return Smooth()
    label = order[len(fixed)]
    lengths = [
        shape.extent_at(mode, {m: fixed[x] for m, x in enumerate(labels) if x in fixed})
        for shape, labels in operands
        for mode in labels.find(label)
    ]
    for length in lengths[1:]:
        if length != lengths[0]:
            raise _unequal(label, lengths[0], length)
    rows = [_jagged(operands, order, depth, {**fixed, label: i}) for i in range(lengths[0])]
    if len(fixed) >= depth:
        return Smooth()
    if not rows:
        return Smooth((0,) * (depth - len(fixed)))
    if all(isinstance(row, Smooth) and row == rows[0] for row in rows):
        return Smooth(len(rows), *rows[0].extents)
    return Jagged(rows)


@describe_product.register(Shape)
def _product(_kind: Any, factors: Sequence[Factor], output: Labels, _coefficient: complex) -> Shape:
    shapes: list[Any] = [factor.value for factor in factors]
    return compose_shapes(shapes, [factor.labels for factor in factors], output)


@describe_sum.register(Shape)
def _sum(_kind: Any, values: Sequence[Shape]) -> Shape:
    output = Labels(f"mode{i}" for i in range(values[0].rank))
    return compose_shapes(values, [output] * len(values), output)
