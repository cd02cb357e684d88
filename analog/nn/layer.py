"""What all layers on crossbars have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Self

import torch

from analog.config import RPUConfig
from analog.errors import CheckpointError, ConfigError
from analog.nn.check import require_readable
from analog.nn.matrix import AnalogMatrix
from tensorlayer.errors import DtypeError, UnsupportedOperationError

__all__ = ["AnalogLayer", "as_bias", "give_weights", "require_float32", "take_weights", "unwritten"]

#: How names of weights begin in layers of torch.
DIGITAL = ("weight", "in_proj_", "q_proj_weight")


class AnalogLayer(torch.nn.Module):
    """A layer that does on crossbars what a layer of torch does.

    Attributes
    ----------
    digital_class : type
        That layer of torch.
    """

    digital_class: ClassVar[type[torch.nn.Module]]

    @property
    def rpu_config(self) -> RPUConfig:
        """Devices, converters and pulses, of its first matrix; to have others is to make a new layer."""
        return next(part.config for part in self.modules() if isinstance(part, AnalogMatrix))

    @rpu_config.setter
    def rpu_config(self, config: object) -> None:
        raise UnsupportedOperationError(
            f"a live {type(self).__name__} has devices of {self.rpu_config!r} and cannot get {config!r}: make a new "
            "layer, as type(layer).from_digital(layer.to_digital(), config)"
        )

    @classmethod
    @abstractmethod
    def from_digital(cls, digital: Any, rpu_config: RPUConfig | None = None, *, seed: int | None = None) -> Self:
        """A layer like one of torch, with its weights, as far as devices can hold them.

        Parameters
        ----------
        digital : torch.nn.Module
            Of `digital_class`; it is only read.
        rpu_config : RPUConfig, optional
            Devices, converters and pulses; `SingleRPUConfig` when left out.
        seed : int, optional
            As for `AnalogMatrix`.
        """

    @abstractmethod
    def to_digital(self) -> Any:
        """The layer of torch with the present weights, in float32."""

    def __getattr__(self, name: str) -> Any:
        """What torch finds, which is asked last; for weights, where they are."""
        try:
            return super().__getattr__(name)
        except AttributeError:
            if not name.startswith(DIGITAL):
                raise
            raise AttributeError(self._without(name)) from None

    def __setattr__(self, name: str, value: Any) -> None:
        """As of torch, which would keep a weight that nothing computes with."""
        if isinstance(value, torch.Tensor) and name.startswith(DIGITAL):
            raise AttributeError(self._without(name))
        super().__setattr__(name, value)

    def _without(self, name: str) -> str:
        """Why there is no tensor of that name, and what to do."""
        whole = f"to_digital() gives torch's {self.digital_class.__name__}, from_digital(...) takes one"
        parts = "get_weights() gives a copy, set_weights(...) writes" if hasattr(self, "get_weights") else whole
        return (
            f"{type(self).__name__} has no {name!r}, as its weights are on crossbars: {parts}, and optimizers of "
            "analog.optim train"
        )

    def _repr_html_(self) -> str:
        """For notebooks: its crossbars, matrix by matrix."""
        return "".join(part._repr_html_() for part in self.modules() if isinstance(part, AnalogMatrix))

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *others: Any) -> None:
        """What torch calls before the modules inside are loaded: then all of them fit, or none is changed."""
        self._require_analog(state_dict, prefix)
        require_readable(self, state_dict, prefix)
        super()._load_from_state_dict(state_dict, prefix, *others)

    def _require_analog(self, state_dict: Any, prefix: str) -> None:
        """Refuse the state of a layer of torch: torch names what is missing, but not what to do."""
        given = [name for name in state_dict if name.startswith(prefix)]
        if any(name.removeprefix(prefix).startswith(DIGITAL) for name in given) and not any(
            name.endswith("crossbars.text") for name in given
        ):
            raise CheckpointError(
                f"{prefix.rstrip('.') or 'the state dictionary'} is of a {self.digital_class.__name__} of torch, this "
                f"is a {type(self).__name__}: load it into the model of torch, and convert_to_analog that"
            )


def as_bias(bias: object) -> bool:
    """Whether there is a bias. What comes third in other libraries is refused, as it would count as True.

    Raises
    ------
    ConfigError
        If it is neither True nor False.
    """
    if not isinstance(bias, bool):
        raise ConfigError(f"bias is True or False, not {bias!r}; a configuration is given by name: rpu_config=...")
    return bias


def require_float32(dtype: torch.dtype | None) -> None:
    """Refuse to make a layer of elements that crossbars do not have.

    Raises
    ------
    DtypeError
        If it is another type than float32, or none.
    """
    if dtype not in (None, torch.float32):
        raise DtypeError(
            f"dtype is {dtype!r}: crossbars compute in float32; leave it out, as layers round inputs of other types to "
            "it, and results back"
        )


def take_weights(matrix: AnalogMatrix, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
    """Write weights and bias of a layer of torch; what is frozen there stays so."""
    matrix.set_weights(weight, bias)
    matrix.analog.requires_grad_(weight.requires_grad)
    if matrix.bias is not None and bias is not None:
        matrix.bias.requires_grad_(bias.requires_grad)


@torch.no_grad()
def give_weights(matrix: AnalogMatrix, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
    """Copy the present weights and bias into those of a layer of torch; what is frozen stays so."""
    weight.copy_(matrix.get_weights())
    present = matrix.get_bias()
    if bias is not None and present is not None:
        bias.copy_(present)
    for digital, own in ((weight, matrix.analog), (bias, matrix.analog if matrix.bias is None else matrix.bias)):
        if isinstance(digital, torch.nn.Parameter):  # and no part of one, as weights of several projections are
            digital.requires_grad_(own.requires_grad)


def unwritten(layer: Callable[..., torch.nn.Module], *arguments: Any, device: torch.device, **options: Any) -> Any:
    """A layer of torch whose weights are to be written: nothing is drawn for them."""
    return layer(*arguments, device="meta", **options).to_empty(device=device)
