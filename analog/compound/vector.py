"""Several devices per crosspoint."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analog.cell import CellState, PulsedCell, Site
from analog.compound.compound import PulsedUnitCell
from analog.compound.policy import VectorUnitCellUpdatePolicy, chosen
from analog.compound.selection import of_vectors
from analog.errors import ConfigError
from analog.parameters import Count, UpdateParameters
from analog.pulses import make_trains

__all__ = ["ReferenceUnitCell", "VectorUnitCell"]


class VectorUnitCell(PulsedUnitCell):
    """Devices side by side; the weight is their weighted sum.

    The learning rate is not compensated: with `n` devices, one of which is updated at a time, and equal factors, the
    weight changes by a share 1/n.

    Parameters
    ----------
    unit_cell_devices : tuple of Cell
        The devices; such that are changed by pulses.
    construction_seed : int, optional
        When not 0, parameters that differ from crosspoint to crosspoint are drawn with this seed.
    update_policy : VectorUnitCellUpdatePolicy, optional
        Which devices a vector pair updates.
    first_update_idx : int, optional
        The device that is updated, or was updated last, at the beginning.
    gamma_vec : tuple of float, optional
        Factors of the devices; all 1/n when left out.

    Raises
    ------
    ConfigError
        If there are no devices, or too many, or the numbers of devices and factors differ.

    Examples
    --------
    >>> from analog.devices import ConstantStepDevice
    >>> VectorUnitCell(unit_cell_devices=(ConstantStepDevice(),) * 2).factors
    (0.5, 0.5)
    """

    update_policy: VectorUnitCellUpdatePolicy = VectorUnitCellUpdatePolicy.ALL
    first_update_idx: Count = 0
    gamma_vec: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        devices = len(self.parts)
        if len(self.gamma_vec) not in (0, devices):
            raise ConfigError(
                f"{type(self).__name__}.gamma_vec has {len(self.gamma_vec)} factors for {devices} devices: "
                "give one per device, or none"
            )
        if self.first_update_idx >= devices:
            raise ConfigError(
                f"{type(self).__name__}.first_update_idx is {self.first_update_idx}; "
                f"there are devices 0 to {devices - 1}"
            )
        for cell in self.parts:
            if not isinstance(cell, PulsedCell):
                raise ConfigError(
                    f"{type(self).__name__} holds cells that pulses change; {type(cell).__name__} is changed otherwise"
                )

    @property
    def factors(self) -> tuple[float, ...]:
        """What each device counts."""
        return self.gamma_vec or (1 / len(self.parts),) * len(self.parts)

    @property
    def separable(self) -> bool:
        """Whether the same devices see every vector pair."""
        fixed = (VectorUnitCellUpdatePolicy.ALL, VectorUnitCellUpdatePolicy.SINGLE_FIXED)
        return self.update_policy in fixed and all(isinstance(k, PulsedCell) and k.separable for k in self.parts)

    @property
    def counts_batches(self) -> bool:
        """Never: pulses go to the devices, whatever these do after batches of their own."""
        return False

    def prepare(self, state: CellState, site: Site) -> None:
        """The device that is updated, and the counter of vector pairs."""
        del site
        state.numbers |= {"device": self.first_update_idx, "vectors": 0}

    def select(self, state: CellState, device: int) -> None:
        """Choose the device that SINGLE_FIXED updates and `set_weights` writes (the field's hidden update index).

        Raises
        ------
        ConfigError
            If there is no such device.
        """
        if not 0 <= device < len(self.parts):
            raise ConfigError(f"there are devices 0 to {len(self.parts) - 1}, no device {device}")
        state.numbers["device"] = device

    def set_weights(self, state: CellState, site: Site, weights: Any) -> None:
        """Write the same weights into all devices; with SINGLE_FIXED into the chosen one only."""
        fixed = self.update_policy is VectorUnitCellUpdatePolicy.SINGLE_FIXED
        for number in [int(state.numbers["device"])] if fixed else range(len(self.parts)):
            self.write_part(number, state, site, weights)
        self.refresh(state, site)

    def update(self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
        """Pulses, made once, go to the devices that the policy chooses."""
        if parameters.pulse_type.is_exact:
            self._update_each(state, site, x, d, lr, parameters)
            return
        step = int(state.numbers["vectors"])
        self.apply(state, site, make_trains(x, d, lr, self.granularity, parameters, site, step))

    def apply(self, state: CellState, site: Site, pulses: Any) -> None:
        """Go through pulses with the devices that the policy chooses."""
        for number, kept in self._shares(state, site, pulses.vectors):
            cell, inner, place = self.pulsed_part(number, state, site)
            cell.apply(inner, place, pulses if kept.all() else of_vectors(site, pulses, kept))
        self.refresh(state, site)

    def write(
        self,
        state: CellState,
        site: Site,
        counts: Any,
        rows: Sequence[int] | None = None,
        columns: Sequence[int] | None = None,
    ) -> None:
        """These pulses go to the devices that the policy chooses, as if they came from one vector pair."""
        for number, _ in self._shares(state, site, 1):
            cell, inner, place = self.pulsed_part(number, state, site)
            cell.write(inner, place, counts, rows, columns)
        self.refresh(state, site)

    def _update_each(
        self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters
    ) -> None:
        for number, kept in self._shares(state, site, x.shape[0]):
            cell, inner, place = self.part(number, state, site)
            vectors = site.storage.take(np.flatnonzero(kept))
            cell.update(inner, place, x[vectors], d[vectors], lr, parameters)
        self.refresh(state, site)

    def _shares(self, state: CellState, site: Site, batch: int) -> list[tuple[int, NDArray[np.bool_]]]:
        """The devices that the next vector pairs update, with their vector pairs; counts the pairs."""
        numbers, devices = state.numbers, range(len(self.parts))
        step = int(numbers["vectors"])
        numbers["vectors"] = step + batch
        if self.update_policy is VectorUnitCellUpdatePolicy.ALL:
            return [(number, np.ones(batch, bool)) for number in devices]
        picked = chosen(self.update_policy, len(self.parts), int(numbers["device"]), batch, site.key, step)
        numbers["device"] = int(picked[-1]) if batch else numbers["device"]
        return [(number, picked == number) for number in devices if (picked == number).any()]


class ReferenceUnitCell(VectorUnitCell):
    """A device and a reference, whose weight is subtracted; only the device is updated.

    `select` with 1 turns to the reference, so that `set_weights` programs it.

    Parameters
    ----------
    unit_cell_devices : tuple of Cell
        The device and its reference; one alone stands for both.
    construction_seed : int, optional
        When not 0, parameters that differ from crosspoint to crosspoint are drawn with this seed.
    update_policy, first_update_idx, gamma_vec
        As of `VectorUnitCell`.
    """

    update_policy: VectorUnitCellUpdatePolicy = VectorUnitCellUpdatePolicy.SINGLE_FIXED
    gamma_vec: tuple[float, ...] = (1.0, -1.0)

    def __post_init__(self) -> None:
        if len(self.unit_cell_devices) == 1:
            object.__setattr__(self, "unit_cell_devices", self.unit_cell_devices * 2)
        if len(self.unit_cell_devices) != 2:
            raise ConfigError(
                f"{type(self).__name__}.unit_cell_devices holds a device and its reference, not "
                f"{len(self.unit_cell_devices)} cells"
            )
        super().__post_init__()
