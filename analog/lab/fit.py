"""Finding the parameters of a device that behaves as measured."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analog.config import SingleRPUConfig
from analog.crossbar import Crossbar
from analog.devices import PulsedDevice
from analog.errors import CurveError
from analog.lab.arguments import as_names, require_instance
from analog.lab.curve_files import read_curves
from analog.lab.curves import Curves
from analog.lab.response import ONE_PULSE
from tensorlayer.errors import LibraryNotInstalledError

__all__ = ["DeviceFit", "fit_device"]

Array = npt.NDArray[np.float64]

#: What a law's mean may depend on; those that a device has are fitted unless told otherwise.
SHAPE = (
    "dw_min up_down w_max w_min gamma_up gamma_down pow_gamma pow_up_down A_up A_down a b p_max alpha curvature"
).split()
#: Where these end; the others may be anything.
LIMITS = {
    "dw_min": (1e-9, np.inf),
    "up_down": (-0.99, 0.99),
    "pow_up_down": (-0.99, 0.99),
    "w_max": (1e-9, np.inf),
    "w_min": (-np.inf, -1e-9),
    "pow_gamma": (0.0, np.inf),
}


@dataclass(frozen=True, eq=False)
class DeviceFit:
    """A device with the parameters that fit best.

    Attributes
    ----------
    device : PulsedDevice
        With its spread between pulses, and between devices if several were measured.
    curves : Curves
        What was fitted.
    fields : tuple of str
        Parameters of the mean law that were fitted.
    share : float
        Share of the variance of single steps that the mean law explains (R squared). The rest is noise of the steps.
    """

    device: PulsedDevice
    curves: Curves
    fields: tuple[str, ...]
    share: float

    @property
    def config(self) -> SingleRPUConfig:
        """A configuration with that device."""
        return SingleRPUConfig(device=self.device)

    def __repr__(self) -> str:
        return f"<fit of {', '.join(self.fields)}: {self.device!r}, R2 of single steps {self.share:.3g}>"


def fit_device(
    device: PulsedDevice, curves: Curves | str | Path, *, fields: str | Iterable[str] | None = None
) -> DeviceFit:
    """Fit the parameters of a law to measured curves, by least squares of single steps.

    Each measured weight, sent through one pulse of the law without noise, predicts the next one; noise of the pulses
    does not accumulate in that, as it does along a curve. The relative deviation of the steps gives ``dw_min_std``, and
    the ratios of step sizes between several devices give ``dw_min_dtod``.

    Parameters
    ----------
    device : PulsedDevice
        The law, and where the search starts; parameters that are not fitted stay as they are.
    curves : Curves, str or Path
        Measured weights, or a CSV file of them (see `read_curves`).
    fields : str or iterable of str, optional
        Parameters to fit; those of the shape of the mean law when left out.

    Returns
    -------
    DeviceFit

    Raises
    ------
    ConfigError
        If `device` is none that pulses change, or `curves` none.
    CurveError
        If the curves have fewer steps than there are parameters, or there is no field, or one is no number of the
        device.
    LibraryNotInstalledError
        If SciPy is missing.

    Examples
    --------
    >>> from analog.config import SoftBoundsDevice
    >>> from analog.lab import step_response
    >>> true = SoftBoundsDevice(dw_min=0.01, w_max=0.8, w_min=-0.5, dw_min_dtod=0, up_down_dtod=0, w_max_dtod=0,
    ...                         w_min_dtod=0)
    >>> fit = fit_device(SoftBoundsDevice(), step_response(true, devices=1).curves)
    >>> round(fit.device.dw_min, 3), round(fit.device.w_max, 1)
    (0.01, 0.8)
    """
    require_instance("device", device, PulsedDevice)
    if not isinstance(curves, Curves):
        curves = read_curves(curves)
    chosen = _chosen(device, fields)
    count = int(curves.free.sum())
    if count <= len(chosen):
        raise CurveError(f"{count} steps between the bounds for the {len(chosen)} parameters {', '.join(chosen)}")
    start = _quiet(_started(device, curves, chosen))

    # Around 1 for each parameter, so that differences are taken over a thousandth of it: steps are float32.
    bounds = np.array([LIMITS.get(name, (-np.inf, np.inf)) for name in chosen]).T
    first = np.clip([getattr(start, name) for name in chosen], *bounds)
    scale = np.where(first == 0, 1.0, np.abs(first))

    def law(values: Array) -> PulsedDevice:
        found = np.clip(first + scale * (values - 1), *bounds)
        return start.replace(**dict(zip(chosen, found.tolist(), strict=True)))

    def residues(values: Array) -> Array:
        return (_steps(law(values), curves) - curves.changes[curves.free]).astype(np.float64)

    found = _optimize().least_squares(
        residues, np.ones(len(chosen)), bounds=1 + (bounds - first) / scale, x_scale="jac", diff_step=1e-3
    )
    mean = law(found.x)
    noise = {"dw_min_std": _relative_noise(mean, curves)} | _spread(mean, curves)
    steps = curves.changes[curves.free].astype(np.float64)
    share = 1.0 - float((found.fun**2).sum() / ((steps - steps.mean()) ** 2).sum())
    restored = {name: getattr(device, name) for name in _noises(device)}
    return DeviceFit(mean.replace(**restored | noise), curves, chosen, share)


def _chosen(device: PulsedDevice, fields: str | Iterable[str] | None) -> tuple[str, ...]:
    numbers = {f.name for f in dataclasses.fields(device) if f.init and isinstance(getattr(device, f.name), float)}
    given = [name for name in SHAPE if name in numbers] if fields is None else as_names("fields", fields)
    chosen = tuple(dict.fromkeys(given))
    if not chosen:
        raise CurveError(f"fields is empty: name what to fit, of {', '.join(sorted(numbers))}")
    for name in chosen:
        if name not in numbers:
            raise CurveError(
                f"{type(device).__name__} has no number {name!r} to fit; it has {', '.join(sorted(numbers))}"
            )
    return chosen


def _started(device: PulsedDevice, curves: Curves, chosen: tuple[str, ...]) -> PulsedDevice:
    """Bounds and step size as the curves show them: from there the search does not get lost."""
    size = float(np.abs(curves.changes).mean())
    seen = {
        "dw_min": max(size, 1e-9),
        "w_max": max(float(curves.weights.max(axis=0).mean()), 1e-3),
        "w_min": min(float(curves.weights.min(axis=0).mean()), -1e-3),
    }
    return device.replace(**{name: seen[name] for name in chosen if name in seen})


def _noises(device: PulsedDevice) -> list[str]:
    """Fields of the spreads, which the mean law does not have."""
    names = [field.name for field in dataclasses.fields(device) if field.init]
    return [name for name in names if name.endswith(("_std", "_dtod", "corrupt_devices_prob"))]


def _quiet(device: PulsedDevice) -> PulsedDevice:
    return device.replace(**dict.fromkeys(_noises(device), 0.0))


def _predicted(device: PulsedDevice, curves: Curves) -> npt.NDArray[np.float32]:
    """The weights after one pulse from each measured one, without noise: every measurement is a crosspoint."""
    before = curves.before
    after = np.empty_like(before)
    for direction in (1, -1):
        chosen = curves.directions == direction
        if chosen.any():
            found = np.ascontiguousarray(before[chosen])
            tile = Crossbar(found.shape, SingleRPUConfig(device=device, update=ONE_PULSE), seed=0).set_weights(found)
            inputs, outputs = np.ones((1, found.shape[1])), np.ones((1, found.shape[0]))
            after[chosen] = tile.update_(inputs, -direction * outputs, lr=device.granularity).weights
    return after


def _steps(device: PulsedDevice, curves: Curves) -> npt.NDArray[np.float32]:
    """The steps of the law from each measured weight, where no bound cut the measured one short."""
    return (_predicted(device, curves) - curves.before)[curves.free]


def _relative_noise(mean: PulsedDevice, curves: Curves) -> float:
    """Standard deviation of the steps in units of the mean step, weighted by its square."""
    steps = (_scales(mean, curves) * (_predicted(mean, curves) - curves.before))[curves.free]
    return float(np.sqrt(((curves.changes[curves.free] - steps) ** 2).sum() / (steps**2).sum()))


def _scales(mean: PulsedDevice, curves: Curves) -> Array:
    """The step size of each device relative to the mean law."""
    steps = np.where(curves.free, _predicted(mean, curves) - curves.before, 0.0)
    scales: Array = (curves.changes * steps).sum(axis=0) / (steps**2).sum(axis=0)
    return scales


def _spread(mean: PulsedDevice, curves: Curves) -> dict[str, float]:
    devices = curves.weights.shape[1]
    return {"dw_min_dtod": float(_scales(mean, curves).std(ddof=1))} if devices > 1 else {}


def _optimize() -> Any:
    try:
        return importlib.import_module("scipy.optimize")
    except ImportError:
        raise LibraryNotInstalledError("fitting needs SciPy: pip install 'tensorlayer-graph[lab]'") from None
