"""Configurations of crossbars with several devices at every crosspoint."""

from __future__ import annotations

from analog.compound import (
    DigitalRankUpdateCell,
    MixedPrecisionCompound,
    PythonLRTTDevice,
    UnitCell,
    VectorUnitCell,
)
from analog.config.training import SingleRPUConfig
from analog.devices import ConstantStepDevice

__all__ = ["DigitalRankUpdateRPUConfig", "PythonLRTTRPUConfig", "UnitCellRPUConfig"]


class UnitCellRPUConfig(SingleRPUConfig):
    """Several devices at every crosspoint."""

    device: UnitCell = VectorUnitCell(unit_cell_devices=(ConstantStepDevice(), ConstantStepDevice()))


class DigitalRankUpdateRPUConfig(SingleRPUConfig):
    """The gradient is accumulated digitally and written to the devices now and then."""

    device: DigitalRankUpdateCell = MixedPrecisionCompound()


class PythonLRTTRPUConfig(UnitCellRPUConfig):
    """Low-rank transfer by the names of a published fork."""

    device: PythonLRTTDevice = PythonLRTTDevice()
