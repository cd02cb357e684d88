"""Mixed precision: gradients are added up digitally and written to the devices in whole pulses."""

from __future__ import annotations

from analog.cell import Cell
from analog.compound import MixedPrecisionCompound
from analog.config import DigitalRankUpdateRPUConfig
from analog.presets.capacitor import CapacitorPresetDevice
from analog.presets.ecram import EcRamMOPresetDevice, EcRamPresetDevice
from analog.presets.family import Family
from analog.presets.idealized import GokmenVlasovPresetDevice, IdealizedPresetDevice
from analog.presets.pcm import PCMPresetUnitCell
from analog.presets.reram import ReRamESPresetDevice, ReRamSBPresetDevice

__all__ = [
    "MixedPrecisionCapacitorPreset",
    "MixedPrecisionEcRamMOPreset",
    "MixedPrecisionEcRamPreset",
    "MixedPrecisionGokmenVlasovPreset",
    "MixedPrecisionIdealizedPreset",
    "MixedPrecisionPCMPreset",
    "MixedPrecisionReRamESPreset",
    "MixedPrecisionReRamSBPreset",
]


def _cell(device: Cell) -> MixedPrecisionCompound:
    return MixedPrecisionCompound(device=device)


_mixed = Family(
    DigitalRankUpdateRPUConfig,
    "MixedPrecision{}Preset",
    "Mixed precision: gradients are added up digitally, and written to the devices after every batch.",
    __name__,
    _cell,
)

MixedPrecisionReRamESPreset = _mixed.of(ReRamESPresetDevice)
MixedPrecisionReRamSBPreset = _mixed.of(ReRamSBPresetDevice)
MixedPrecisionCapacitorPreset = _mixed.of(CapacitorPresetDevice)
MixedPrecisionEcRamPreset = _mixed.of(EcRamPresetDevice)
MixedPrecisionEcRamMOPreset = _mixed.of(EcRamMOPresetDevice)
MixedPrecisionIdealizedPreset = _mixed.of(IdealizedPresetDevice)
MixedPrecisionGokmenVlasovPreset = _mixed.of(GokmenVlasovPresetDevice)
MixedPrecisionPCMPreset = _mixed.of(PCMPresetUnitCell)
