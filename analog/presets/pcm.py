"""Phase-change memories."""

from __future__ import annotations

from analog.cell import Cell
from analog.compound import OneSidedUnitCell
from analog.devices import ExpStepDevice
from analog.devices.pulsed import NonPositive
from analog.parameters import Count, IOParameters, NonNegative, Positive, UpdateParameters
from analog.presets.peripheries import PresetIOParameters, PresetUpdateParameters

__all__ = ["PCMPresetDevice", "PCMPresetUnitCell"]


class PCMPresetDevice(ExpStepDevice):
    """A phase-change memory: its conductance grows in few, shrinking steps, and falls at once when it is reset.

    Notes
    -----
    S. R. Nandakumar et al., Front. Neurosci. 14, 406 (2020). Values as in aihwkit.
    """

    dw_min: Positive = 0.01
    dw_min_dtod: NonNegative = 0.2
    dw_min_std: NonNegative = 0.6
    w_max: NonNegative = 2.0
    w_min: NonPositive = 0.0
    w_max_dtod: NonNegative = 0.1
    w_min_dtod: NonNegative = 0.0
    up_down_dtod: NonNegative = 0.05
    reset: float = 0.01
    reset_dtod: NonNegative = 0.02
    A_up: float = -27.235
    A_down: float = -2.235
    gamma_up: float = 2.5
    gamma_down: float = 2.5
    a: float = -1.0
    b: float = 0.0
    dw_min_std_add: NonNegative = 0.042
    dw_min_std_slope: NonNegative = 0.108


class PCMPresetUnitCell(OneSidedUnitCell):
    """Two phase-change memories that only grow, refreshed after every batch.

    Notes
    -----
    S. R. Nandakumar et al., Front. Neurosci. 14, 406 (2020). Values as in aihwkit.
    """

    unit_cell_devices: tuple[Cell, ...] = (PCMPresetDevice(), PCMPresetDevice())
    refresh_every: Count = 1
    refresh_forward: IOParameters = PresetIOParameters()
    refresh_update: UpdateParameters = PresetUpdateParameters()
