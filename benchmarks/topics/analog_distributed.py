"""Grids of crossbars on worker processes of one thread each: two beside one, and what calling them costs."""

from __future__ import annotations

import atexit
from functools import lru_cache, partial
from typing import Any

import numpy as np

from analog.config import ConstantStepDevice, MappingParameter, SingleRPUConfig
from analog.distributed import DistributedGrid
from analog.grid import CrossbarGrid
from benchmarks.case import OURS, Call, Case
from tensorlayer.runtime import Runtime

__all__ = ["CASES"]

ONE, HERE = "one worker", "in this process"
SIDE = 4


@lru_cache(maxsize=1)
def _workers() -> Runtime:
    runtime = Runtime.local(processes=2)
    atexit.register(runtime.close)
    return runtime


def _config(size: int) -> SingleRPUConfig:
    mapping = MappingParameter(max_input_size=size, max_output_size=size)
    return SingleRPUConfig(device=ConstantStepDevice(), mapping=mapping)


def _call(grid: Any, size: int, batch: int, update: bool) -> Call:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (batch, SIDE * size)).astype(np.float32)
    return partial(grid.update_, x, 0.01 * x, 0.01) if update else partial(grid.mvm, x)


def _two_beside_one(size: int, batch: int, update: bool) -> dict[str, Call]:
    one = {(row, column): 0 for row in range(SIDE) for column in range(SIDE)}
    placements = {OURS: None, ONE: one}
    shape = (SIDE * size, SIDE * size)
    return {
        name: _call(
            DistributedGrid(shape, _config(size), seed=1, client=_workers(), placement=placement), size, batch, update
        )
        for name, placement in placements.items()
    }


def _beside_here(size: int, batch: int, update: bool) -> dict[str, Call]:
    shape = (SIDE * size, SIDE * size)
    return {
        OURS: _call(DistributedGrid(shape, _config(size), seed=1, client=_workers()), size, batch, update),
        HERE: _call(CrossbarGrid(shape, _config(size), seed=1), size, batch, update),
    }


CASES = tuple(
    case
    for name, update in (("forward", False), ("update", True))
    for case in (
        Case(
            f"16 crossbars of 512 x 512, batch 256, {name}, two workers",
            partial(_two_beside_one, 512, 256, update),
            limit=1 / 1.7,
            parts=(ONE,),
            check=False,
        ),
        Case(
            f"16 crossbars of 8 x 8, {name}, cost of calling two workers",
            partial(_beside_here, 8, 1, update),
            limit=1.0,
            parts=(HERE,),
            allowance=5e-3,
            check=False,
        ),
    )
)
