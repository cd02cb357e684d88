"""Families of configurations whose members differ in their devices."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from types import new_class
from typing import Any, Generic, TypeVar, get_type_hints

from analog.cell import Cell
from analog.config import SingleRPUConfig
from analog.presets.peripheries import PresetIOParameters, PresetUpdateParameters

__all__ = ["Family", "source"]

C = TypeVar("C", bound=SingleRPUConfig)

HEADING = "Notes\n-----\n"


@dataclass(frozen=True)
class Family(Generic[C]):
    """Makes classes of configurations, one for each device.

    Parameters
    ----------
    base : type
        What they are derived from.
    pattern : str
        Their names, with ``{}`` for the name of the device.
    summary : str
        What they have in common, for their docstrings.
    module : str
        Where they are kept under their names, so that they can be pickled.
    cell : callable
        ``cell(device, **fields)``: what is at the crosspoints, by default the device itself.
    """

    base: type[C]
    pattern: str
    summary: str
    module: str
    cell: Callable[..., Cell] = lambda device: device

    def of(self, device: type[Cell], *, desired_bl: int = 31, **fields: Any) -> type[C]:
        """The member with that device, and the presets' periphery and pulses.

        Parameters
        ----------
        device : type
            A preset; its name without ``PresetDevice`` goes into that of the member, its paper into the docstring.
        desired_bl : int, optional
            Slots of a pulse train.
        **fields
            For `cell`.
        """
        defaults = {
            "forward": PresetIOParameters(),
            "backward": PresetIOParameters(),
            "update": PresetUpdateParameters(desired_bl=desired_bl),
            "device": self.cell(device(), **fields),
        }
        hints = get_type_hints(self.base, include_extras=True)
        about = {
            "__module__": self.module,
            "__doc__": f"{self.summary} Made of `{device.__name__}`.\n\n{HEADING}{source(device)}",
            "__annotations__": {name: hints[name] for name in defaults},
        }
        name = self.pattern.format(device.__name__.partition("Preset")[0])
        return new_class(name, (self.base,), exec_body=lambda namespace: namespace.update(about | defaults))


def source(preset: type[Any]) -> str:
    """The papers that a class says its numbers are from."""
    return (inspect.getdoc(preset) or "").partition(HEADING)[2]
