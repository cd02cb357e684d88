"""Windows added up to images: the transpose of taking them, in any number of chunks."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from analog.nn.chunks import chunks
from analog.nn.rows import Windows

CHANNELS, ITEMS = 3, 4
IMAGES = {
    "line": ((9,), Windows((3,), (2,), (2,))),
    "picture": ((10, 9), Windows((3, 2), (2, 1), (1, 3))),
    "volume": ((5, 6, 7), Windows((2, 3, 2), (1, 2, 2), (2, 1, 1))),
    "places apart": ((7, 8), Windows((2, 2), (3, 3), (1, 1))),
}
ALL = pytest.mark.parametrize(("extents", "windows"), IMAGES.values(), ids=IMAGES)


def random(*shape: int) -> np.ndarray:
    return torch.randn(shape).numpy()


def cut(windows: Windows, extents: tuple[int, ...], most: int):
    """A batch in chunks of at most so many vectors."""
    length = CHANNELS * math.prod(windows.kernel)
    return list(chunks(ITEMS, windows.positions(extents), length, 4 * length * most))


def windows_of(image: np.ndarray, windows: Windows) -> np.ndarray:
    """All windows of images, by indices: (items, *places, channels, *kernel)."""
    places = windows.positions(image.shape[2:])
    for axis, parts in enumerate(zip(places, windows.kernel, windows.stride, windows.dilation, strict=True)):
        count, kernel, stride, dilation = parts
        image = np.take(image, np.add.outer(np.arange(count) * stride, np.arange(kernel) * dilation), 2 + 2 * axis)
    axes = range(len(places))
    return image.transpose(0, *(2 + 2 * axis for axis in axes), 1, *(3 + 2 * axis for axis in axes))


@ALL
@pytest.mark.parametrize("most", [2, 50, 10_000])
@pytest.mark.parametrize("layout", ["rows", "channels last"])
def test_windows_are_copied_in_their_order(extents, windows, most, layout):
    image = random(ITEMS, CHANNELS, *extents)
    if layout == "channels last":
        image = np.moveaxis(np.ascontiguousarray(np.moveaxis(image, 1, -1)), -1, 1)
    taken = np.concatenate([windows.take(image, chunk) for chunk in cut(windows, extents, most)])
    np.testing.assert_array_equal(taken, windows_of(image, windows).reshape(taken.shape))


@ALL
@pytest.mark.parametrize("most", [2, 50, 10_000])
def test_adding_is_the_transpose_of_taking(extents, windows, most):
    image = random(ITEMS, CHANNELS, *extents)
    parts = [(chunk, random(*windows.take(image, chunk).shape)) for chunk in cut(windows, extents, most)]
    there = sum((windows.take(image, chunk) * rows).sum(dtype=float) for chunk, rows in parts)
    back = (windows.gather(parts, torch.Size(image.shape)).numpy() * image).sum(dtype=float)
    np.testing.assert_allclose(back, there, rtol=1e-5, atol=1e-4)


@ALL
def test_chunks_change_no_bit(extents, windows):
    image = random(ITEMS, CHANNELS, *extents)
    (whole,) = cut(windows, extents, 10_000)
    rows, shape = random(*windows.take(image, whole).shape), torch.Size(image.shape)
    parts, first = [], 0
    for chunk in cut(windows, extents, 2):
        count = len(windows.take(image, chunk))
        parts.append((chunk, rows[first : first + count]))
        first += count
    assert len(parts) > ITEMS
    assert torch.equal(windows.gather(parts, shape), windows.gather([(whole, rows)], shape))
