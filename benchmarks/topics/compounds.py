"""Updates of Tiki-Taka's family, 512 x 512, batch 64, beside aihwkit 1.2 where that is installed: EcRam presets."""

from __future__ import annotations

import importlib
import importlib.util
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np

from analog import Crossbar
from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]

SIZE, BATCH, RATE = 512, 64, 0.1
#: Our time over that of aihwkit, at most.
GOALS = {
    "TikiTakaEcRamPreset": 1 / 10,
    "TTv2EcRamPreset": 1 / 10,
    "AGADEcRamPreset": 1 / 10,
    "ChoppedTTv2EcRamPreset": 1 / 30,
}


def _vectors() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (BATCH, SIZE)).astype(np.float32)
    return x, 0.01 * rng.standard_normal((BATCH, SIZE), np.float32)


def _preset(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)()


def _ours(preset: str) -> Call:
    x, d = _vectors()
    crossbar = Crossbar((SIZE, SIZE), _preset("analog.presets", preset), seed=1)
    turns = cycle((d, -d))
    return lambda: crossbar.update_(x, next(turns), lr=RATE)


def _aihwkit(preset: str) -> Call:
    import torch

    x, d = (torch.from_numpy(array) for array in _vectors())
    config = _preset("aihwkit.simulator.presets", preset)
    tile = importlib.import_module("aihwkit.simulator.tiles.analog").AnalogTile(SIZE, SIZE, config)
    tile.set_learning_rate(RATE)
    turns = cycle((d, -d))
    return lambda: tile.tile.update(x, next(turns), False)


def _contenders(preset: str) -> dict[str, Call]:
    return {OURS: _ours(preset), "aihwkit": _aihwkit(preset)}


CASES = tuple(
    Case(f"update, {preset}", partial(_contenders, preset), limit=limit, check=False)
    for preset, limit in GOALS.items()
    if importlib.util.find_spec("aihwkit") is not None
)
