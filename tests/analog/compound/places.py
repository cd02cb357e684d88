"""Places, vector pairs, and the devices of oracles."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.cell import CellState, Site, Storage
from analog.compound import Compound
from analog.devices import ConstantStepDevice, SoftBoundsDevice
from analog.parameters import UpdateParameters
from analog.parameters.io import IOParameters
from analog.random import RandomKey
from tensorlayer.backend import get_backend
from tests.analog.compound.oracle import Device

PERFECT = IOParameters(is_perfect=True)
#: As many pulses as the vectors say, rounded.
CERTAIN = UpdateParameters(pulse_type="DETERMINISTIC_IMPLICIT")
#: Devices that differ from crosspoint to crosspoint, without noise.
CONSTANT = ConstantStepDevice(dw_min=0.002, dw_min_std=0.0)
SOFT = SoftBoundsDevice(dw_min=0.003, dw_min_std=0.0, up_down=0.1)
FINE = SoftBoundsDevice(dw_min=0.0011, dw_min_std=0.0)


def site(shape: tuple[int, int], seed: int = 1) -> Site:
    return Site(shape, Storage(get_backend("numpy").allocator()), RandomKey(seed))


def vectors(shape: tuple[int, int], batch: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = random.uniform(-1, 1, (batch, shape[1])).astype(np.float32)
    return x, (0.3 * random.normal(size=(batch, shape[0]))).astype(np.float32)


def hidden(cell: Compound, state: CellState, place: Site) -> dict[str, np.ndarray]:
    return {name: np.array(value, np.float64) for name, value in cell.hidden(state, place).items()}


def devices(cell: Compound, state: CellState, place: Site) -> list[Device]:
    """The devices inside, as they are now."""
    arrays = hidden(cell, state, place)
    return [device_of(part, arrays, f"_{number}") for number, part in enumerate(cell.parts)]


def device_of(part: Any, arrays: dict[str, np.ndarray], suffix: str) -> Device:
    w, most, least, up, down = (
        arrays[name + suffix] for name in ("hidden_weights", "max_bound", "min_bound", "dwmin_up", "dwmin_down")
    )
    if isinstance(part, ConstantStepDevice):
        return Device(w, lambda w: up, lambda w: down, least, most, part.granularity)
    return Device(w, lambda w: up * (1 - w / most), lambda w: down * (1 - w / least), least, most, part.granularity)
