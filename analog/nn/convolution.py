"""What convolutions of all dimensions share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Self, cast

import torch

from analog.config import RPUConfig, SingleRPUConfig
from analog.errors import NotFiniteError
from analog.nn.copies import as_tensor
from analog.nn.layer import AnalogLayer, unwritten
from analog.nn.matrix import AnalogMatrix
from analog.nn.seeds import seeds
from tensorlayer.errors import ShapeError

__all__ = ["AnalogConvolution"]


class AnalogConvolution(AnalogLayer):
    """A convolution, or a transposed one, whose kernels are crossbars: one matrix for each group of channels.

    Attributes
    ----------
    matrices : ModuleList of AnalogMatrix
        One for each group.
    """

    def __init__(self, digital: Any, rpu_config: RPUConfig | None, seed: int | None) -> None:
        super().__init__()
        self.in_channels: int = digital.in_channels
        self.out_channels: int = digital.out_channels
        self.kernel_size: tuple[int, ...] = digital.kernel_size
        self.stride: tuple[int, ...] = digital.stride
        self.padding: str | tuple[int, ...] = digital.padding
        self.dilation: tuple[int, ...] = digital.dilation
        self.groups: int = digital.groups
        self.padding_mode: str = digital.padding_mode
        self.output_padding: tuple[int, ...] = digital.output_padding
        self.matrices = torch.nn.ModuleList(
            self._matrix(rpu_config or SingleRPUConfig(), digital.bias is not None, number)
            for number in seeds(seed, self.groups)
        )
        self._register_bias(digital.bias is not None)
        self.set_weights(digital.weight, digital.bias)

    @abstractmethod
    def _matrix(self, config: RPUConfig, bias: bool, seed: int | None) -> AnalogMatrix:
        """The matrix of one group."""

    def _register_bias(self, wanted: bool) -> None:
        """Make a bias, if it does not belong to the matrices."""

    # -- from and to torch ---------------------------------------------------------------------------------

    @classmethod
    def from_digital(cls, digital: Any, rpu_config: RPUConfig | None = None, *, seed: int | None = None) -> Self:
        """See `AnalogLayer.from_digital`."""
        made = cls.__new__(cls)
        AnalogConvolution.__init__(made, digital, rpu_config, seed)
        for matrix in made.group_matrices:
            matrix.analog.requires_grad_(digital.weight.requires_grad)
        for name, parameter in made.named_parameters():
            if name.rpartition(".")[2] == "bias":
                parameter.requires_grad_(digital.bias.requires_grad)
        return made.to(digital.weight.device).train(digital.training)

    def to_digital(self) -> Any:
        """See `AnalogLayer.to_digital`."""
        device = self.group_matrices[0].analog.device
        digital: Any = unwritten(self.digital_class, **self._arguments(), bias=self.has_bias, device=device)
        weights, bias = self.get_weights()
        with torch.no_grad():
            digital.weight.copy_(weights)
            if bias is not None:
                digital.bias.copy_(bias)
        trained = self.group_matrices[0].analog.requires_grad
        digital.weight.requires_grad_(trained)
        if bias is not None:
            own = (each.requires_grad for name, each in self.named_parameters() if name.rpartition(".")[2] == "bias")
            digital.bias.requires_grad_(next(own, trained))
        return digital.train(self.training)

    def _arguments(self) -> dict[str, Any]:
        names = (
            "in_channels",
            "out_channels",
            "kernel_size",
            "stride",
            "padding",
            "dilation",
            "groups",
            "padding_mode",
        )
        return {name: getattr(self, name) for name in names}

    def reset_parameters(self) -> None:
        """Weights and bias as torch draws them."""
        digital: Any = self.digital_class(**self._arguments(), bias=self.has_bias)
        self.set_weights(digital.weight, digital.bias)

    # -- weights -------------------------------------------------------------------------------------------

    @property
    def group_matrices(self) -> list[AnalogMatrix]:
        """One for each group."""
        return cast("list[AnalogMatrix]", list(self.matrices))

    @property
    @abstractmethod
    def has_bias(self) -> bool:
        """Whether there is a bias."""

    def get_weights(self, *, realistic: bool = False) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Weights and bias as users see them, in the shapes that torch gives them: copies.

        Parameters
        ----------
        realistic : bool, optional
            As of `AnalogMatrix.get_weights`.
        """
        weights = torch.cat([self._oriented(matrix.get_weights(realistic=realistic)) for matrix in self.group_matrices])
        return weights.reshape(self._weights_shape), self._get_bias(realistic)

    def set_weights(self, weights: Any, bias: Any = None, *, realistic: bool = False) -> None:
        """Write weights and bias, as far as the devices can hold them.

        Parameters
        ----------
        weights, bias : Tensor or array
            In the shapes that torch gives them; the present bias when left out.
        realistic : bool, optional
            As of `AnalogMatrix.set_weights`.

        Raises
        ------
        ShapeError, NotFiniteError
            If they do not fit; nothing has changed then.
        """
        taken = self._taken(weights, self._weights_shape, "weights")
        own = None if bias is None else self._taken(bias, (self.out_channels,) if self.has_bias else None, "bias")
        self._write(taken.flatten(1).chunk(self.groups), own, realistic)

    @property
    @abstractmethod
    def _weights_shape(self) -> tuple[int, ...]:
        """That torch gives to weights."""

    @abstractmethod
    def _oriented(self, weights: torch.Tensor) -> torch.Tensor:
        """A matrix with the axis of the groups first, from or to (outputs, inputs)."""

    @abstractmethod
    def _get_bias(self, realistic: bool) -> torch.Tensor | None:
        """A copy of the bias."""

    @abstractmethod
    def _write(self, parts: Sequence[torch.Tensor], bias: torch.Tensor | None, realistic: bool) -> None:
        """Weights of all groups, and the bias."""

    @staticmethod
    def _taken(value: Any, shape: tuple[int, ...] | None, name: str) -> torch.Tensor:
        taken = as_tensor(value)
        if shape is None:
            raise ShapeError(f"this layer has no {name}: leave it out, or make the layer with {name}=True")
        if tuple(taken.shape) != shape:
            raise ShapeError(f"{name} is {list(taken.shape)}: this layer takes {list(shape)}")
        if not bool(taken.isfinite().all()):
            raise NotFiniteError(f"{name} has NaN or infinite elements")
        return taken

    # -- what it computes ----------------------------------------------------------------------------------

    def _batch(self, x: torch.Tensor) -> torch.Tensor:
        """`x` with a batch axis.

        Raises
        ------
        ShapeError
            If its rank or channels are not those of an image.
        """
        rank = len(self.kernel_size) + 1
        if x.ndim not in (rank, rank + 1) or x.shape[-rank] != self.in_channels:
            axes = ", ".join(("depth", "height", "width")[-rank + 1 :] if rank > 2 else ("length",))
            raise ShapeError(
                f"x is {list(x.shape)}: {type(self).__name__} takes (batch, {self.in_channels}, {axes}), "
                f"or the same without batch"
            )
        return x if x.ndim > rank else x.unsqueeze(0)

    def extra_repr(self) -> str:
        """As of torch."""
        parts = [f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"]
        usual = {"padding": 0, "dilation": 1, "output_padding": 0, "groups": 1, "padding_mode": "zeros"}
        for name, default in usual.items():
            value = getattr(self, name)
            if value not in (default, (default,) * len(self.kernel_size)):
                parts.append(f"{name}={value}")
        return ", ".join(parts if self.has_bias else [*parts, "bias=False"])
