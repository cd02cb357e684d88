"""Elementwise loops that do not fit the caches."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, final

from backends.numpy.instructions import linearise, split_scale
from backends.numpy.loop import Loop, Strides, plan_loop
from backends.numpy.tiled import Folding, TiledArray, tiled_function
from tensorlayer.graph import Fused, Map
from tensorlayer.scalar import arguments_of

__all__ = ["LargeLoop"]


@final
class LargeLoop:
    """Runs a Map or a Fused tile by tile.

    What the best tiles are depends on the strides of the arrays; a function is generated for every pattern
    that appears, and the last few are kept.

    Parameters
    ----------
    node : Map or Fused
        What to compute.
    extents : sequence of int
        Extents of its loop; every axis is an axis of an input.
    plain : callable
        Computes the same in one go, for the patterns for which tiles gain nothing.
    """

    __slots__ = ("_extents", "_function", "_node", "_plain")

    def __init__(self, node: Map | Fused, extents: Sequence[int], plain: Callable[..., Any]) -> None:
        self._node = node
        self._extents = tuple(extents)
        self._plain = plain
        self._function = lru_cache(maxsize=8)(self._generate)

    def __call__(self, *arrays: Any) -> Any:
        """Native arrays in the order of the node's inputs in, a native array out."""
        return self._function(tuple([array.strides for array in arrays]))(*arrays)

    def _generate(self, strides: Strides) -> Callable[..., Any]:
        """The function for arrays of these strides."""
        node = self._node
        placed = tuple(self._placed(one, axes) for one, axes in zip(strides, node.axes, strict=True))
        folded = node.reduced if isinstance(node, Fused) else ()
        widest = max(dtype.itemsize for dtype in (*(source.dtype for source in node.inputs), node.dtype))
        loop = plan_loop(self._extents, placed, folded, widest)
        inputs = [self._view(i, one, loop) for i, one in enumerate(placed)]
        tiled = self._folded(node, loop, inputs) if isinstance(node, Fused) else self._mapped(node, loop, inputs)
        return tiled or self._plain

    def _mapped(self, node: Map, loop: Loop, inputs: list[TiledArray]) -> Callable[..., Any] | None:
        instructions, _ = linearise(node.body, tuple(array.dtype for array in inputs))
        one_pass = len(instructions) == 1 and not loop.crossed
        if not loop.groups or not instructions or one_pass:
            return None
        return tiled_function(instructions, inputs, loop, node.dtype, self._ordered(loop.order))

    def _folded(self, node: Fused, loop: Loop, inputs: list[TiledArray]) -> Callable[..., Any] | None:
        dtypes = tuple(array.dtype for array in inputs)
        scale, body = split_scale(node.body, dtypes) if node.kind == "sum" else (1.0, node.body)
        instructions, _ = linearise(body, dtypes)
        axes = tuple(place for place, group in enumerate(loop.groups) if group[0] in node.reduced)
        # Along an axis in which all arrays repeat themselves, a tile would be folded once instead of many times.
        used = [inputs[i].mask for i in arguments_of(body)]
        if not instructions or not axes or not all(map(any, zip(*used, strict=True))):
            return None
        result = self._ordered([axis for axis in loop.order if axis not in node.reduced])
        return tiled_function(instructions, inputs, loop, node.dtype, result, Folding(node.kind, axes, scale))

    def _ordered(self, kept: Sequence[int]) -> str:
        """Text that puts the axes of the result in order, from that in which they are visited."""
        return _reordered([self._extents[axis] for axis in kept], [kept.index(axis) for axis in sorted(kept)])

    def _placed(self, strides: tuple[int, ...], axes: tuple[int, ...]) -> tuple[int, ...]:
        """Strides along the axes of the loop, 0 where the array is broadcast."""
        return tuple(
            strides[axes.index(axis)] if axis in axes and extent > 1 else 0 for axis, extent in enumerate(self._extents)
        )

    def _view(self, index: int, placed: tuple[int, ...], loop: Loop) -> TiledArray:
        """How to see an input along the merged axes of the loop."""
        source, axes = self._node.inputs[index], self._node.axes[index]
        mask = tuple(placed[group[-1]] != 0 for group in loop.groups)
        text = f"x{index}"
        if any(extent > 1 and placed[axis] == 0 for extent, axis in zip(source.shape, axes, strict=True)):
            # Along an axis of stride 0 the array repeats itself: one element stands for all.
            text += f"[{', '.join(':1' if placed[axis] == 0 else ':' for axis in axes)}]"
        shape = tuple(
            math.prod(self._extents[axis] for axis in group) if own else 1
            for group, own in zip(loop.groups, mask, strict=True)
        )
        order = [axes.index(axis) for axis in loop.order if axis in axes]
        if order != list(range(len(order))):
            text += f".transpose({order})"
        if text != f"x{index}" or shape != source.shape:
            text += f".reshape({shape})"
        return TiledArray(text, mask, source.dtype)


def _reordered(shape: Sequence[int], axes: Sequence[int]) -> str:
    """Text that splits merged axes again and puts them in order, to be appended to an array."""
    text = f".reshape({tuple(shape)})"
    return text if list(axes) == list(range(len(axes))) else f"{text}.transpose({tuple(axes)})"
