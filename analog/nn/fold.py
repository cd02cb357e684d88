"""Windows that overlap, added up to an image."""

from __future__ import annotations

from typing import Any

import torch

from analog.kernels import Kernel, target_of

__all__ = ["add_windows"]

#: Images have at most this many axes; those that are missing have one place.
AXES = 3


def add_windows(
    windows: torch.Tensor, image: torch.Tensor, stride: tuple[int, ...], dilation: tuple[int, ...], first: int
) -> None:
    """Add what a kernel covers at its places to an image.

    A pixel takes its summands in the order of places, however these are cut into chunks.

    Parameters
    ----------
    windows : Tensor
        (items, *places, channels, *kernel), float32.
    image : Tensor
        (items, channels, *extents), float32; changed in place.
    stride, dilation : tuple of int
        Distances between places, and between elements of the kernel, for each axis.
    first : int
        The place on the first axis where `windows` begin.
    """
    axes = len(stride)
    places, kernel = windows.shape[1 : axes + 1], windows.shape[axes + 2 :]
    parts: Any = windows.view(len(windows), *_filled(places), image.shape[1], *_filled(kernel))
    whole: Any = image.view(*image.shape[:2], *_filled(image.shape[2:]))
    if image.device.type == "cpu":
        parts, whole = parts.numpy(), whole.numpy()
    begin = _filled((first, *(0 for _ in stride[1:])), 0)
    target_of(whole).launch(_ADD, *image.shape[:2], parts, whole, _filled(stride), _filled(dilation), begin)


def _filled(numbers: Any, missing: int = 1) -> tuple[int, ...]:
    return (missing,) * (AXES - len(numbers)) + tuple(numbers)


def _add(  # noqa: PLR0917  # the bodies of kernels take arrays and numbers one by one
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
                                image[item, channel, x, y, z] += windows[item, i, j, k, channel, a, b, c]


_ADD = Kernel(_add)
