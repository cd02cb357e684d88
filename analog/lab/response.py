"""How weights follow single pulses."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analog.cell import Cell
from analog.config import SingleRPUConfig
from analog.crossbar import Crossbar
from analog.crossbar.arguments import as_number
from analog.lab.arguments import require_count, require_instance
from analog.lab.curves import Curves
from analog.parameters import UpdateParameters

__all__ = ["StepResponse", "step_response"]

#: One slot in which both lines fire for sure: a vector pair of ones is one pulse.
ONE_PULSE = UpdateParameters(desired_bl=1, update_bl_management=False, update_management=False)
#: Half a cycle at most, unless told otherwise: devices of a hundred thousand states exist.
LONGEST = 1000


@dataclass(frozen=True, eq=False)
class StepResponse:
    """The weights of some devices while pulses come one by one.

    Attributes
    ----------
    cell : Cell
        The device or compound that was measured.
    curves : Curves
        Directions and weights, pulse by pulse.
    """

    cell: Cell
    curves: Curves

    def __repr__(self) -> str:
        pulses, devices = len(self.curves.directions), self.curves.weights.shape[1]
        return f"<step response of {devices} {type(self.cell).__name__}, {pulses} pulses>"


def step_response(
    cell: Cell,
    *,
    pulses: int | None = None,
    cycles: int = 1,
    devices: int = 8,
    start: float = 0.0,
    seed: int = 0,
    stride: int = 1,
) -> StepResponse:
    """Send single pulses up, then as many down, and read the weights after each.

    Parameters
    ----------
    cell : Cell
        A device or compound; a compound's weight is the visible one.
    pulses : int, optional
        Of one direction before it turns: as many as lead from bound to bound when left out, at most 1000.
    cycles : int, optional
        How often up and down.
    devices : int, optional
        How many of them, each drawn anew.
    start : float, optional
        The weight before the first pulse.
    seed : int, optional
        Of all draws.
    stride : int, optional
        Pulses between two readings, given at once by one vector pair; `pulses` counts such readings.

    Returns
    -------
    StepResponse

    Raises
    ------
    ConfigError
        If an argument is of another class, or a number not positive.

    Examples
    --------
    >>> from analog.config import ConstantStepDevice
    >>> quiet = ConstantStepDevice(dw_min_dtod=0, dw_min_std=0, up_down_dtod=0, w_max_dtod=0, w_min_dtod=0)
    >>> response = step_response(quiet, pulses=3, devices=1)
    >>> abs(response.curves.weights[:, 0] - [0, 0.001, 0.002, 0.003, 0.002, 0.001, 0]).max() < 1e-6
    np.True_
    """
    require_instance("cell", cell, Cell)
    count = min(LONGEST, math.ceil(getattr(cell, "num_states", LONGEST))) if pulses is None else pulses
    for name, value in (("pulses", count), ("cycles", cycles), ("devices", devices), ("stride", stride)):
        require_count(name, value)
    update = ONE_PULSE.replace(desired_bl=stride)
    tile = Crossbar((devices, 1), SingleRPUConfig(device=cell, update=update), seed=seed)
    tile.set_weights(np.full((devices, 1), as_number("start", start), np.float32))
    directions = np.tile(np.repeat(np.array([1, -1], np.int8), count), cycles)
    return StepResponse(cell, Curves(directions, _follow(tile, directions, stride)))


def _follow(tile: Crossbar, directions: npt.NDArray[np.int8], stride: int) -> npt.NDArray[np.float32]:
    """The weights before the first vector pair and after each, (pairs + 1, devices)."""
    read: Any = tile.allocator.backend.to_numpy
    weights = np.empty((len(directions) + 1, tile.shape[0]), np.float32)
    weights[0] = read(tile.weights)[:, 0]
    x, d = np.ones((1, 1), np.float32), np.ones((1, tile.shape[0]), np.float32)
    for pulse, direction in enumerate(directions):
        tile.update_(x, -float(direction) * d, lr=stride * tile.granularity)
        weights[pulse + 1] = read(tile.weights)[:, 0]
    return weights
