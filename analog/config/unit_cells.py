"""Configurations of crossbars with several devices at every crosspoint."""

from __future__ import annotations

from analog.compound import VectorUnitCell
from analog.compound.compound import Compound
from analog.config.training import SingleRPUConfig
from analog.devices import ConstantStepDevice

__all__ = ["UnitCellRPUConfig"]


class UnitCellRPUConfig(SingleRPUConfig):
    """Several devices at every crosspoint."""

    device: Compound = VectorUnitCell(unit_cell_devices=(ConstantStepDevice(), ConstantStepDevice()))
