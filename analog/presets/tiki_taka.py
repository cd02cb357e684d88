"""Tiki-Taka: gradients go to a fast device, whose content goes to a slow one, as it is or through a buffer."""

from __future__ import annotations

from functools import partial
from typing import Any

from analog.cell import Cell
from analog.compound import ChoppedTransferCompound, DynamicTransferCompound, TransferCompound
from analog.config import UnitCellRPUConfig
from analog.parameters import BoundManagementType, NoiseManagementType
from analog.presets.capacitor import CapacitorPresetDevice
from analog.presets.ecram import EcRamMOPresetDevice, EcRamPresetDevice
from analog.presets.family import Family
from analog.presets.idealized import IdealizedPresetDevice
from analog.presets.peripheries import PresetIOParameters, PresetUpdateParameters
from analog.presets.reram import ReRamESPresetDevice, ReRamSBPresetDevice

__all__ = [
    "AGADCapacitorPreset",
    "AGADEcRamMOPreset",
    "AGADEcRamPreset",
    "AGADIdealizedPreset",
    "AGADReRamESPreset",
    "AGADReRamSBPreset",
    "ChoppedTTv2CapacitorPreset",
    "ChoppedTTv2EcRamMOPreset",
    "ChoppedTTv2EcRamPreset",
    "ChoppedTTv2IdealizedPreset",
    "ChoppedTTv2ReRamESPreset",
    "ChoppedTTv2ReRamSBPreset",
    "TTv2CapacitorPreset",
    "TTv2EcRamMOPreset",
    "TTv2EcRamPreset",
    "TTv2IdealizedPreset",
    "TTv2ReRamESPreset",
    "TTv2ReRamSBPreset",
    "TikiTakaCapacitorPreset",
    "TikiTakaEcRamMOPreset",
    "TikiTakaEcRamPreset",
    "TikiTakaIdealizedPreset",
    "TikiTakaReRamESPreset",
    "TikiTakaReRamSBPreset",
]

READS = PresetIOParameters(
    noise_management=NoiseManagementType.NONE,
    bound_management=BoundManagementType.NONE,
)
WRITES = PresetUpdateParameters(desired_bl=1, update_bl_management=False, update_management=False)


def _two_of(kind: type[TransferCompound], device: Cell, **fields: Any) -> TransferCompound:
    """Two equal devices, read and written as presets are; soft bounds against their symmetry point."""
    if isinstance(device, ReRamSBPresetDevice):
        device = device.replace(subtract_symmetry_point=True)
    return kind((device, device), transfer_forward=READS, **fields)


def _family(pattern: str, summary: str, kind: type[TransferCompound], **fields: Any) -> Family[UnitCellRPUConfig]:
    return Family(UnitCellRPUConfig, pattern, summary, __name__, partial(_two_of, kind, **fields))


_plain = _family(
    "TikiTaka{}Preset",
    "Tiki-Taka: gradients go to a fast device, one column of which is added to a slow one after every batch.",
    TransferCompound,
    transfer_update=PresetUpdateParameters(),
)
_buffered = partial(_family, transfer_update=WRITES, auto_scale=True)
_second = _buffered(
    "TTv2{}Preset",
    "Tiki-Taka version 2: gradients go to a fast device, and through a digital buffer to a slow one.",
    ChoppedTransferCompound,
    in_chop_prob=0.0,
)
_chopped = _buffered(
    "ChoppedTTv2{}Preset",
    "Chopped Tiki-Taka version 2: the signs of lines flip by chance, so that offsets of the fast device average out.",
    ChoppedTransferCompound,
)
_dynamic = _buffered(
    "AGAD{}Preset",
    "AGAD: the signs of lines flip, and the reference of the fast device is estimated from what was read before.",
    DynamicTransferCompound,
)

TikiTakaReRamESPreset = _plain.of(ReRamESPresetDevice)
TikiTakaReRamSBPreset = _plain.of(ReRamSBPresetDevice)
TikiTakaCapacitorPreset = _plain.of(CapacitorPresetDevice)
TikiTakaEcRamPreset = _plain.of(EcRamPresetDevice)
TikiTakaEcRamMOPreset = _plain.of(EcRamMOPresetDevice)
TikiTakaIdealizedPreset = _plain.of(IdealizedPresetDevice)

TTv2ReRamESPreset = _second.of(ReRamESPresetDevice, fast_lr=0.5, auto_granularity=1000)
TTv2ReRamSBPreset = _second.of(ReRamSBPresetDevice, fast_lr=0.5, auto_granularity=1000)
TTv2CapacitorPreset = _second.of(CapacitorPresetDevice, fast_lr=0.1, auto_granularity=1000)
TTv2EcRamPreset = _second.of(EcRamPresetDevice, fast_lr=0.1, auto_granularity=500, desired_bl=100)
TTv2EcRamMOPreset = _second.of(EcRamMOPresetDevice, fast_lr=0.1, auto_granularity=500, desired_bl=100)
TTv2IdealizedPreset = _second.of(IdealizedPresetDevice, fast_lr=0.1, auto_granularity=500, desired_bl=100)

ChoppedTTv2ReRamESPreset = _chopped.of(ReRamESPresetDevice, fast_lr=0.5, auto_granularity=1000, in_chop_prob=0.01)
ChoppedTTv2ReRamSBPreset = _chopped.of(ReRamSBPresetDevice, fast_lr=0.5, auto_granularity=1000, in_chop_prob=0.01)
ChoppedTTv2CapacitorPreset = _chopped.of(CapacitorPresetDevice, fast_lr=0.1, auto_granularity=1000, in_chop_prob=0.01)
# As in aihwkit, without a `fast_lr` of its own.
ChoppedTTv2EcRamPreset = _chopped.of(EcRamPresetDevice, auto_granularity=500, in_chop_prob=0.01, desired_bl=100)
ChoppedTTv2EcRamMOPreset = _chopped.of(
    EcRamMOPresetDevice, fast_lr=0.1, auto_granularity=500, in_chop_prob=0.001, desired_bl=100
)
ChoppedTTv2IdealizedPreset = _chopped.of(
    IdealizedPresetDevice, fast_lr=0.1, auto_granularity=500, in_chop_prob=0.001, desired_bl=100
)

AGADReRamESPreset = _dynamic.of(ReRamESPresetDevice, fast_lr=0.5, auto_granularity=1000, in_chop_prob=0.02)
AGADReRamSBPreset = _dynamic.of(ReRamSBPresetDevice, fast_lr=0.5, auto_granularity=1000, in_chop_prob=0.02)
AGADCapacitorPreset = _dynamic.of(
    CapacitorPresetDevice, fast_lr=0.1, auto_granularity=1000, in_chop_prob=0.01, tail_weightening=20
)
AGADEcRamPreset = _dynamic.of(
    EcRamPresetDevice, fast_lr=0.1, auto_granularity=750, in_chop_prob=0.005, tail_weightening=50
)
AGADEcRamMOPreset = _dynamic.of(
    EcRamMOPresetDevice, fast_lr=0.1, auto_granularity=500, in_chop_prob=0.005, tail_weightening=50, desired_bl=100
)
AGADIdealizedPreset = _dynamic.of(
    IdealizedPresetDevice, fast_lr=0.1, auto_granularity=500, in_chop_prob=0.005, tail_weightening=50, desired_bl=100
)
