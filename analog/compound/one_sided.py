"""Two devices per crosspoint that are only ever pulsed upwards: one for increases of the weight, one for decreases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, cast

import numpy as np
from array_api_compat import array_namespace

from analog.cell import Cell, CellState, Site
from analog.cell.vectors import part_of, portions
from analog.compound.compound import PulsedUnitCell
from analog.compound.lines import Reader
from analog.compound.schedule import due, period
from analog.compound.selection import down_as_up, down_only, up_only
from analog.compound.writing import write_values
from analog.devices import PulsedDevice
from analog.errors import ConfigError
from analog.parameters import Count, IOParameters, Range, UpdateParameters
from analog.pulses import make_trains

__all__ = ["OneSidedUnitCell"]

Part = Annotated[float, Range(0, 1)]
DECREASES, INCREASES = range(2)


class OneSidedUnitCell(PulsedUnitCell):
    """Two devices, ``W = g_plus - g_minus``, for devices that go up in small steps and down in large ones (as PCM).

    A pulse that is to increase the weight is an up pulse of `g_plus`, one that is to decrease it an up pulse of
    `g_minus`. Both drift to their upper bound, so from time to time crosspoints are refreshed: where the larger device
    is above one threshold and the smaller one above another, both are reset and their difference is written anew.

    Cell 0 is `g_minus`, cell 1 `g_plus`.

    Parameters
    ----------
    unit_cell_devices : tuple of Cell
        One device, of which there are two copies, drawn apart; of two the first counts.
    construction_seed : int, optional
        When not 0, parameters that differ from crosspoint to crosspoint are drawn with this seed.
    refresh_every : int, optional
        Batches (vector pairs unless `units_in_mbatch`) between two refreshes; 0 for never.
    units_in_mbatch : bool, optional
        Whether `refresh_every` counts batches.
    refresh_upper_thres, refresh_lower_thres : float, optional
        Thresholds of the larger and the smaller device, as parts of `w_max`.
    refresh_forward : IOParameters, optional
        How both are read.
    refresh_update : UpdateParameters, optional
        How the difference is written.
    copy_inverted : bool, optional
        Whether decreases are down pulses of a device whose weight is ``-g_minus``: then both directions of the weight
        follow the two directions of the device.

    Raises
    ------
    ConfigError
        If there is no device, or it is not changed by pulses, or it is to be refreshed and has write noise or no range.
    """

    refresh_every: Count = 0
    units_in_mbatch: bool = True
    refresh_upper_thres: Part = 0.75
    refresh_lower_thres: Part = 0.25
    refresh_forward: IOParameters = IOParameters()
    refresh_update: UpdateParameters = UpdateParameters()
    copy_inverted: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        device = self.unit_cell_devices[0]
        if not isinstance(device, PulsedDevice):
            raise ConfigError(
                f"{type(self).__name__}.unit_cell_devices holds a device that pulses change, not "
                f"{type(device).__name__}"
            )
        bounds = {"w_max": device.w_max} | ({"w_min": device.w_min} if self.copy_inverted else {})
        if self.refresh_every and not all(bounds.values()):
            raise ConfigError(
                f"{type(self).__name__} refreshes devices that are near a bound, and {type(device).__name__} has the "
                f"bounds {bounds}: give one that is not 0, or set refresh_every to 0"
            )
        if self.refresh_every and device.law.write_noise:
            raise ConfigError(
                f"{type(self).__name__} refreshes what devices show, and {type(device).__name__} has write noise: set "
                "write_noise_std or refresh_every to 0"
            )

    @property
    def device(self) -> PulsedDevice:
        """Of both sides."""
        return cast(PulsedDevice, self.unit_cell_devices[0])

    @property
    def parts(self) -> tuple[Cell, ...]:
        """Two copies of the device."""
        return (self.device, self.device)

    @property
    def factors(self) -> tuple[float, ...]:
        """What each device counts."""
        return (1.0, 1.0) if self.copy_inverted else (-1.0, 1.0)

    @property
    def separable(self) -> bool:
        """Whether there is no refresh, which looks at all lines at once."""
        return self.refresh_every == 0

    @property
    def reader(self) -> Reader:
        """What reads columns for a refresh."""
        return Reader(self.refresh_forward)

    def prepare(self, state: CellState, site: Site) -> None:
        """Counters, and the peripheries for refreshes."""
        state.numbers |= {"vectors": 0, "seen": 0, "refreshed": 0}
        if self.refresh_every:
            for side in (DECREASES, INCREASES):
                state.cells[f"reader_{side}"] = self.reader.create(site.child(side))

    def set_weights(self, state: CellState, site: Site, weights: Any) -> None:
        """Positive weights into one device, negative ones into the other."""
        clip = array_namespace(weights).clip
        self.write_part(INCREASES, state, site, clip(weights, 0.0, None))
        self.write_part(DECREASES, state, site, self.factors[DECREASES] * clip(weights, None, 0.0))
        state.numbers["seen"] = 0
        self.refresh(state, site)

    @property
    def counts_batches(self) -> bool:
        """Whether refreshes fall due after batches."""
        return bool(self.refresh_every and self.units_in_mbatch) or super().counts_batches

    def update(self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
        """Pulses go to the one or the other device, with refreshes in between.

        Raises
        ------
        ConfigError
            If `parameters` make no pulses.
        """
        if parameters.pulse_type.is_exact:
            raise ConfigError(
                f"{type(self).__name__} is changed by pulses: pulse_type {parameters.pulse_type.name} has none"
            )
        batch = int(x.shape[0])
        seen = int(state.numbers["seen"])
        every = period(self.refresh_every, batch, in_batches=self.units_in_mbatch)
        first = 0
        for last in due(seen, batch, [every]):
            self._update_some(state, site, part_of(x, first, last), part_of(d, first, last), (lr, parameters))
            self.refresh_devices(state, site)
            first = last
        self._update_some(state, site, part_of(x, first, batch), part_of(d, first, batch), (lr, parameters))
        state.numbers["seen"] = seen + batch

    def _update_some(self, state: CellState, site: Site, x: Any, d: Any, how: tuple[float, UpdateParameters]) -> None:
        lr, parameters = how
        for some in portions(x.shape[0], site.shape):
            step = int(state.numbers["vectors"])
            self.apply(state, site, make_trains(x[some], d[some], lr, self.granularity, parameters, site, step))

    def apply(self, state: CellState, site: Site, pulses: Any) -> None:
        """Go through pulses, each with the device of its direction."""
        state.numbers["vectors"] += pulses.vectors
        decreases = down_only if self.copy_inverted else down_as_up
        for side, halves in ((INCREASES, up_only(site, pulses)), (DECREASES, decreases(site, pulses))):
            cell, inner, place = self.pulsed_part(side, state, site)
            for half in halves:
                cell.apply(inner, place, half)
        self.refresh(state, site)

    def write(
        self,
        state: CellState,
        site: Site,
        counts: Any,
        rows: Sequence[int] | None = None,
        columns: Sequence[int] | None = None,
    ) -> None:
        """These pulses, each at the device of its direction."""
        clip = array_namespace(counts).clip
        cell, inner, place = self.pulsed_part(INCREASES, state, site)
        cell.write(inner, place, clip(counts, 0, None), rows, columns)
        cell, inner, place = self.pulsed_part(DECREASES, state, site)
        cell.write(inner, place, int(self.factors[DECREASES]) * clip(counts, None, 0), rows, columns)
        self.refresh(state, site)

    def refresh_devices(self, state: CellState, site: Site) -> None:
        """Reset pairs of devices that are both far up, and write their differences anew."""
        columns = site.storage.take(np.arange(site.shape[1], dtype=np.int32))
        plus = self._read(INCREASES, state, site, columns)
        minus = -self.factors[DECREASES] * self._read(DECREASES, state, site, columns)
        space = array_namespace(plus)
        most = (-self.device.w_min if self.copy_inverted else self.device.w_max, self.device.w_max)
        shares = minus / most[DECREASES], plus / most[INCREASES]
        both = (space.maximum(*shares) > self.refresh_upper_thres) & (space.minimum(*shares) > self.refresh_lower_thres)
        lines = np.flatnonzero(site.storage.give(space.any(both, axis=1))).astype(np.int32)
        if not len(lines):
            return
        native = site.storage.take(lines.astype(np.int64))
        values = space.where(both, plus - minus, 0.0 * plus)[native]
        halves = self.factors[DECREASES] * space.clip(values, None, 0.0), space.clip(values, 0.0, None)
        step = int(state.numbers["refreshed"])
        state.numbers["refreshed"] = step + len(lines)
        for side, half in enumerate(halves):
            self._reset(side, state, site, both.T)
            write_values(self.part(side, state, site), lines, half, 1.0, self.refresh_update, step)
        self.refresh(state, site)

    def _read(self, side: int, state: CellState, site: Site, columns: Any) -> Any:
        cell, inner, place = self.part(side, state, site)
        return self.reader.read(state.cells[f"reader_{side}"], place, cell.weights(inner, place), columns)

    def _reset(self, side: int, state: CellState, site: Site, chosen: Any) -> None:
        """Reset one device of the crosspoints that are chosen."""
        cell, inner, place = self.part(side, state, site)
        before = cell.weights(inner, place) * 1.0
        cell.reset_columns(inner, place)
        after = cell.weights(inner, place)
        cell.set_weights(inner, place, array_namespace(after).where(chosen, after, before))
