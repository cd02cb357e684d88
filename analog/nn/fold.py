"""Windows of an image that overlap: copied out of it, and added up to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from analog.kernels import Kernel, target_of

__all__ = ["add_windows", "copy_windows"]

#: Images have at most this many axes; those that are missing have one place.
AXES = 3


def copy_windows(
    windows: torch.Tensor, image: torch.Tensor, stride: tuple[int, ...], dilation: tuple[int, ...], first: int
) -> None:
    """Copy what a kernel covers at its places.

    Parameters
    ----------
    windows : Tensor
        (items, *places, channels, *kernel), float32, C-contiguous; changed in place.
    image : Tensor
        (items, channels, *extents), float32.
    stride, dilation : tuple of int
        Distances between places, and between elements of the kernel, for each axis.
    first : int
        The place on the first axis where `windows` begin.
    """
    _launch(_COPY, windows, image, stride, dilation, first)


def add_windows(
    windows: torch.Tensor, image: torch.Tensor, stride: tuple[int, ...], dilation: tuple[int, ...], first: int
) -> None:
    """The transpose of `copy_windows`, with its parameters: the image is changed, not the windows.

    A pixel takes its summands in the order of places, however these are cut into chunks.
    """
    _launch(_ADD, windows, image, stride, dilation, first)


def _launch(
    kernel: Kernel,
    windows: torch.Tensor,
    image: torch.Tensor,
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    first: int,
) -> None:
    axes = len(stride)
    places, covered = windows.shape[1 : axes + 1], windows.shape[axes + 2 :]
    # Who asks for a gradient norm does so with gradients on: vectors are no part of a graph.
    windows, image = windows.detach(), image.detach()
    parts: Any = windows.view(len(windows), *_filled(places), image.shape[1], *_filled(covered))
    # Axes that are missing come first: new ones of one place, which any strides allow.
    whole: Any = image[(slice(None), slice(None), *(None,) * (AXES - axes))]
    if image.device.type == "cpu":
        parts, whole = parts.numpy(), whole.numpy()
    begin = _filled((first, *(0 for _ in stride[1:])), 0)
    target_of(whole).launch(kernel, *image.shape[:2], parts, whole, _filled(stride), _filled(dilation), begin)


def _filled(numbers: Any, missing: int = 1) -> tuple[int, ...]:
    return (missing,) * (AXES - len(numbers)) + tuple(numbers)


def _windowing(element: Callable[..., None]) -> Kernel:
    """The kernel that does ``element(windows, image, place in windows, pixel)`` for all windows of an item."""

    def body(  # noqa: PLR0917  # the bodies of kernels take arrays and numbers one by one
        item: int, first: int, last: int, windows: Any, image: Any, stride: Any, dilation: Any, begin: Any
    ) -> None:
        _, places_x, places_y, places_z, _, kernel_x, kernel_y, kernel_z = windows.shape
        for i in range(places_x):
            for j in range(places_y):
                for k in range(places_z):
                    for channel in range(first, last):
                        for a in range(kernel_x):
                            x = (begin[0] + i) * stride[0] + a * dilation[0]
                            for b in range(kernel_y):
                                y = (begin[1] + j) * stride[1] + b * dilation[1]
                                for c in range(kernel_z):
                                    z = (begin[2] + k) * stride[2] + c * dilation[2]
                                    place, pixel = (item, i, j, k, channel, a, b, c), (item, channel, x, y, z)
                                    element(windows, image, place, pixel)

    return Kernel(body)


def _copy(windows: Any, image: Any, place: Any, pixel: Any) -> None:
    windows[place] = image[pixel]


def _add(windows: Any, image: Any, place: Any, pixel: Any) -> None:
    image[pixel] += windows[place]


_COPY, _ADD = _windowing(_copy), _windowing(_add)
