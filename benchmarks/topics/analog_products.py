"""Analog products beside the bare product of matrices that is in them, beside aihwkit where that is installed, and
beside themselves with one thread.

`x` is uniform in ±1, weights are normal and so small that no output exceeds the converter's range.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
from functools import partial
from typing import Any

import numpy as np

from analog import Crossbar
from analog.config import IOParameters, SingleRPUConfig
from benchmarks.case import OURS, Call, Case
from benchmarks.threads import ONE_THREAD, with_one_thread

__all__ = ["CASES"]

GEMM, NORMALS, THEIRS = "numpy product", "numpy normals", "aihwkit"
DROP_AND_READ = {"ir_drop": 1.0, "w_noise": 0.0175, "w_noise_type": "PCM_READ"}


def _arrays(size: int, batch: int) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    weights = (2.0 / np.sqrt(size)) * rng.standard_normal((size, size), np.float32)
    return weights, rng.uniform(-1, 1, (batch, size)).astype(np.float32)


def _ours(size: int, batch: int, options: dict[str, Any], transposed: bool) -> Call:
    weights, x = _arrays(size, batch)
    config = SingleRPUConfig(forward=IOParameters(**options), backward=IOParameters(**options))
    crossbar = Crossbar((size, size), config, seed=1).set_weights(weights)
    return partial(crossbar.mvm_transposed if transposed else crossbar.mvm, x)


def _aihwkit(size: int, batch: int, options: dict[str, Any], transposed: bool) -> Call:
    import torch

    weights, x = (torch.from_numpy(array) for array in _arrays(size, batch))
    kinds = importlib.import_module("aihwkit.simulator.parameters.enums")
    named = {**options, "w_noise_type": kinds.WeightNoiseType[options.get("w_noise_type", "NONE")]}
    io = importlib.import_module("aihwkit.simulator.parameters.io").IOParameters(**named)
    config = importlib.import_module("aihwkit.simulator.configs").SingleRPUConfig(forward=io, backward=io)
    tile = importlib.import_module("aihwkit.simulator.tiles.analog").AnalogTile(size, size, config).tile
    tile.set_weights(weights)
    forward = partial(tile.forward, x, False, False, False, False)
    return partial(tile.backward, x, False, False, False) if transposed else forward


def _contenders(
    size: int, batch: int, options: dict[str, Any], *, transposed: bool = False, peer: bool = False
) -> dict[str, Call]:
    weights, x = _arrays(size, batch)
    out, generator = np.empty((batch, size), np.float32), np.random.default_rng(1)
    calls = {
        OURS: _ours(size, batch, options, transposed),
        GEMM: partial(np.matmul, x, weights if transposed else weights.T, out=out),
        NORMALS: lambda: generator.standard_normal(dtype=np.float32, out=out),
    }
    return calls | ({THEIRS: _aihwkit(size, batch, options, transposed)} if peer else {})


def _threads(size: int, batch: int, *, transposed: bool) -> dict[str, Call]:
    all_threads, alone = (_ours(size, batch, {}, transposed) for _ in range(2))
    return {OURS: all_threads, ONE_THREAD: with_one_thread(alone)}


def _case(name: str, limit: float, parts: tuple[str, ...], *details: Any, **options: Any) -> Case:
    return Case(name, partial(_contenders, *details, **options), limit=limit, parts=parts, check=False)


BESIDE_GEMM = (
    _case("analog product, 512 x 512, batch 64", 2.0, (GEMM, NORMALS), 512, 64, {}),
    _case("analog product, transposed, 512 x 512, batch 64", 2.0, (GEMM, NORMALS), 512, 64, {}, transposed=True),
    _case("analog product, 4096 x 4096, batch 256", 2.0, (GEMM, NORMALS), 4096, 256, {}),
)
BESIDE_AIHWKIT = (
    _case("beside aihwkit, forward", 1 / 2.5, (THEIRS,), 512, 64, {}, peer=True),
    _case("beside aihwkit, backward", 1 / 2.5, (THEIRS,), 512, 64, {}, transposed=True, peer=True),
    _case("beside aihwkit, read noise and voltage drop", 1 / 8, (THEIRS,), 512, 64, DROP_AND_READ, peer=True),
)
#: Sizes and batches.
SCALED = ((512, 64), (1024, 64), (4096, 256))
SCALING = tuple(
    Case(
        f"analog product, {way}, {size} x {size}, batch {batch}, all threads",
        partial(_threads, size, batch, transposed=way == "backward"),
        limit=1 / 1.7,
        check=False,
    )
    for size, batch in SCALED
    for way in ("forward", "backward")
    if (os.cpu_count() or 1) > 1
)
CASES = BESIDE_GEMM + SCALING + (BESIDE_AIHWKIT if importlib.util.find_spec("aihwkit") is not None else ())
