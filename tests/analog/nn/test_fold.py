"""Windows added up to images: the transpose of taking them, in any number of chunks."""

from __future__ import annotations

import math

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


def cut(windows: Windows, extents: tuple[int, ...], most: int):
    """A batch in chunks of at most so many vectors."""
    length = CHANNELS * math.prod(windows.kernel)
    return list(chunks(ITEMS, windows.positions(extents), length, 4 * length * most))


@ALL
@pytest.mark.parametrize("most", [2, 50, 10_000])
def test_adding_is_the_transpose_of_taking(extents, windows, most):
    image = torch.randn(ITEMS, CHANNELS, *extents, dtype=torch.float64, requires_grad=True)
    parts = [(chunk, torch.randn(windows.take(image, chunk).shape)) for chunk in cut(windows, extents, most)]
    sum((windows.take(image, chunk) * rows).sum() for chunk, rows in parts).backward()
    torch.testing.assert_close(windows.gather(parts, image.shape), image.grad.float(), rtol=1e-5, atol=1e-5)


@ALL
def test_chunks_change_no_bit(extents, windows):
    image = torch.empty(ITEMS, CHANNELS, *extents)
    (whole,) = cut(windows, extents, 10_000)
    rows = torch.randn(windows.take(image, whole).shape)
    parts, first = [], 0
    for chunk in cut(windows, extents, 2):
        count = len(windows.take(image, chunk))
        parts.append((chunk, rows[first : first + count]))
        first += count
    assert len(parts) > ITEMS
    assert torch.equal(windows.gather(parts, image.shape), windows.gather([(whole, rows)], image.shape))
