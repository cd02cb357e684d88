"""Devices of these tests: laws, parameters, places and states."""

from __future__ import annotations

import numpy as np

from analog.cell import CellState, Site, Storage
from analog.parameters import Parameters
from analog.pulses import Law
from analog.random import RandomKey
from tensorlayer.backend import get_backend

STEP = 0.01


class Device(Parameters):
    dw_min_std: float = 0.3
    curve: tuple[float, ...] = (1.0, 0.5, 0.25)


def constant(w, direction, dwmin_up, dwmin_down, dw_min_std, normal):
    size = dwmin_up if direction > 0 else dwmin_down
    return w + direction * size * (np.float32(1) + dw_min_std * normal)


def soft(w, direction, dwmin_up, dwmin_down, max_bound, min_bound, dw_min_std, normal):
    up = dwmin_up * (np.float32(1) - w / max_bound)
    down = dwmin_down * (np.float32(1) - w / min_bound)
    return w + direction * (up if direction > 0 else down) * (np.float32(1) + dw_min_std * normal)


def twice_noisy(w, direction, dwmin_up, dw_min_std, normal2, normal):
    return w + direction * dwmin_up * (np.float32(1) - w * w) + dw_min_std * dwmin_up * (normal - w * normal2)


def table(w, direction, dwmin_up, curve):
    return w + direction * dwmin_up * (curve[0] if w < np.float32(0) else curve[1])


STEPS = {"constant": constant, "soft": soft, "twice_noisy": twice_noisy, "table": table}


def law(name: str, *, noise: float = 0.3, additive: bool = False, write_noise: float = 0.0) -> Law:
    return Law(STEPS[name], Device(dw_min_std=noise), additive, noise > 0, write_noise)


def site(shape: tuple[int, int], seed: int = 1) -> Site:
    return Site(shape, Storage(get_backend("numpy").allocator()), RandomKey(seed, 5))


def state(shape: tuple[int, int], bound: float = 0.6, weight: float = 0.0, spread: float = 0.2) -> CellState:
    """Devices that differ by `spread`, between plus and minus about `bound`."""
    random = np.random.default_rng(3)

    def around(mean: float) -> np.ndarray:
        return (mean * (1 + spread * random.uniform(-1, 1, shape))).astype(np.float32)

    arrays = {name: around(STEP) for name in ("dwmin_up", "dwmin_down")}
    arrays |= {"max_bound": around(bound), "min_bound": -around(bound)}
    return CellState(arrays | {"weights": np.full(shape, weight, np.float32)})


def vectors(batch: int, shape: tuple[int, int], seed: int = 11) -> tuple[np.ndarray, np.ndarray]:
    """`x` of up to 1 and `d` of about 0.1, some of them zero."""
    random = np.random.default_rng(seed)
    x, d = random.uniform(-1, 1, (batch, shape[1])), 0.1 * random.standard_normal((batch, shape[0]))
    x[random.random(x.shape) < 0.1] = 0
    d[random.random(d.shape) < 0.1] = 0
    return x.astype(np.float32), d.astype(np.float32)
