"""What pulses do, by the weight they find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analog.cell import Cell
from analog.lab.arguments import require_count
from analog.lab.curves import Curves
from analog.lab.response import step_response

__all__ = ["PulseStatistics", "pulse_statistics", "statistics_of"]

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PulseStatistics:
    """Mean and spread of single steps in bins of the weight; the first axis is up, down. NaN where no pulse fell.

    Pulses that a bound cut short are no steps (see `Curves.free`).

    Attributes
    ----------
    edges : array, (bins + 1,)
        Of the bins.
    counts : array of int, (2, bins)
        Pulses.
    mean : array, (2, bins)
        Of the steps, with their sign.
    cycle_to_cycle : array, (2, bins)
        Standard deviation of the steps of one device, over pulses.
    device_to_device : array, (2, bins)
        Standard deviation of the devices' mean steps; NaN with one device. It contains the error of the means,
        ``cycle_to_cycle / sqrt(pulses per device)``.
    """

    edges: Array
    counts: npt.NDArray[np.int64]
    mean: Array
    cycle_to_cycle: Array
    device_to_device: Array

    @property
    def centers(self) -> Array:
        """Middles of the bins."""
        middles: Array = (self.edges[1:] + self.edges[:-1]) / 2
        return middles

    @property
    def symmetry_point(self) -> float:
        """The weight where up and down steps are equally large, on the straight line through the bins' sums of both.

        NaN if it is outside the bins, or if that sum does not depend on the weight beyond its standard error.
        """
        known = (self.counts > 1).all(axis=0) & np.isfinite(self.cycle_to_cycle).all(axis=0)
        if known.sum() < 3:
            return float("nan")
        net, centers = self.mean.sum(axis=0)[known], self.centers[known]
        error = np.sqrt((self.cycle_to_cycle**2 / np.maximum(self.counts, 1)).sum(axis=0)[known])
        (slope, offset), covariance = np.polyfit(centers, net, 1, w=1 / np.maximum(error, 1e-12), cov="unscaled")
        point = -offset / slope
        is_clear = abs(slope) > 3 * np.sqrt(covariance[0, 0]) and self.edges[0] < point < self.edges[-1]
        return float(point) if is_clear else float("nan")

    def __repr__(self) -> str:
        pulses, bins = int(self.counts.sum()), self.counts.shape[1]
        return f"<statistics of {pulses} pulses in {bins} bins, symmetry point {self.symmetry_point:.3g}>"


def pulse_statistics(
    cell: Cell, *, bins: int = 20, pulses: int | None = None, cycles: int = 2, devices: int = 64, seed: int = 0
) -> PulseStatistics:
    """Measure single steps of devices that go up and down between their bounds.

    Parameters
    ----------
    cell : Cell
        A device or compound.
    bins : int, optional
        Of equal width, over the weights that occur.
    pulses, cycles, devices, seed : int, optional
        As for `step_response`.

    Returns
    -------
    PulseStatistics

    Raises
    ------
    ConfigError
        If an argument is of another class, or a number not positive.

    Examples
    --------
    >>> from analog.config import SoftBoundsDevice
    >>> pulse_statistics(SoftBoundsDevice(dw_min=0.01), devices=16)
    <statistics of 7680 pulses in 20 bins, symmetry point ...>
    """
    require_count("bins", bins)
    response = step_response(cell, pulses=pulses, cycles=cycles, devices=devices, seed=seed)
    return statistics_of(response.curves, bins)


def statistics_of(curves: Curves, bins: int = 20) -> PulseStatistics:
    """The statistics of measured curves.

    Parameters
    ----------
    curves : Curves
        Of devices that all got the same pulses.
    bins : int, optional
        Of equal width, over the weights that occur.

    Returns
    -------
    PulseStatistics

    Raises
    ------
    ConfigError
        If `bins` is not positive.
    """
    require_count("bins", bins)
    edges = np.histogram_bin_edges(curves.weights.astype(np.float64), bins)
    place = np.clip(np.searchsorted(edges, curves.before, side="right") - 1, 0, bins - 1)
    by_direction = [_steps(curves, place, direction, bins) for direction in (1, -1)]
    counts, mean, within, between = (np.stack(parts) for parts in zip(*by_direction, strict=True))
    return PulseStatistics(edges, counts.astype(np.int64), mean, within, between)


def _steps(curves: Curves, place: npt.NDArray[np.int64], direction: int, bins: int) -> tuple[Array, ...]:
    """Counts, means and both deviations of the steps of one direction, by bin."""
    devices = curves.weights.shape[1]
    chosen = (curves.directions == direction)[:, None] & curves.free
    cell = (place * devices + np.arange(devices))[chosen]
    steps = curves.changes[chosen].astype(np.float64)

    def total(values: Array) -> Array:
        sums = np.bincount(cell, values, bins * devices)
        return np.asarray(sums, np.float64).reshape(bins, devices)

    count = total(np.ones_like(steps))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total(steps) / count
        residues = steps - mean.ravel()[cell]
        freedom = np.where(count > 0, count - 1, 0).sum(axis=1)
        within = np.sqrt(total(residues**2).sum(axis=1) / freedom)
        present = count > 0
        overall = total(steps).sum(axis=1) / count.sum(axis=1)
        means = np.where(present, mean, 0.0)
        seen = present.sum(axis=1)
        center = means.sum(axis=1) / seen
        between = np.sqrt((np.where(present, means - center[:, None], 0.0) ** 2).sum(axis=1) / (seen - 1))
    return count.sum(axis=1), overall, within, between
