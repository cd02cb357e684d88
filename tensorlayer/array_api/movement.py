"""Functions that move elements: recorded, and mostly free when they run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlayer.array_api.arguments import as_axes, checked_axis
from tensorlayer.errors import ConversionError, ShapeError
from tensorlayer.graph import Concatenate, Einsum, Map, Reshape, Slice
from tensorlayer.language import arithmetic
from tensorlayer.language.construction import checked_dtype, checked_shape
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor
from tensorlayer.scalar import argument, call

__all__ = [
    "astype",
    "broadcast_arrays",
    "broadcast_to",
    "concat",
    "expand_dims",
    "flip",
    "matrix_transpose",
    "moveaxis",
    "permute_dims",
    "reshape",
    "squeeze",
    "stack",
    "unstack",
]


def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: str | None = None) -> Tensor:
    """The elements as another type; complex ones lose their imaginary part where the type is real.

    Parameters
    ----------
    x : tensor or array
        Any elements.
    dtype : dtype
        The type wanted.
    copy : bool
        If false, a tensor that has that type already is returned itself.
    device : str, optional
        Where the result is held; where `x` is when left out.

    Raises
    ------
    DtypeError
        If there is no such element type.
    """
    node, kind = as_node(x), checked_dtype(dtype)
    if not copy and isinstance(x, Tensor) and node.dtype == kind and device is None:
        return x
    body = call("real", argument(0)) if node.dtype.kind == "c" and kind.kind not in "cb" else argument(0)
    result = Tensor.from_node(Map.of([node], [tuple(range(node.ndim))], node.shape, ("astype", body, kind.name)))
    return result if device is None else result.to_device(device)


def permute_dims(x: Any, /, axes: Sequence[int]) -> Tensor:
    """The modes in another order: mode ``axes[i]`` becomes mode i."""
    node = as_node(x)
    order = [checked_axis(axis, node.ndim, "permute_dims") for axis in axes]
    if sorted(order) != list(range(node.ndim)):
        raise ShapeError(f"permute_dims: {tuple(axes)} is no order of the {node.ndim} modes of shape {node.shape}")
    return Tensor.from_node(Einsum.of([node], [range(node.ndim)], order))


def matrix_transpose(x: Any, /) -> Tensor:
    """The last two modes exchanged."""
    rank = as_node(x).ndim
    if rank < 2:
        raise ShapeError(f"matrix_transpose needs rank 2 or more, got {rank}")
    return permute_dims(x, (*range(rank - 2), rank - 1, rank - 2))


def moveaxis(x: Any, source: int | Sequence[int], destination: int | Sequence[int], /) -> Tensor:
    """Some modes moved to other places, the rest in their order."""
    rank = as_node(x).ndim
    origin = [checked_axis(axis, rank, "moveaxis") for axis in as_axes(source)]
    target = [checked_axis(axis, rank, "moveaxis") for axis in as_axes(destination)]
    if len(set(origin)) != len(origin) or len(set(target)) != len(origin) or len(origin) != len(target):
        raise ShapeError(f"moveaxis: {source} and {destination} must be as many distinct modes")
    order = [a for a in range(rank) if a not in origin]
    for place, axis in sorted(zip(target, origin, strict=True)):
        order.insert(place, axis)
    return permute_dims(x, order)


def reshape(x: Any, /, shape: Sequence[int] | int, *, copy: bool | None = None) -> Tensor:
    """The same elements in row-major order under another shape; one extent may be -1.

    Whether memory is shared is decided when it is computed: views of tensors are read-only, so only
    ``copy=False``, which could not be kept, is refused.
    """
    if copy is False:
        raise ConversionError("reshape: copy=False cannot be promised before it is computed; leave it out")
    node = as_node(x)
    extents: list[int] = [shape] if isinstance(shape, int) else list(shape)
    if extents.count(-1) == 1:
        rest = int(np.prod([n for n in extents if n != -1], dtype=object)) if len(extents) > 1 else 1
        if not rest or node.size % rest:
            raise ShapeError(f"reshape: {node.size} elements cannot fill {tuple(extents)}")
        extents[extents.index(-1)] = node.size // rest
    wanted = checked_shape(extents)
    if int(np.prod(wanted, dtype=object)) != node.size:
        raise ShapeError(f"reshape: shape {node.shape} has {node.size} elements, {wanted} another number")
    return Tensor.from_node(Reshape.of(node, wanted))


def expand_dims(x: Any, /, *, axis: int = 0) -> Tensor:
    """A mode of extent one inserted at `axis`."""
    node = as_node(x)
    place = checked_axis(axis, node.ndim + 1, "expand_dims")
    return Tensor.from_node(Reshape.of(node, (*node.shape[:place], 1, *node.shape[place:])))


def squeeze(x: Any, /, axis: int | tuple[int, ...]) -> Tensor:
    """Modes of extent one removed."""
    node = as_node(x)
    axes = {checked_axis(a, node.ndim, "squeeze") for a in as_axes(axis)}
    if any(node.shape[a] != 1 for a in axes):
        raise ShapeError(f"squeeze: axes {axis} of shape {node.shape} are not all of extent 1")
    return Tensor.from_node(Reshape.of(node, tuple(n for a, n in enumerate(node.shape) if a not in axes)))


def flip(x: Any, /, *, axis: int | tuple[int, ...] | None = None) -> Tensor:
    """The elements in reverse order along some modes (all, if `axis` is left out)."""
    node = as_node(x)
    given = range(node.ndim) if axis is None else as_axes(axis)
    axes = {checked_axis(a, node.ndim, "flip") for a in given}
    key = tuple((n - 1, -1, -1) if a in axes and n else (0, n, 1) for a, n in enumerate(node.shape))
    return Tensor.from_node(Slice.of(node, key))


def broadcast_to(x: Any, /, shape: Sequence[int]) -> Tensor:
    """The tensor stretched to a larger shape."""
    node = as_node(x)
    return Tensor.from_node(arithmetic.broadcast_to(node, checked_shape(shape), node.dtype))


def broadcast_arrays(*arrays: Any) -> list[Tensor]:
    """All tensors stretched to their common shape."""
    shape = arithmetic.broadcast_shapes(*(as_node(x).shape for x in arrays))
    return [broadcast_to(x, shape) for x in arrays]


def concat(arrays: Sequence[Any], /, *, axis: int | None = 0) -> Tensor:
    """Tensors one after the other along a mode; flattened first if `axis` is None."""
    nodes = [as_node(x if axis is not None else reshape(x, -1)) for x in arrays]
    if not nodes:
        raise ShapeError("concat needs at least one tensor")
    place = checked_axis(0 if axis is None else axis, nodes[0].ndim, "concat")
    rest = [(*node.shape[:place], *node.shape[place + 1 :]) for node in nodes]
    if any(node.ndim != nodes[0].ndim for node in nodes) or any(shape != rest[0] for shape in rest):
        raise ShapeError(f"concat: shapes {[node.shape for node in nodes]} differ beside axis {axis}")
    return Tensor.from_node(Concatenate.of(nodes, place))


def stack(arrays: Sequence[Any], /, *, axis: int = 0) -> Tensor:
    """Tensors of one shape along a new mode."""
    shapes = {as_node(x).shape for x in arrays}
    if len(shapes) != 1:
        raise ShapeError(f"stack needs tensors of one shape, got {sorted(shapes) or 'none'}")
    return concat([expand_dims(x, axis=axis) for x in arrays], axis=axis)


def unstack(x: Any, /, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The parts of a tensor along a mode, which is dropped."""
    node = as_node(x)
    place = checked_axis(axis, node.ndim, "unstack")
    keys = [tuple(i if a == place else (0, n, 1) for a, n in enumerate(node.shape)) for i in range(node.shape[place])]
    return tuple(Tensor.from_node(Slice.of(node, key)) for key in keys)
