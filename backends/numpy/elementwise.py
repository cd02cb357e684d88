"""Map, Fused and Reduce on NumPy: one generated function per plan; large loops go tile by tile."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from backends.numpy.fold import FOLDS
from backends.numpy.instructions import linearise
from backends.numpy.large import LargeLoop
from backends.numpy.source import Names, compile_function, expression_lines
from tensorlayer.graph import Fused, Map, Reduce
from tensorlayer.scalar import arguments_of

if TYPE_CHECKING:
    from backends.numpy.backend import NumpyBackend

__all__ = ["fused_kernel", "map_kernel", "reduce_kernel"]

#: Bytes of one operand from which a map is tiled; below, temporaries stay in the cache by themselves.
LARGE = 1 << 20
#: The same for a loop that is folded, whose result needs no room at all.
LARGE_FOLDED = 1 << 18


def map_kernel(backend: NumpyBackend, node: Map) -> Callable[..., Any]:
    """Kernel of a Map."""
    del backend
    plain = _plain(node)
    return LargeLoop(node, node.shape, plain) if _is_large(node, node.shape, LARGE) else plain


def fused_kernel(backend: NumpyBackend, node: Fused) -> Callable[..., Any]:
    """Kernel of a Fused."""
    del backend
    plain = _plain(node.unfused(), node)
    return LargeLoop(node, node.extents, plain) if _is_large(node, node.extents, LARGE_FOLDED) else plain


def reduce_kernel(backend: NumpyBackend, node: Reduce) -> Callable[..., Any]:
    """Kernel of a Reduce: the fold itself, without the layers of `np.sum`."""
    del backend
    fold, axes = FOLDS[node.kind], node.axes
    reduce, dtype = fold.ufunc.reduce, node.dtype if fold.typed else None
    return lambda array: reduce(array, axes, dtype)


def _is_large(node: Map | Fused, extents: Sequence[int], limit: int) -> bool:
    widest = max((source.dtype.itemsize for source in node.inputs), default=1)
    return node.body[0] not in ("x", "c") and math.prod(extents) * widest > limit and _covers(node, len(extents))


def _covers(node: Map | Fused, ndim: int) -> bool:
    return {axis for i in arguments_of(node.body) for axis in node.axes[i]} == set(range(ndim))


# -- the whole loop as one expression ----------------------------------------------------------------------


def _plain(node: Map, fused: Fused | None = None) -> Callable[..., Any]:
    """A function of native arrays: place them, evaluate, broadcast or reduce."""
    instructions, result = linearise(node.body, tuple(source.dtype for source in node.inputs))
    names = Names()
    names.values["broadcast_to"] = np.broadcast_to
    inputs = [_placed(f"x{i}", axes, node.shape) for i, axes in enumerate(node.axes)]
    *lines, last = expression_lines(instructions, result, names, inputs)
    value = last.removeprefix("return ")
    if not _covers(node, node.ndim):
        value = f"broadcast_to({value}, {node.shape})"
    if fused is not None:
        fold = FOLDS[fused.kind]
        names.values |= {"reduce": fold.ufunc.reduce, "dtype": fused.dtype if fold.typed else None}
        value = f"reduce({value}, {fused.reduced}, dtype)"
    return compile_function(
        "run", [f"x{i}" for i in range(len(node.inputs))], [*lines, f"return {value}"], names.values
    )


def _placed(name: str, axes: tuple[int, ...], shape: Sequence[int]) -> str:
    """Text that permutes an array to ascending axes of a loop and gives it extent one along the others."""
    order = tuple(sorted(range(len(axes)), key=axes.__getitem__))
    if order != tuple(range(len(axes))):
        name = f"{name}.T" if order == (1, 0) else f"{name}.transpose({order})"
    if len(axes) < len(shape):
        name = f"{name}.reshape({tuple(n if axis in axes else 1 for axis, n in enumerate(shape))})"
    return name
