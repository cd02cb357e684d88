"""Images through an exact matrix by torch's own convolutions, which never see a patch."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional, grad

from analog.nn.rows import Windows

__all__ = ["convolved", "correlated", "spread"]

#: By number of axes: a convolution, its transpose, its gradient by the kernels.
OPERATIONS: dict[int, tuple[Any, Any, Any]] = {
    1: (functional.conv1d, functional.conv_transpose1d, grad.conv1d_weight),
    2: (functional.conv2d, functional.conv_transpose2d, grad.conv2d_weight),
    3: (functional.conv3d, functional.conv_transpose3d, grad.conv3d_weight),
}


def convolved(
    windows: Windows, image: torch.Tensor, matrix: torch.Tensor, offset: torch.Tensor | None = None
) -> torch.Tensor:
    """All patches times a matrix (outputs, patch), plus an offset (outputs,): (items, *positions, outputs)."""
    convolve, _, _ = OPERATIONS[len(windows.kernel)]
    kernels = _kernels(windows, matrix, image.shape[1])
    y: torch.Tensor = convolve(image, kernels, offset, windows.stride, 0, windows.dilation)
    return y.movedim(1, -1)


def spread(windows: Windows, vectors: torch.Tensor, matrix: torch.Tensor, shape: torch.Size) -> torch.Tensor:
    """The transpose: vectors (items, *positions, outputs) times a matrix (outputs, patch), added up to an image."""
    _, spread_out, _ = OPERATIONS[len(windows.kernel)]
    kernels = _kernels(windows, matrix, shape[1])
    beyond = windows.beyond(tuple(shape[2:]))
    image: torch.Tensor = spread_out(
        vectors.movedim(-1, 1), kernels, None, windows.stride, 0, beyond, dilation=windows.dilation
    )
    return image


def correlated(windows: Windows, vectors: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
    """The sum over all positions of vectors times patches: (outputs, patch)."""
    _, _, correlate = OPERATIONS[len(windows.kernel)]
    shape = (vectors.shape[-1], image.shape[1], *windows.kernel)
    kernels: torch.Tensor = correlate(image, shape, vectors.movedim(-1, 1), windows.stride, 0, windows.dilation)
    return kernels.flatten(1)


def _kernels(windows: Windows, matrix: torch.Tensor, channels: int) -> torch.Tensor:
    return matrix.reshape(len(matrix), channels, *windows.kernel)
