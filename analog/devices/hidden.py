"""A view of what is behind the weights."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

import numpy as np

from analog.cell import CellState, Site
from analog.errors import ConfigError
from tensorlayer.errors import ShapeError

if TYPE_CHECKING:
    from analog.devices.device import Device

__all__ = ["Hidden", "parameter"]

#: What a state has besides parameters of crosspoints and counters.
NOT_HIDDEN = {"weights", "positive_pulses", "negative_pulses", "d_sparsity"}
#: The names of all devices come first, in the field's order.
FIRST = (
    "max_bound",
    "min_bound",
    "dwmin_up",
    "dwmin_down",
    "decay_scales",
    "diffusion_rates",
    "reset_bias",
    "drift_nu",
    "persistent_weights",
)


def parameter(state: CellState, name: str) -> Any:
    """A parameter of the crosspoints: an array, or a number if it does not differ between them."""
    return state.arrays[name] if name in state.arrays else state.numbers[name]


class Hidden(MutableMapping[str, Any]):
    """The parameters of a device's crosspoints by the field's names: ``hidden["max_bound"]``.

    Reading gives a copy, (outputs, inputs), float32, also of what is the same everywhere. Assigning takes an array of
    that shape or one number; bounds are checked, and weights are clipped to them.

    Parameters
    ----------
    device : Device
        Whose parameters they are.
    state : CellState
        Where they are.
    site : Site
        Where the device is.
    """

    def __init__(self, device: Device, state: CellState, site: Site) -> None:
        self._device = device
        self._state = state
        self._site = site

    def __iter__(self) -> Iterator[str]:
        # Counters are integers, parameters are not.
        numbers = [name for name, value in self._state.numbers.items() if isinstance(value, float)]
        names = [name for name in (*self._state.arrays, *numbers) if name not in NOT_HIDDEN]
        yield from (name for name in FIRST if name in names)
        yield from (name for name in names if name not in FIRST)

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, name: str) -> Any:
        self._check_name(name)
        return self._site.storage.zeros(self._site.shape) + parameter(self._state, name)

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

    def update(self, other: Any = (), /, **named: Any) -> None:
        """Assign several, all or none: bounds are compared as they will be together."""
        arrays = {name: self._array(name, value) for name, value in dict(other, **named).items()}
        self._check_bounds(arrays)
        for name, array in arrays.items():
            self._state.numbers.pop(name, None)
            self._state.arrays[name] = array
        self._device.clip_weights(self._state, self._site)

    def __delitem__(self, name: str) -> None:
        raise ConfigError(f"{name!r} cannot be deleted: a device has all of its parameters")

    def _check_name(self, name: str) -> None:
        if name not in self:
            raise ConfigError(f"{type(self._device).__name__} has no parameter {name!r}: it has {', '.join(self)}")

    def _array(self, name: str, value: Any) -> Any:
        """A native copy, of the right shape and element type."""
        self._check_name(name)
        numbers = isinstance(value, np.ndarray | np.generic | float | int | list)
        array = self._site.storage.take(np.asarray(value, np.float32)) if numbers else value + 0.0
        if tuple(array.shape) not in ((), self._site.shape):
            raise ShapeError(f"{name!r} has shape {tuple(array.shape)}, the crosspoints have {self._site.shape}")
        if bool((array != array).any()):  # noqa: PLR0124  # NaN
            raise ConfigError(f"{name!r} has a NaN")
        return array + self._site.storage.zeros(self._site.shape)

    def _check_bounds(self, new: dict[str, Any]) -> None:
        if "max_bound" not in self or new.keys().isdisjoint(("max_bound", "min_bound")):
            return
        bounds = {name: parameter(self._state, name) for name in ("min_bound", "max_bound")} | new
        crossed = int((bounds["min_bound"] > bounds["max_bound"]).sum())
        if crossed:
            raise ConfigError(
                f"min_bound would be above max_bound at {crossed} of {self._site.shape} crosspoints: set both "
                f"bounds at once"
            )
