"""Canonical slices: none of everything, none of a slice, of a constant or of an on-demand tensor."""

from __future__ import annotations

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
    start, stop, step = entry
    part = places[start : None if stop < 0 else stop : step]
    if not part:
        return (0, 0, 1)
    # Through the first element is written -1, whatever the step.
    return (part.start, max(part.stop, -1), part.step)


def _generate(source: Generate, node: Slice) -> Node:
    """A slice of an on-demand tensor is the tensor over another region."""
    if any(not isinstance(entry, int) and entry[2] < 0 for entry in node.key):
        return node
    kept = tuple((e, e + 1, 1) if isinstance(e, int) else e for e in node.key)
    region = tuple(_within(range(*bounds), entry) for bounds, entry in zip(source.region, kept, strict=True))
    part = Generate.of(source.generator, region, source.dtype)  # type: ignore[arg-type]  # ranges give ranges
    return part if part.shape == node.shape else Reshape.of(part, node.shape)
