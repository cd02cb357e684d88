"""Places for devices."""

from __future__ import annotations

import numpy as np

from analog.cell import CellState, Site, Storage
from analog.devices import Device
from analog.random import RandomKey
from tensorlayer.backend import get_backend


def site(shape: tuple[int, int] = (1, 1), seed: int = 1, tile: int = 0) -> Site:
    return Site(shape, Storage(get_backend("numpy").allocator()), RandomKey(seed, tile))


def made(device: Device, shape: tuple[int, int] = (1, 1), seed: int = 1, weight: float = 0.0) -> tuple[CellState, Site]:
    """The state of a new device whose weights are all `weight`, and its place."""
    place = site(shape, seed)
    state = device.create(place)
    device.set_weights(state, place, np.full(shape, weight, np.float32))
    return state, place


#: Fields of a device without spread and noise.
QUIET = {"w_max_dtod": 0.0, "w_min_dtod": 0.0, "dw_min_dtod": 0.0, "dw_min_std": 0.0, "up_down_dtod": 0.0}
