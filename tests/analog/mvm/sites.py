"""Arrays with a periphery, in the memory of this process."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.cell import CellState, Site, Storage
from analog.kernels import Kernel, Target
from analog.mvm import Periphery
from analog.parameters import IOParameters
from analog.random import RandomKey
from tensorlayer.backend import get_backend


class Plain(Target):
    """Runs bodies as the Python they are: for many combinations of stages, which would all have to be compiled."""

    name = "plain"

    def launch(self, kernel: Kernel, rows: int, columns: int, *arguments: Any, each: int = 1) -> None:
        del each
        with np.errstate(over="ignore"):
            for row in range(rows):
                kernel.body(row, 0, columns, *arguments)


def site(shape: tuple[int, ...], seed: int = 1, tile: int = 0) -> Site:
    outputs, inputs = shape
    return Site((outputs, inputs), Storage(get_backend("numpy").allocator()), RandomKey(seed, tile))


def product(
    io: IOParameters, weights: np.ndarray, x: np.ndarray, *, transposed: bool = False, seed: int = 1
) -> np.ndarray:
    """One batch through a new periphery."""
    return np.asarray(product_and_state(io, weights, x, transposed=transposed, seed=seed)[0])


def product_and_state(
    io: IOParameters, weights: np.ndarray, x: np.ndarray, *, transposed: bool = False, seed: int = 1
) -> tuple[np.ndarray, CellState]:
    place, periphery = site(weights.shape, seed), Periphery(io, transposed=transposed)
    state = periphery.create(place)
    return periphery.product(state, place, weights.astype(np.float32), x.astype(np.float32)), state
