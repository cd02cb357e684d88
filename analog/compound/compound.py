"""Cells made of cells."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, MutableMapping
from dataclasses import replace
from typing import Any, cast

import numpy as np

from analog.cell import Cell, CellState, PulsedCell, Site
from analog.compound.hidden import HiddenArrays, HiddenCell
from analog.compound.visible import weighted_sum
from analog.devices.pulsed import Seed
from analog.errors import ConfigError
from analog.random import Stream, uniforms

__all__ = ["Compound", "PulsedUnitCell", "UnitCell"]

#: New crossbars have weights between minus this and this.
INITIAL_WEIGHT = 0.1
#: As many cells as one cell can address, but for two places that a crossbar uses itself.
MOST_CELLS = 14


class Compound(Cell):
    """Several cells at every crosspoint, whose weighted sum is the weight.

    The state holds the states of the cells under their numbers, and the sum as ``"weights"``, unless only the last
    cell is visible: then its weights are those of the compound, without a copy.
    """

    @property
    @abstractmethod
    def parts(self) -> tuple[Cell, ...]:
        """The cells, in the order of their numbers."""

    @property
    def seed(self) -> int:
        """What takes the place of the experiment's seed for what is drawn once; 0 for nothing."""
        return 0

    @property
    @abstractmethod
    def factors(self) -> tuple[float, ...]:
        """What the weight of each cell counts in the visible weight."""

    @property
    def fully_hidden(self) -> bool:
        """Whether only the last cell is visible, as it is."""
        *others, last = self.factors
        return last == 1 and not any(others)

    @property
    def counts_batches(self) -> bool:
        """Whether one of the cells does."""
        return any(part.counts_batches for part in self.parts)

    def place(self, number: int, site: Site) -> Site:
        """Where the cell with that number is."""
        return site.child(number)

    def part(self, number: int, state: CellState, site: Site) -> tuple[Cell, CellState, Site]:
        """The cell with that number, its state and its place."""
        return self.parts[number], state.cells[str(number)], self.place(number, site)

    def create(self, site: Site) -> CellState:
        """A new state, with weights that are uniform between -0.1 and 0.1, as far as the cells can hold them."""
        made = replace(site, key=replace(site.key, seed=self.seed)) if self.seed else site
        cells = {str(number): cell.create(self.place(number, made)) for number, cell in enumerate(self.parts)}
        state = CellState(cells=cells)
        for number in range(len(self.parts)):
            self.write_part(number, state, site, site.storage.zeros(self.place(number, site).shape))
        if not self.fully_hidden:
            state.arrays["weights"] = site.storage.zeros(site.shape)
        self.prepare(state, site)
        initial = uniforms(site.storage, site.key, Stream.INITIAL_WEIGHTS, 0, site.shape)
        self.set_weights(state, site, INITIAL_WEIGHT * (2.0 * initial - 1.0))
        return state

    def prepare(self, state: CellState, site: Site) -> None:
        """Add to a new state what the rule needs beside the cells."""

    def weights(self, state: CellState, site: Site) -> Any:
        """The visible weights; not a copy."""
        if self.fully_hidden:
            cell, inner, place = self.part(len(self.parts) - 1, state, site)
            return cell.weights(inner, place)
        return state.arrays["weights"]

    def write_part(self, number: int, state: CellState, site: Site, weights: Any) -> None:
        """Write the weights of one cell; the visible weights stay as they are."""
        cell, inner, place = self.part(number, state, site)
        cell.set_weights(inner, place, weights)

    def part_weights(self, number: int, state: CellState, site: Site) -> Any:
        """The weights of one cell; not a copy."""
        cell, inner, place = self.part(number, state, site)
        return cell.weights(inner, place)

    def refresh(self, state: CellState, site: Site) -> None:
        """Derive the visible weights from those of the cells."""
        if not self.fully_hidden:
            parts = [self.part_weights(k, state, site) for k in range(len(self.parts))]
            weighted_sum(site.target, state.arrays["weights"], parts, [np.float32(f) for f in self.factors])

    @property
    def granularity(self) -> float:
        """The mean of the cells'."""
        return sum(cell.granularity for cell in self.parts) / len(self.parts)

    def hidden(self, state: CellState, site: Site) -> MutableMapping[str, Any]:
        """The hidden arrays of cell `k` with the suffix ``_k``, its weights as ``hidden_weights_k``, and buffers."""
        parts = {f"_{number}": self._hidden_part(number, state, site) for number in range(len(self.parts))}
        return HiddenArrays(parts, self.own_arrays(state), lambda: self.refresh(state, site))

    def own_arrays(self, state: CellState) -> dict[str, Any]:
        """Arrays of the rule that are hidden arrays of the compound, (outputs, inputs)."""
        del state
        return {}

    def _hidden_part(self, number: int, state: CellState, site: Site) -> HiddenCell:
        cell, inner, place = self.part(number, state, site)
        return HiddenCell(
            cell.hidden(inner, place),
            lambda: cell.weights(inner, place),
            lambda weights: cell.set_weights(inner, place, weights),
        )

    def decay_weights(self, state: CellState, site: Site, alpha: float = 1.0) -> None:
        """Let the weights of every cell leak as if `alpha` updates had passed."""
        self._each(state, site, lambda cell, *where: cell.decay_weights(*where, alpha))

    def diffuse_weights(self, state: CellState, site: Site) -> None:
        """One step of random diffusion of every cell."""
        self._each(state, site, lambda cell, *where: cell.diffuse_weights(*where))

    def reset_columns(
        self, state: CellState, site: Site, first: int = 0, count: int | None = None, probability: float = 1.0
    ) -> None:
        """Reset devices of `count` columns from `first` on, in every cell."""
        self._each(state, site, lambda cell, *where: cell.reset_columns(*where, first, count, probability))

    def drift_weights(self, state: CellState, site: Site, duration: float) -> None:
        """Conductance drift over `duration` seconds, in every cell."""
        self._each(state, site, lambda cell, *where: cell.drift_weights(*where, duration))

    def clip_weights(self, state: CellState, site: Site) -> None:
        """Bring the weights of every cell back to what it can hold."""
        self._each(state, site, lambda cell, *where: cell.clip_weights(*where))

    def post_update(self, state: CellState, site: Site) -> None:
        """What happens to every cell once per step of an optimizer."""
        self._each(state, site, lambda cell, *where: cell.post_update(*where))

    def _each(self, state: CellState, site: Site, transition: Callable[..., None]) -> None:
        for number in range(len(self.parts)):
            transition(*self.part(number, state, site))
        self.refresh(state, site)


class UnitCell(Compound):
    """A compound of cells that the user lists.

    Parameters
    ----------
    unit_cell_devices : tuple of Cell
        The cells, devices or compounds, at most 14.
    construction_seed : int, optional
        When not 0, parameters that differ from crosspoint to crosspoint are drawn with this seed, not with the
        experiment's, in all cells inside that have no seed of their own.

    Raises
    ------
    ConfigError
        If there are no cells, or too many.
    """

    unit_cell_devices: tuple[Cell, ...] = ()
    construction_seed: Seed = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.unit_cell_devices) <= MOST_CELLS:
            raise ConfigError(
                f"{type(self).__name__}.unit_cell_devices holds 1 to {MOST_CELLS} cells, not "
                f"{len(self.unit_cell_devices)}"
            )

    @property
    def parts(self) -> tuple[Cell, ...]:
        """The cells, in the order of their numbers."""
        return self.unit_cell_devices

    @property
    def seed(self) -> int:
        """What takes the place of the experiment's seed for what is drawn once; 0 for nothing."""
        return self.construction_seed


class PulsedUnitCell(UnitCell, PulsedCell):
    """A compound whose cells are all changed by pulses, and which is so itself."""

    def pulsed_part(self, number: int, state: CellState, site: Site) -> tuple[PulsedCell, CellState, Site]:
        """As `part`."""
        return cast(tuple[PulsedCell, CellState, Site], self.part(number, state, site))
