"""Pulsed updates of a 512 x 512 crossbar, batch 64, beside aihwkit 1.2 where that is installed, and threads.

`x` is uniform in ±1, `d` is 0.01 times normal, of either sign in turns so that weights stay where they are; lr is 0.1.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np

from analog import Crossbar
from analog.config import SingleRPUConfig
from benchmarks.case import OURS, Call, Case
from benchmarks.threads import ONE_THREAD, with_one_thread

__all__ = ["CASES"]

SIZE, BATCH = 512, 64
#: Our time over that of aihwkit, at most.
GOALS = {
    "ConstantStepDevice": 1 / 40,
    "SoftBoundsDevice": 1 / 10,
    "LinearStepDevice": 1 / 10,
    "ExpStepDevice": 1 / 10,
    "PowStepDevice": 1 / 10,
}


def _vectors() -> tuple[Any, Any, Any]:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (BATCH, SIZE)).astype(np.float32)
    d = 0.01 * rng.standard_normal((BATCH, SIZE), np.float32)
    return x, d, rng.uniform(-0.1, 0.1, (SIZE, SIZE)).astype(np.float32)


def _ours(device: str) -> Call:
    x, d, weights = _vectors()
    crossbar = Crossbar((SIZE, SIZE), SingleRPUConfig(device=_device("analog.config", device)), seed=1)
    crossbar.set_weights(weights)
    turns = cycle((d, -d))
    return lambda: crossbar.update_(x, next(turns), lr=0.1)


def _device(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)()


def _aihwkit(device: str) -> Call:
    import torch

    x, d, weights = (torch.from_numpy(array) for array in _vectors())
    config = importlib.import_module("aihwkit.simulator.configs").SingleRPUConfig(
        device=_device("aihwkit.simulator.configs.devices", device)
    )
    tile = importlib.import_module("aihwkit.simulator.tiles.analog").AnalogTile(SIZE, SIZE, config)
    tile.set_weights(weights)
    tile.set_learning_rate(0.1)
    turns = cycle((d, -d))
    return lambda: tile.tile.update(x, next(turns), False)


def _contenders(device: str) -> dict[str, Call]:
    return {OURS: _ours(device), "aihwkit": _aihwkit(device)}


def _threads(device: str) -> dict[str, Call]:
    return {OURS: _ours(device), ONE_THREAD: with_one_thread(_ours(device))}


AGAINST_AIHWKIT = tuple(
    Case(f"update, {device}", partial(_contenders, device), limit=limit, check=False)
    for device, limit in GOALS.items()
    if importlib.util.find_spec("aihwkit") is not None
)

SCALING = tuple(
    Case(f"update, {device}, all threads", partial(_threads, device), limit=1 / 1.7, check=False)
    for device in ("ConstantStepDevice", "SoftBoundsDevice")
    if (os.cpu_count() or 1) > 1
)
CASES = AGAINST_AIHWKIT + SCALING
