"""Canonical slices: none of everything, none of a slice, of a constant or of an on-demand tensor."""

from __future__ import annotations

from collections.abc import Sequence

from tensorlayer.graph import Fill, Generate, Node, Reshape, Slice, SliceKey

__all__ = ["canonical_slice", "composed"]


def canonical_slice(node: Slice) -> Node:
    """The canonical form of a slice whose input is canonical."""
    source = node.inputs[0]
    if all(_is_full(entry, extent) for entry, extent in zip(node.key, source.shape, strict=True)):
        return source
    if isinstance(source, Fill):
        return Fill.of(node.shape, source.value, source.dtype)
    if isinstance(source, Slice):
        return canonical_slice(Slice.of(source.inputs[0], composed(source.key, node.key)))
    return _generate(source, node) if isinstance(source, Generate) else node


def _is_full(entry: int | tuple[int, int, int], extent: int) -> bool:
    return not isinstance(entry, int) and range(*entry) == range(extent)


def composed(inner: SliceKey, outer: SliceKey) -> SliceKey:
    """The key that selects what `outer` selects of what `inner` selects.

    Examples
    --------
    >>> composed((3, (2, 10, 2)), ((3, 0, -1),))
    (3, (8, 2, -2))
    """
    rest = iter(outer)
    return tuple(entry if isinstance(entry, int) else _within(range(*entry), next(rest)) for entry in inner)


def _within(places: range, entry: int | tuple[int, int, int]) -> int | tuple[int, int, int]:
    if isinstance(entry, int):
        return places[entry]
    wanted = range(*entry)
    if not wanted:
        return (0, 0, 1)
    part = places[wanted.start : None if wanted.stop < 0 else wanted.stop : wanted.step]
    # Through the first element is written -1, whatever the step.
    return (part.start, max(part.stop, -1), part.step)


def _generate(source: Generate, node: Slice) -> Node:
    """A slice of an on-demand tensor is the tensor over another region, reversed where the slice runs backward."""
    places = [range(*bounds) for bounds in source.region]
    ranges = [range(e, e + 1) if isinstance(e, int) else range(*e) for e in node.key]
    wanted = [one[::-1] if one.step < 0 else one for one in ranges]
    region = tuple(_ascending(of, one) for of, one in zip(places, wanted, strict=True))
    part: Node = Generate.of(source.generator, region, source.dtype)
    if any(one.step < 0 for one in ranges):
        turned = ((n - 1, -1, -1) if r.step < 0 else (0, n, 1) for n, r in zip(part.shape, ranges, strict=True))
        part = Slice.of(part, tuple(turned))
    return part if part.shape == node.shape else Reshape.of(part, node.shape)


def _ascending(places: range, wanted: Sequence[int]) -> tuple[int, int, int]:
    """The indices at the positions `wanted`, which are evenly spaced and ascend."""
    if not wanted:
        return (0, 0, 1)
    step = wanted[1] - wanted[0] if len(wanted) > 1 else 1
    return (places[wanted[0]], places[wanted[-1]] + 1, places.step * step)
