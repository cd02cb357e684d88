"""Windows of an image that overlap: copied out of it, and added up to it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from analog.kernels import Kernel, target_of

__all__ = ["add_windows", "copy_windows"]

#: Images have at most this many axes; those that are missing have one place.
AXES = 3
#: Windows of at most this width have kernels of their own for each.
NARROW = 8


def copy_windows(windows: Any, image: Any, stride: tuple[int, ...], dilation: tuple[int, ...], first: int) -> None:
    """Copy what a kernel covers at its places.

    Parameters
    ----------
    windows : array
        (items, *places, channels, *kernel), float32, C-contiguous; changed in place.
    image : array
        (items, channels, *extents), float32.
    stride, dilation : tuple of int
        Distances between places, and between elements of the kernel, for each axis.
    first : int
        The place on the first axis where `windows` begin.
    """
    _launch(_copy, windows, image, stride, dilation, first)


def add_windows(windows: Any, image: Any, stride: tuple[int, ...], dilation: tuple[int, ...], first: int) -> None:
    """The transpose of `copy_windows`, with its parameters: the image is changed, not the windows.

    A pixel takes its summands in the order of places, however these are cut into chunks.
    """
    _launch(_add, windows, image, stride, dilation, first)


def _launch(
    element: Callable[..., None],
    windows: Any,
    image: Any,
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    first: int,
) -> None:
    axes = len(stride)
    places, covered = _filled(windows.shape[1 : axes + 1]), _filled(windows.shape[axes + 2 :])
    parts = windows.reshape(len(windows), math.prod(windows.shape[1:]))
    # Axes that are missing come first: new ones of one place, which any strides allow.
    whole = image[(slice(None), slice(None), *(None,) * (AXES - axes))]
    begin = _filled((first, *(0 for _ in stride[1:])), 0)
    geometry = places, covered, _filled(stride), _filled(dilation), begin
    width = covered[-1] if covered[-1] <= NARROW else 0
    kernel, each = _windowing(element, width), math.prod(places) * math.prod(covered)
    target_of(whole).launch(kernel, *image.shape[:2], parts, whole, geometry, each=each)


def _filled(numbers: Any, missing: int = 1) -> tuple[int, ...]:
    return (missing,) * (AXES - len(numbers)) + tuple(numbers)


@cache
def _windowing(element: Callable[..., None], width: int) -> Kernel:
    """The kernel that does ``element(vector, at, line, z)`` for all elements of all windows of an item.

    An image has lines along its last axis; `vector` is all windows of the item, one after the other. A `width` above 0
    is that of all windows along lines: loops over so few elements gain a third when compilers know their number.
    """

    def along(vector: Any, at: int, line: Any, begin: int, step: int, count: int) -> None:
        for c in range(width if width > 0 else count):
            # Numbers without sign, which compilers need not look at for places from the end.
            element(vector, np.uint64(at + c), line, np.uint64(begin + c * step))

    def body(item: int, first: int, last: int, windows: Any, image: Any, geometry: Any) -> None:
        places, kernel, stride, dilation, begin = geometry
        vector, volume = windows[item], kernel[0] * kernel[1] * kernel[2]
        for i in range(places[0]):
            for j in range(places[1]):
                for k in range(places[2]):
                    z = (begin[2] + k) * stride[2]
                    for channel in range(first, last):
                        at = (((i * places[1] + j) * places[2] + k) * image.shape[1] + channel) * volume
                        for a in range(kernel[0]):
                            x = (begin[0] + i) * stride[0] + a * dilation[0]
                            for b in range(kernel[1]):
                                y = (begin[1] + j) * stride[1] + b * dilation[1]
                                line = image[item, np.uint64(channel), np.uint64(x), np.uint64(y)]
                                if dilation[2] == 1:
                                    along(vector, at, line, z, 1, kernel[2])
                                else:
                                    along(vector, at, line, z, dilation[2], kernel[2])
                                at += kernel[2]

    return Kernel(body)


def _copy(vector: Any, at: np.uint64, line: Any, z: np.uint64) -> None:
    vector[at] = line[z]


def _add(vector: Any, at: np.uint64, line: Any, z: np.uint64) -> None:
    line[z] += vector[at]
