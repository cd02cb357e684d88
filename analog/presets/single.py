"""One device at every crosspoint, trained by stochastic pulses."""

from __future__ import annotations

from analog.config import SingleRPUConfig, UnitCellRPUConfig
from analog.presets.capacitor import CapacitorPresetDevice
from analog.presets.ecram import EcRamMOPresetDevice, EcRamPresetDevice
from analog.presets.family import Family
from analog.presets.idealized import GokmenVlasovPresetDevice, IdealizedPresetDevice
from analog.presets.pcm import PCMPresetUnitCell
from analog.presets.reram import ReRamESPresetDevice, ReRamSBPresetDevice

__all__ = [
    "CapacitorPreset",
    "EcRamMOPreset",
    "EcRamPreset",
    "GokmenVlasovPreset",
    "IdealizedPreset",
    "PCMPreset",
    "ReRamESPreset",
    "ReRamSBPreset",
]

SUMMARY = "Stochastic gradient descent by pulses on the weights."

_single = Family(SingleRPUConfig, "{}Preset", SUMMARY, __name__)
_unit_cell = Family(UnitCellRPUConfig, "{}Preset", SUMMARY, __name__)

ReRamESPreset = _single.of(ReRamESPresetDevice)
ReRamSBPreset = _single.of(ReRamSBPresetDevice)
CapacitorPreset = _single.of(CapacitorPresetDevice)
EcRamPreset = _single.of(EcRamPresetDevice)
EcRamMOPreset = _single.of(EcRamMOPresetDevice)
IdealizedPreset = _single.of(IdealizedPresetDevice)
GokmenVlasovPreset = _single.of(GokmenVlasovPresetDevice)
PCMPreset = _unit_cell.of(PCMPresetUnitCell)
