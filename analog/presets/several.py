"""Two or four devices at every crosspoint, of which a random one is trained at a time."""

from __future__ import annotations

from analog.cell import Cell
from analog.compound import VectorUnitCell, VectorUnitCellUpdatePolicy
from analog.config import UnitCellRPUConfig
from analog.presets.capacitor import CapacitorPresetDevice
from analog.presets.ecram import EcRamMOPresetDevice, EcRamPresetDevice
from analog.presets.family import Family
from analog.presets.idealized import IdealizedPresetDevice
from analog.presets.reram import ReRamESPresetDevice, ReRamSBPresetDevice

__all__ = [
    "Capacitor2Preset",
    "Capacitor4Preset",
    "EcRam2Preset",
    "EcRam4Preset",
    "EcRamMO2Preset",
    "EcRamMO4Preset",
    "Idealized2Preset",
    "Idealized4Preset",
    "ReRamES2Preset",
    "ReRamES4Preset",
    "ReRamSB2Preset",
    "ReRamSB4Preset",
]


def _several(count: int, number: str) -> Family[UnitCellRPUConfig]:
    """Crosspoints with that many devices."""

    def cell(device: Cell) -> VectorUnitCell:
        return VectorUnitCell((device,) * count, update_policy=VectorUnitCellUpdatePolicy.SINGLE_RANDOM)

    summary = f"{number} devices at every crosspoint, whose mean is the weight; each update pulses a random one."
    return Family(UnitCellRPUConfig, f"{{}}{count}Preset", summary, __name__, cell)


_two, _four = _several(2, "Two"), _several(4, "Four")

ReRamES2Preset = _two.of(ReRamESPresetDevice)
ReRamSB2Preset = _two.of(ReRamSBPresetDevice)
Capacitor2Preset = _two.of(CapacitorPresetDevice)
EcRam2Preset = _two.of(EcRamPresetDevice)
EcRamMO2Preset = _two.of(EcRamMOPresetDevice)
Idealized2Preset = _two.of(IdealizedPresetDevice)

ReRamES4Preset = _four.of(ReRamESPresetDevice)
ReRamSB4Preset = _four.of(ReRamSBPresetDevice)
Capacitor4Preset = _four.of(CapacitorPresetDevice)
EcRam4Preset = _four.of(EcRamPresetDevice)
EcRamMO4Preset = _four.of(EcRamMOPresetDevice)
Idealized4Preset = _four.of(IdealizedPresetDevice)
