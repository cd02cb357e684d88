"""A cell that keeps books: exact weights within bounds, a counter and a cell inside, so that states have every part."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import numpy as np

from analog.cell import Cell, CellState, Site
from analog.config import RPUConfig
from analog.config.rpu_config import Core
from analog.parameters import IOParameters, NonNegative, UpdateParameters


class Ledger(Cell):
    """Exact updates within plus and minus `bound`."""

    bound: NonNegative = 1.0

    def create(self, site: Site) -> CellState:
        inner = CellState({"trace": site.storage.zeros((0, 3), np.uint8)}, {"pulses": 0.5})
        return CellState({"weights": site.storage.zeros(site.shape)}, {"updates": 0}, {"inner": inner})

    def weights(self, state: CellState, site: Site) -> Any:
        return state.arrays["weights"]

    def set_weights(self, state: CellState, site: Site, weights: Any) -> None:
        state.arrays["weights"][...] = np.clip(weights, -self.bound, self.bound)

    def update(self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
        self.set_weights(state, site, self.weights(state, site) - np.float32(lr) * d.T @ x)
        state.numbers["updates"] += len(x)

    @property
    def granularity(self) -> float:
        return 0.5

    def hidden(self, state: CellState, site: Site) -> MutableMapping[str, Any]:
        return state.arrays

    def decay_weights(self, state: CellState, site: Site, alpha: float = 1.0) -> None:
        state.arrays["weights"] *= np.float32(1 - 0.1 * alpha)


class Exact(RPUConfig):
    """Perfect products around any cell."""

    device: Cell = Ledger()
    forward: IOParameters = IOParameters(is_perfect=True)

    def core(self) -> Core:
        return Core(self.device, self.forward, self.forward, UpdateParameters())
