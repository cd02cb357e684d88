"""Pixels of images, from planes to rows and back, with what is added on the way; against torch's own copies."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from analog.nn import AnalogConv2d
from analog.nn.planes import rows_and_sum, write_planes
from tests.analog.nn.configs import noisy

SHAPES = [(3, 5, 7), (2, 4, 3, 6), (2, 1, 3, 2, 4), (1, 6, 1, 1)]
LAYOUTS = {
    "planes": lambda image: image.movedim(1, -1),
    "rows": lambda image: image.movedim(1, -1).contiguous(),
    "a part of planes": lambda image: torch.cat([image, image], -1)[..., : image.shape[-1]].movedim(1, -1),
    "one number": lambda image: image[:1, :1, :1].sum().expand(image.shape).movedim(1, -1),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_are_the_pixels_and_sums_theirs(shape: tuple[int, ...], layout: str) -> None:
    image = LAYOUTS[layout](torch.randn(shape))
    rows, total = rows_and_sum(image)
    assert rows.is_contiguous()
    assert torch.equal(rows, image)
    torch.testing.assert_close(total, image.double().flatten(0, -2).sum(0).float(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("first", [0, 1])
def test_rows_go_where_the_pixels_are(shape: tuple[int, ...], first: int) -> None:
    """Also into a part of the lines of an image, whose other pixels stay."""
    whole = np.zeros(shape, np.float32)
    part = whole[:, :, first:]
    pixels = torch.from_numpy(part).movedim(1, -1)
    rows, offset = torch.randn(pixels.shape), torch.randn(shape[1])
    write_planes(part, rows.flatten(0, -2).numpy(), offset.numpy())
    assert torch.equal(pixels, rows + offset)
    assert not whole[:, :, :first].any()


@pytest.mark.parametrize("limit", [200, 1 << 20])
def test_the_bias_of_a_noisy_convolution(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is added to what comes without it, to the bit, and its gradient is the sum of the errors."""
    monkeypatch.setattr("analog.nn.lowering.CHUNK_BYTES", limit)
    layers = [AnalogConv2d(2, 3, (3, 2), bias=bias, rpu_config=noisy(), seed=4) for bias in (True, False)]
    layers[1].set_weights(layers[0].get_weights()[0])
    x, errors = torch.randn(4, 2, 6, 5), torch.randn(4, 3, 4, 4)
    with_bias, without = (layer(x) for layer in layers)
    bias = layers[0].group_matrices[0].bias
    assert torch.equal(with_bias, without + bias.reshape(-1, 1, 1))
    assert with_bias.is_contiguous()
    with_bias.backward(errors)
    torch.testing.assert_close(bias.grad, errors.double().sum((0, 2, 3)).float(), rtol=1e-5, atol=1e-5)
