"""Drift of weights with the time since they were written."""

from __future__ import annotations

from typing import Any

import array_api_compat

from analog.cell import CellState, Site
from analog.devices.hidden import parameter
from analog.parameters.drift import DriftParameter, SimpleDriftParameter
from analog.random import Stream, normals

__all__ = ["drifted"]

#: Conductances below this have the drift exponent of this one.
LEAST_CONDUCTANCE = 1e-7


def drifted(
    state: CellState, site: Site, weights: Any, drift: SimpleDriftParameter, duration: float, event: int
) -> bool:
    """Let `weights` drift in place over `duration` seconds; whether there is any drift.

    The state's cell ``"drift"`` holds the weights after the last drift, those that were written, and when; it comes
    to be with the first drift, whose time begins at 0.
    """
    law = drift if isinstance(drift, DriftParameter) else DriftParameter(drift.nu, drift.t_0, drift.reset_tol)
    exponent = parameter(state, "drift_nu")
    if isinstance(exponent, float) and exponent == 0.0 and not (law.nu_k or law.w_noise_std):
        return False
    past = state.cells.setdefault("drift", _beginning(site, weights))
    now = past.numbers["time"] = past.numbers["time"] + duration / law.t_0
    where = array_api_compat.array_namespace(weights).where
    previous, written, since = (past.arrays[name] for name in ("previous", "written", "since"))
    anew = abs(weights - previous) > law.reset_tol
    written[...] = where(anew, weights, written)
    since[...] = where(anew, now, since)
    weights[...] = where(anew, weights, _after(law, site, written, now - since, exponent, event))
    if law.w_noise_std:
        weights += law.w_noise_std * normals(site.storage, site.key, Stream.DRIFT_NOISE, event, site.shape)
    return True


def _beginning(site: Site, weights: Any) -> CellState:
    arrays = {"previous": weights + 0.0, "written": weights + 0.0, "since": site.storage.zeros(site.shape)}
    return CellState(arrays, {"time": 0.0})


def _after(law: DriftParameter, site: Site, written: Any, times: Any, exponent: Any, event: int) -> Any:
    """What was written, after these times."""
    space = array_api_compat.array_namespace(written)
    if law.nu_std:
        exponent = exponent * (1.0 + law.nu_std * normals(site.storage, site.key, Stream.DRIFT, event, site.shape))
    if law.nu_k:
        conductance = space.clip((written - law.w_offset) / law.wg_ratio + law.g_offset, LEAST_CONDUCTANCE, None)
        exponent = exponent - law.nu_k * (space.log(conductance) - law.log_g0)
    scale = space.exp(-exponent * space.log(space.clip(times, 1.0, None)))
    offset = law.g_offset * law.wg_ratio + law.w_offset
    return written * scale + (offset * (scale - 1.0) if abs(offset) >= law.reset_tol else 0.0)
