"""Grids that several tests share: 3 x 3 crossbars, all of different extents."""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path

import numpy as np

from analog.config import (
    ConstantStepDevice,
    MappingParameter,
    SingleRPUConfig,
    TransferCompound,
    UnitCellRPUConfig,
)
from analog.distributed import DistributedGrid
from analog.grid import CrossbarGrid

SHAPE, SEED = (10, 13), 3
PLACES = tuple(itertools.product(range(3), range(3)))
MAPPING = MappingParameter(max_input_size=5, max_output_size=4)
SINGLE = SingleRPUConfig(device=ConstantStepDevice(), mapping=MAPPING)
TRANSFER = UnitCellRPUConfig(
    device=TransferCompound((ConstantStepDevice(), ConstantStepDevice()), transfer_every=2.0), mapping=MAPPING
)
RNG = np.random.default_rng(0)
X, D = RNG.normal(size=(6, 13)).astype(np.float32), RNG.normal(size=(6, 10)).astype(np.float32)


def train(grid: CrossbarGrid | DistributedGrid, steps: range) -> bytes:
    """Forward, backward and update, several times; everything that came out."""
    results = []
    for step in steps:
        y = grid.mvm(X * (step + 1))
        g = grid.mvm_transposed(D - 0.1 * y)
        grid.update_(X, D - 0.1 * y, 0.1)
        results += [y.tobytes(), g.tobytes()]
    return b"".join([*results, grid.weights.tobytes()])


def same_states(grid: DistributedGrid, local: CrossbarGrid) -> bool:
    """Whether all crossbars have the same bits, counters and hidden parameters included."""
    mine = grid.crossbars
    return all(mine[place].state == tile.state for place, tile in local.crossbars.items())


def die_in(owner: type, method: str, calls: int, flag: Path) -> None:
    """Run in a worker: the process kills itself in the call of that number of a method, once for all workers."""
    usual, counter = getattr(owner, method), itertools.count(1)

    def deadly(*arguments: object, **options: object) -> object:
        if next(counter) == calls and not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return usual(*arguments, **options)

    setattr(owner, method, deadly)
