"""Bounds and steps of the crosspoints, as they are drawn once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import array_api_compat

from analog.devices.draws import Draws

if TYPE_CHECKING:
    from analog.devices.pulsed import PulsedDevice

__all__ = ["bounds", "decay_scale", "halved", "steps", "stuck", "up_and_down"]

#: With `perfect_bias`, how much farther the bounds of the last column are.
BIAS_RANGE = 100.0


def bounds(device: PulsedDevice, draws: Draws) -> tuple[Any, Any]:
    """The largest and the smallest weight: ``w_max * (1 + w_max_dtod * N)``, and ``w_min`` likewise."""
    high = draws.spread("max_bound", device.w_max, device.w_max_dtod)
    low = draws.spread("min_bound", device.w_min, device.w_min_dtod)
    high, low = _in_order(high, low, device.enforce_consistency, draws)
    if device.perfect_bias:
        high, low = draws.array(high), draws.array(low)
        high[:, -1] = BIAS_RANGE * device.w_max
        low[:, -1] = BIAS_RANGE * device.w_min
    return high, low


def _in_order(high: Any, low: Any, consistent: bool, draws: Draws) -> tuple[Any, Any]:
    """Bounds that the spread put the wrong way round, exchanged and with their signs put right, or made equal."""
    if isinstance(high, float) and isinstance(low, float):
        return high, low
    if isinstance(high, float) or isinstance(low, float):
        if consistent:
            return abs(high), -abs(low)
        high, low = draws.array(high), draws.array(low)
    where = array_api_compat.array_namespace(high).where
    if consistent:
        return abs(where(low > high, low, high)), -abs(where(low > high, high, low))
    middle = 0.5 * (high + low)
    return where(low > high, middle, high), where(low > high, middle, low)


def steps(device: PulsedDevice, draws: Draws) -> tuple[Any, Any]:
    """The mean sizes of a pulse up and a pulse down."""
    gain = draws.gain("gain", device.dw_min_dtod, device.dw_min_dtod_log_normal)
    up, down = up_and_down(device.dw_min, device.up_down, gain, draws.shifted("asymmetry", 0.0, device.up_down_dtod))
    if device.enforce_consistency:
        up, down = abs(up), abs(down)
    if device.perfect_bias and not (isinstance(up, float) and isinstance(down, float) and up == down):
        up, down = draws.array(up), draws.array(down)
        up[:, -1] = down[:, -1] = device.dw_min
    return up, down


def up_and_down(mean: float, up_down: float, gain: Any, asymmetry: Any) -> tuple[Any, Any]:
    """A positive `up_down` makes what belongs to down pulses smaller, a negative one what belongs to up pulses."""
    up = mean * (min(up_down, 0.0) + gain + asymmetry)
    down = mean * (-max(up_down, 0.0) + gain - asymmetry)
    return up, down


def decay_scale(lifetime: Any) -> Any:
    """The share of a weight that one decay leaves: ``1 - 1 / lifetime``, 0 for lifetimes up to 1, 1 for lifetime 0."""
    if isinstance(lifetime, float):
        return 1.0 if lifetime == 0.0 else 1.0 - 1.0 / max(lifetime, 1.0)
    return 1.0 - 1.0 / array_api_compat.array_namespace(lifetime).clip(lifetime, 1.0, None)


def stuck(device: PulsedDevice, values: dict[str, Any], draws: Draws) -> dict[str, Any]:
    """Bounds and steps with some devices stuck at a weight that is uniform in `corrupt_devices_range`."""
    reach = device.corrupt_devices_range
    broken = draws.uniform("stuck") < device.corrupt_devices_prob
    if device.perfect_bias:
        broken[:, -1] = False
    space = array_api_compat.array_namespace(broken)
    high, low = draws.array(values["max_bound"]), draws.array(values["min_bound"])
    lowest, highest = space.clip(low, -reach, reach), space.clip(high, -reach, reach)
    at = lowest + (highest - lowest) * draws.uniform("stuck_at")
    still = {name: space.where(broken, 0.0 * high, draws.array(values[name])) for name in ("dwmin_up", "dwmin_down")}
    return {"max_bound": space.where(broken, at, high), "min_bound": space.where(broken, at, low)} | still


def halved(value: Any) -> Any:
    """An array in half precision; a number as it is."""
    if isinstance(value, float):
        return value
    space = array_api_compat.array_namespace(value)
    return space.astype(value, space.float16)
