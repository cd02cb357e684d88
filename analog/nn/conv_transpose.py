"""Transposed convolutions on crossbars."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

from analog.config import RPUConfig
from analog.errors import ConfigError
from analog.nn.convolution import AnalogConvolution
from analog.nn.layer import require_float32
from analog.nn.lowering import Lowering
from analog.nn.matrix import AnalogMatrix
from analog.nn.rows import Windows
from tensorlayer.errors import ShapeError

__all__ = ["AnalogConvTranspose", "AnalogConvTranspose1d", "AnalogConvTranspose2d", "AnalogConvTranspose3d"]


class AnalogConvTranspose(AnalogConvolution):
    """As the transposed convolution of torch with that number of axes, with the kernels on crossbars.

    The vectors are the pixels of the input; an array gives what each adds to the output under the kernel. That is made
    a few pixels at a time, as the patches of a convolution are. The bias is digital, whatever the config says: one
    output pixel is a sum of several products.

    Parameters
    ----------
    in_channels, out_channels, kernel_size, stride, padding, output_padding, groups, bias, dilation, padding_mode
        As in torch. Every group has crossbars of its own.
    rpu_config : RPUConfig, optional
        Devices, converters and pulses; `SingleRPUConfig` when left out.
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
        As for `AnalogMatrix`, and if output scales are to be trained columnwise: columns are no channels here.
    """

    bias: torch.Tensor | None

    def __init__(  # noqa: PLR0913, PLR0917  # as torch's
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] = 0,
        output_padding: int | tuple[int, ...] = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: int | tuple[int, ...] = 1,
        padding_mode: str = "zeros",
        rpu_config: RPUConfig | None = None,
        *,
        seed: int | None = None,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        require_float32(dtype)
        make: Any = self.digital_class
        sizes = (in_channels, out_channels, kernel_size, stride, padding, output_padding)
        super().__init__(make(*sizes, groups, bias, dilation, padding_mode), rpu_config, seed)
        self.to(device)

    def _matrix(self, config: RPUConfig, bias: bool, seed: int | None) -> AnalogMatrix:  # noqa: ARG002
        if config.mapping.learn_out_scaling and config.mapping.out_scaling_columnwise:
            raise ConfigError(
                "mapping.out_scaling_columnwise is set, but the columns of a transposed convolution are elements of "
                "kernels: leave it out for this layer"
            )
        outputs = self.out_channels // self.groups * math.prod(self.kernel_size)
        return AnalogMatrix((outputs, self.in_channels // self.groups), config, seed=seed)

    def _register_bias(self, wanted: bool) -> None:
        self.register_parameter("bias", torch.nn.Parameter(torch.zeros(self.out_channels)) if wanted else None)

    def _arguments(self) -> dict[str, Any]:
        return super()._arguments() | {"output_padding": self.output_padding}

    @property
    def has_bias(self) -> bool:
        """Whether there is a bias."""
        return self.bias is not None

    @property
    def _weights_shape(self) -> tuple[int, ...]:
        return (self.in_channels, self.out_channels // self.groups, *self.kernel_size)

    def _oriented(self, weights: torch.Tensor) -> torch.Tensor:
        return weights.T

    def _get_bias(self, realistic: bool) -> torch.Tensor | None:  # noqa: ARG002  # a digital one needs no reading
        return None if self.bias is None else self.bias.detach().clone()

    def _write(self, parts: Sequence[torch.Tensor], bias: torch.Tensor | None, realistic: bool) -> None:
        for matrix, part in zip(self.group_matrices, parts, strict=True):
            matrix.set_weights(part.T, realistic=realistic)
        if bias is not None and self.bias is not None:
            with torch.no_grad():
                self.bias.copy_(bias)

    def forward(self, x: torch.Tensor, output_size: Sequence[int] | None = None) -> torch.Tensor:
        """An image (batch, channels, extents...), or one without batch, to one of as many axes.

        Parameters
        ----------
        x : Tensor
            The image.
        output_size : sequence of int, optional
            Extents of the output, of those that the stride leaves open; decides instead of `output_padding`.

        Raises
        ------
        ShapeError
            If the extents are not those of an image, or the output cannot have that size.
        """
        batch = self._batch(x)
        lowering = self._lowering(batch)
        images = batch.movedim(1, -1).chunk(self.groups, -1)
        parts = [matrix(image, lowering) for matrix, image in zip(self.group_matrices, images, strict=True)]
        y = self._cropped(torch.cat(parts, 1) if self.groups > 1 else parts[0], batch, output_size)
        if self.bias is not None:
            y = y + self.bias.to(y.dtype).reshape(-1, *(1,) * len(self.kernel_size))
        return y if x.ndim == batch.ndim else y.squeeze(0)

    def _lowering(self, batch: torch.Tensor) -> Lowering:
        extents = tuple(batch.shape[2:])
        result = (len(batch), self.out_channels // self.groups, *(self._reach(axis, extents) for axis in self._axes))
        windows = Windows(self.kernel_size, self.stride, self.dilation)
        return Lowering(windows, result, extents, is_transposed=True)

    @property
    def _axes(self) -> range:
        return range(len(self.kernel_size))

    def _reach(self, axis: int, extents: Sequence[int]) -> int:
        """How far the kernels at all pixels reach."""
        return (extents[axis] - 1) * self.stride[axis] + self.dilation[axis] * (self.kernel_size[axis] - 1) + 1

    def _cropped(self, y: torch.Tensor, batch: torch.Tensor, output_size: Sequence[int] | None) -> torch.Tensor:
        more = self.output_padding if output_size is None else self._more(batch.shape[2:], output_size)
        sides: list[int] = []
        for axis in reversed(self._axes):
            before = int(self.padding[axis])
            sides += [-before, more[axis] - before]
        return torch.nn.functional.pad(y, sides) if any(sides) else y

    def _more(self, extents: Sequence[int], output_size: Sequence[int]) -> tuple[int, ...]:
        """The output padding that gives an output of that size."""
        wanted = tuple(output_size)[-len(self.kernel_size) :]
        least = [self._reach(axis, extents) - 2 * int(self.padding[axis]) for axis in self._axes]
        most = [size + stride - 1 for size, stride in zip(least, self.stride, strict=True)]
        if len(wanted) != len(least) or not all(map(lambda a, b, c: a <= b <= c, least, wanted, most)):
            raise ShapeError(f"output_size is {list(output_size)}: it may be from {least} to {most}")
        return tuple(size - at for size, at in zip(wanted, least, strict=True))


class AnalogConvTranspose1d(AnalogConvTranspose):
    """As `torch.nn.ConvTranspose1d`, with the kernels on crossbars: see `AnalogConvTranspose`."""

    digital_class = torch.nn.ConvTranspose1d


class AnalogConvTranspose2d(AnalogConvTranspose):
    """As `torch.nn.ConvTranspose2d`, with the kernels on crossbars: see `AnalogConvTranspose`."""

    digital_class = torch.nn.ConvTranspose2d


class AnalogConvTranspose3d(AnalogConvTranspose):
    """As `torch.nn.ConvTranspose3d`, with the kernels on crossbars: see `AnalogConvTranspose`."""

    digital_class = torch.nn.ConvTranspose3d
