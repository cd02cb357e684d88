"""Configurations of training rules by their names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from analog.cell import Cell
from analog.compound import (
    ChoppedTransferCompound,
    DynamicTransferCompound,
    MixedPrecisionCompound,
    TransferCompound,
    VectorUnitCell,
)
from analog.compound.compound import MOST_CELLS
from analog.config.rpu_config import RPUConfig
from analog.config.training import SingleRPUConfig
from analog.config.unit_cells import DigitalRankUpdateRPUConfig, UnitCellRPUConfig
from analog.devices import ConstantStepDevice
from analog.errors import ConfigError
from analog.parameters import BoundManagementType, IOParameters, NoiseManagementType, UpdateParameters
from analog.parameters.conversion import closest

__all__ = ["build_config"]

#: One pulse at a time: what is written from a buffer.
SINGLE_PULSES = UpdateParameters(desired_bl=1, update_bl_management=False, update_management=False)
#: A fast cell that is scaled to the gradients it sees.
SCALED = {"fast_lr": 0.1, "auto_scale": True}


def build_config(
    algorithm: str,
    device: Cell | type[Cell] = ConstantStepDevice,
    io_parameters: IOParameters | type[IOParameters] = IOParameters,
    up_parameters: UpdateParameters | type[UpdateParameters] | None = None,
    n_devices: int | None = None,
    construction_seed: int = 0,
    **fields: Any,
) -> RPUConfig:
    """The configuration of a training rule with some device.

    Parameters
    ----------
    algorithm : str
        ``"sgd"``: pulses go to the weights. ``"ttv1"`` (``"tt"``, ``"tiki-taka"``): gradients go to a fast device,
        whose columns are added to a slow one. ``"ttv2"``: through a digital buffer. ``"ttv3"`` (``"c-ttv2"``,
        ``"chopped-ttv2"``): with signs that change. ``"ttv4"`` (``"agad"``): with references that follow. ``"mp"``
        (``"mixed-precision"``): gradients add up digitally.
    device : Cell or class, optional
        What is at the crosspoints; a class stands for its defaults.
    io_parameters : IOParameters or class, optional
        Of both directions, and of reads inside the rule, there without noise and bound management.
    up_parameters : UpdateParameters or class, optional
        How pulses are made from gradients; the rule's own when left out.
    n_devices : int, optional
        How many devices per crosspoint: for ``"sgd"`` 1, of more a random one is trained at a time; for ``"ttv1"`` 2.
    construction_seed : int, optional
        When not 0, parameters that differ from crosspoint to crosspoint are drawn with this seed.
    **fields
        Fields of the rule's cell, as ``transfer_every=2.0``.

    Raises
    ------
    ConfigError
        If there is no such rule, it cannot have so many devices, or its cell has no such field.

    Examples
    --------
    >>> build_config("agad", in_chop_prob=0.2).device.fast_lr
    0.1
    """
    rule = RULES.get(str(algorithm).lower())
    if rule is None:
        raise ConfigError(f"no training rule {algorithm!r}: {closest(str(algorithm).lower(), list(RULES))}")
    cell, io, up = (each() if isinstance(each, type) else each for each in (device, io_parameters, up_parameters))
    if not isinstance(cell, Cell):
        raise ConfigError(f"device is {device!r}: give a device, as ConstantStepDevice()")
    around = {"forward": io, "backward": io} | ({} if up is None else {"update": up})
    seed = {"construction_seed": construction_seed} if construction_seed else {}
    return rule(cell, n_devices, around, seed | fields)


def _sgd(device: Cell, count: int | None, around: Mapping[str, Any], fields: Mapping[str, Any]) -> RPUConfig:
    if count in (None, 1):
        return SingleRPUConfig(device=device.replace(**fields), **around)
    cell = VectorUnitCell((device,) * _count(count, 1, MOST_CELLS), **{"update_policy": "SINGLE_RANDOM", **fields})
    return UnitCellRPUConfig(device=cell, **around)


def _ttv1(device: Cell, count: int | None, around: Mapping[str, Any], fields: Mapping[str, Any]) -> RPUConfig:
    own = {"units_in_mbatch": True, **_read(around), **fields}
    return UnitCellRPUConfig(device=TransferCompound((device,) * _count(count or 2, 2, MOST_CELLS), **own), **around)


def _chopped(
    kind: type[ChoppedTransferCompound], **own: Any
) -> Callable[[Cell, int | None, Mapping[str, Any], Mapping[str, Any]], RPUConfig]:
    """A rule with a fast device, a buffer and a slow device."""

    def rule(device: Cell, count: int | None, around: Mapping[str, Any], fields: Mapping[str, Any]) -> RPUConfig:
        cell = kind((device,) * _count(count or 2, 2, 2), **{**_read(around), **own, **fields})
        return UnitCellRPUConfig(device=cell, **{"update": UpdateParameters(desired_bl=5), **around})

    return rule


def _mixed(device: Cell, count: int | None, around: Mapping[str, Any], fields: Mapping[str, Any]) -> RPUConfig:
    _count(count or 1, 1, 1)
    return DigitalRankUpdateRPUConfig(device=MixedPrecisionCompound(device=device, **fields), **around)


def _read(around: Mapping[str, Any]) -> dict[str, IOParameters]:
    """How lines are read inside a rule."""
    none = {"noise_management": NoiseManagementType.NONE, "bound_management": BoundManagementType.NONE}
    return {"transfer_forward": around["forward"].replace(**none)}


def _count(count: int | None, least: int, most: int) -> int:
    if not isinstance(count, int) or not least <= count <= most:
        allowed = str(least) if least == most else f"{least} to {most}"
        raise ConfigError(f"n_devices is {count!r}: this rule has {allowed}")
    return count


_ttv2 = _chopped(ChoppedTransferCompound, in_chop_prob=0.0, auto_scale=False, transfer_update=SINGLE_PULSES)
_ttv3 = _chopped(ChoppedTransferCompound, transfer_update=SINGLE_PULSES, **SCALED)
_ttv4 = _chopped(DynamicTransferCompound, transfer_update=UpdateParameters(desired_bl=1), **SCALED)

RULES: Mapping[str, Callable[..., RPUConfig]] = {
    "sgd": _sgd,
    "ttv1": _ttv1,
    "tt": _ttv1,
    "tiki-taka": _ttv1,
    "ttv2": _ttv2,
    "ttv3": _ttv3,
    "c-ttv2": _ttv3,
    "chopped-ttv2": _ttv3,
    "ttv4": _ttv4,
    "agad": _ttv4,
    "mp": _mixed,
    "mixed-precision": _mixed,
}
