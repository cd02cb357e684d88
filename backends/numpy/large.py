"""Elementwise loops that do not fit the caches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, final

import numpy as np

from backends.numpy.instructions import linearise, split_scale
from backends.numpy.loop import Loop, Strides, memory_order, plan_loop
from backends.numpy.source import compile_function
from backends.numpy.tiled import Folding, tiled_function
from tensorlayer.graph import Fused, Map
from tensorlayer.scalar import arguments_of

__all__ = ["LargeLoop", "placed"]

Array = np.ndarray[Any, Any]


def placed(name: str, axes: tuple[int, ...], shape: Sequence[int]) -> str:
    """Text that permutes an array to ascending axes of a loop and gives it extent one along the others."""
    order = tuple(sorted(range(len(axes)), key=axes.__getitem__))
    if order != tuple(range(len(axes))):
        name = f"{name}.T" if order == (1, 0) else f"{name}.transpose({order})"
    if len(axes) < len(shape):
        name = f"{name}.reshape({tuple(n if axis in axes else 1 for axis, n in enumerate(shape))})"
    return name


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

    __slots__ = (
        "_dtype",
        "_dtypes",
        "_extents",
        "_folding",
        "_function",
        "_instructions",
        "_place",
        "_plain",
        "_scale",
        "_used",
    )

    def __init__(self, node: Map | Fused, extents: Sequence[int], plain: Callable[..., Any]) -> None:
        self._extents = tuple(extents)
        self._dtype = node.dtype
        self._dtypes = tuple(source.dtype for source in node.inputs)
        self._folding = (node.kind, node.reduced) if isinstance(node, Fused) else None
        body = node.body
        self._scale = 1.0
        if isinstance(node, Fused) and node.kind == "sum":
            self._scale, body = split_scale(body, self._dtypes)
        self._instructions, _ = linearise(body, self._dtypes)
        self._used = arguments_of(body)
        self._plain = plain
        names = [f"x{i}" for i in range(len(node.inputs))]
        views = "".join(f"{placed(n, axes, extents)}, " for n, axes in zip(names, node.axes, strict=True))
        self._place: Callable[..., tuple[Array, ...]] = compile_function("place", names, [f"return ({views})"], {})
        self._function = lru_cache(maxsize=8)(self._generate)

    def __call__(self, *arrays: Any) -> Any:
        """Native arrays in the order of the node's inputs in, a native array out."""
        views = [_collapse(np.asarray(view)) for view in self._place(*arrays)]
        strides = tuple(_strides(view) for view in views)
        prepared = self._function(strides)
        if prepared is None:
            return self._plain(*arrays)
        run, loop = prepared
        out = self._allocate(strides)
        run(*map(loop.merge, views), loop.merge(out))
        if self._folding is None:
            return out
        if self._scale != 1.0:
            out *= self._scale
        return out.reshape([n for axis, n in enumerate(self._extents) if axis not in self._folding[1]])[()]

    def _allocate(self, strides: Strides) -> Array:
        """Room for the result: in the order of the inputs' strides, or row-major where axes are folded."""
        if self._folding is not None:
            return np.empty([1 if axis in self._folding[1] else n for axis, n in enumerate(self._extents)], self._dtype)
        order = memory_order(self._extents, strides)
        room = np.empty([self._extents[axis] for axis in order], self._dtype)
        return room.transpose([order.index(axis) for axis in range(len(order))])

    def _generate(self, strides: Strides) -> tuple[Callable[..., Any], Loop] | None:
        """The function for arrays of these strides, or None where one pass of NumPy does as well."""
        reduced = () if self._folding is None else self._folding[1]
        everywhere = (*strides, _strides(self._allocate(strides)))
        widest = max(dtype.itemsize for dtype in (*self._dtypes, self._dtype))
        loop = plan_loop(self._extents, everywhere, reduced, widest)
        if not loop.groups or not self._instructions:
            return None
        masks = [tuple(one[group[-1]] != 0 for group in loop.groups) for one in strides]
        inputs = list(zip(masks, self._dtypes, strict=True))
        if self._folding is None:
            one_pass = len(self._instructions) == 1 and not loop.crossed
            return None if one_pass else (tiled_function(self._instructions, inputs, loop), loop)
        axes = tuple(place for place, group in enumerate(loop.groups) if group[0] in reduced)
        # Along an axis in which all arrays repeat themselves, a tile would be folded once instead of many times.
        used = [mask for i, mask in enumerate(masks) if i in self._used]
        if not axes or not all(map(any, zip(*used, strict=True))):
            return None
        folding = Folding(self._folding[0], axes, self._dtype)
        return tiled_function(self._instructions, inputs, loop, folding), loop


def _collapse(view: Array) -> Array:
    """Replace extents along which an array repeats itself by one."""
    if 0 not in view.strides:
        return view
    return view[tuple(slice(0, 1) if step == 0 and n > 1 else slice(None) for step, n in _steps(view))]


def _strides(view: Array) -> tuple[int, ...]:
    return tuple(step if extent > 1 else 0 for step, extent in _steps(view))


def _steps(view: Array) -> Iterable[tuple[int, int]]:
    return zip(view.strides, view.shape, strict=True)
