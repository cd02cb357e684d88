"""Convolutions on crossbars."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from analog.config import RPUConfig
from analog.nn.convolution import AnalogConvolution
from analog.nn.layer import require_float32
from analog.nn.lowering import Lowering
from analog.nn.matrix import AnalogMatrix
from analog.nn.rows import Windows
from tensorlayer.errors import ShapeError

__all__ = ["AnalogConv", "AnalogConv1d", "AnalogConv2d", "AnalogConv3d"]


class AnalogConv(AnalogConvolution):
    """As the convolution of torch with that number of axes, with the kernels on crossbars.

    The patches under the kernel are the vectors, of item 0 first, then of item 1, and so on. They are made when
    they are needed, a few at a time: what is kept for the backward pass and the optimizer is the image and the error;
    at most 1.5 MiB of patches are made at once (one line of positions at least), and none where crossbars are exact:
    there torch's own convolution runs on their memory. Updates of more
    than 1 MiB go through the devices in parts: the same pulses, but the noise of their steps is drawn anew in every
    part. Where devices count batches (``units_in_mbatch``, running averages) it stays one batch, of which a portion is
    made at a time.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode
        As in torch. Every group has crossbars of its own.
    rpu_config : RPUConfig, optional
        Devices, converters and pulses; `SingleRPUConfig` when left out. ``mapping`` says how large crossbars are, and
        whether the bias is digital.
    seed : int, optional
        As for `AnalogMatrix`.
    device : torch.device or str, optional
        Where the layer is; the CPU when left out.
    dtype : torch.dtype, optional
        As in torch, but float32, which crossbars compute in, is the only one: for inputs of others see `AnalogMatrix`.

    Raises
    ------
    ValueError
        From torch, if the arguments contradict each other.
    ConfigError, UnsupportedOperationError
        As for `AnalogMatrix`.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # as torch's
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: str | int | tuple[int, ...] = 0,
        dilation: int | tuple[int, ...] = 1,
        groups: int = 1,
        bias: bool = True,
        padding_mode: str = "zeros",
        rpu_config: RPUConfig | None = None,
        *,
        seed: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        require_float32(dtype)
        make: Any = self.digital_class
        digital = make(in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode)
        super().__init__(digital, rpu_config, seed)
        self.to(device)

    def _matrix(self, config: RPUConfig, bias: bool, seed: int | None) -> AnalogMatrix:
        inputs = self.in_channels // self.groups * torch.Size(self.kernel_size).numel()
        return AnalogMatrix((self.out_channels // self.groups, inputs), config, bias=bias, seed=seed)

    @property
    def has_bias(self) -> bool:
        """Whether there is a bias, digital or analog."""
        return self.group_matrices[0].has_bias

    @property
    def _weights_shape(self) -> tuple[int, ...]:
        return (self.out_channels, self.in_channels // self.groups, *self.kernel_size)

    def _oriented(self, weights: torch.Tensor) -> torch.Tensor:
        return weights

    def _get_bias(self, realistic: bool) -> torch.Tensor | None:
        parts = [matrix.get_bias(realistic=realistic) for matrix in self.group_matrices]
        present = [part for part in parts if part is not None]
        return torch.cat(present) if present else None

    def _write(self, parts: Sequence[torch.Tensor], bias: torch.Tensor | None, realistic: bool) -> None:
        biases = (None,) * self.groups if bias is None else bias.chunk(self.groups)
        for matrix, part, own in zip(self.group_matrices, parts, biases, strict=True):
            matrix.set_weights(part, own, realistic=realistic)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """An image (batch, channels, extents...), or one without batch, to one of as many axes.

        Raises
        ------
        ShapeError
            If the extents are not those of an image, or the kernel does not fit into it.
        """
        padded = self._padded(self._batch(x))
        lowering = self._lowering(padded)
        images = padded.chunk(self.groups, 1) if self.groups > 1 else (padded,)
        parts = [matrix(image, lowering) for matrix, image in zip(self.group_matrices, images, strict=True)]
        y = (torch.cat(parts, -1) if self.groups > 1 else parts[0]).movedim(-1, 1).contiguous()
        return y if x.ndim == padded.ndim else y.squeeze(0)

    def _padded(self, x: torch.Tensor) -> torch.Tensor:
        sides = [side for axis in reversed(range(len(self.kernel_size))) for side in self._sides(axis)]
        mode = "constant" if self.padding_mode == "zeros" else self.padding_mode
        return torch.nn.functional.pad(x, sides, mode) if any(sides) else x

    def _sides(self, axis: int) -> tuple[int, int]:
        """What is added in front of an axis, and behind it."""
        if isinstance(self.padding, str):
            total = self.dilation[axis] * (self.kernel_size[axis] - 1) if self.padding == "same" else 0
            return total // 2, total - total // 2
        return self.padding[axis], self.padding[axis]

    def _lowering(self, padded: torch.Tensor) -> Lowering:
        windows = Windows(self.kernel_size, self.stride, self.dilation)
        positions = windows.positions(tuple(padded.shape[2:]))
        if min(positions) < 1:
            raise ShapeError(
                f"the image with its padding is {list(padded.shape[2:])}: a kernel of {list(self.kernel_size)} with "
                f"dilation {list(self.dilation)} does not fit into it"
            )
        result = (len(padded), *positions, self.out_channels // self.groups)
        return Lowering(windows, result, positions)


class AnalogConv1d(AnalogConv):
    """As `torch.nn.Conv1d`, with the kernels on crossbars: see `AnalogConv`."""

    digital_class = torch.nn.Conv1d


class AnalogConv2d(AnalogConv):
    """As `torch.nn.Conv2d`, with the kernels on crossbars: see `AnalogConv`."""

    digital_class = torch.nn.Conv2d


class AnalogConv3d(AnalogConv):
    """As `torch.nn.Conv3d`, with the kernels on crossbars: see `AnalogConv`."""

    digital_class = torch.nn.Conv3d
