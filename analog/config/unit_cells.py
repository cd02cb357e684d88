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
    """Several devices at every crosspoint.

    Parameters
    ----------
    device : UnitCell, optional
        The devices and the rule that makes one weight of them; two equal ones, both of which learn, when left out.
    forward, backward, update
        As of `SingleRPUConfig`.
    """

    device: UnitCell = VectorUnitCell(unit_cell_devices=(ConstantStepDevice(), ConstantStepDevice()))


class DigitalRankUpdateRPUConfig(SingleRPUConfig):
    """The gradient is accumulated digitally and written to the devices now and then.

    Parameters
    ----------
    device : DigitalRankUpdateCell, optional
        The device and its accumulator.
    forward, backward, update
        As of `SingleRPUConfig`.
    """

    device: DigitalRankUpdateCell = MixedPrecisionCompound()


class PythonLRTTRPUConfig(UnitCellRPUConfig):
    """Low-rank transfer by the names of a published fork.

    Parameters
    ----------
    device : PythonLRTTDevice, optional
        The three arrays and how the thin ones are transferred.
    forward, backward, update
        As of `SingleRPUConfig`.
    """

    device: PythonLRTTDevice = PythonLRTTDevice()
