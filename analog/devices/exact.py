"""Devices that take any change: the update is a product of matrices."""

from __future__ import annotations

from typing import Any

from analog.cell import CellState, Site
from analog.devices.construction import decay_scale
from analog.devices.device import Device
from analog.devices.draws import Draws
from analog.kernels.matmul import matmul
from analog.parameters import NonNegative, UpdateParameters

__all__ = ["ExactDevice"]


class ExactDevice(Device):
    """A device without pulses and bounds: an update adds exactly ``-lr * d.T @ x``.

    Parameters
    ----------
    diffusion : float, optional
        Standard deviation of `diffuse_weights`, in weight units.
    lifetime : float, optional
        Decay time in calls of `decay_weights`: ``w *= 1 - alpha / lifetime``; none up to 1.
    """

    diffusion: NonNegative = 0.0
    lifetime: NonNegative = 0.0

    @property
    def granularity(self) -> float:
        """No change is too small."""
        return 0.0

    @property
    def adds_exactly(self) -> bool:
        """Unless somebody changed it."""
        return type(self).update is ExactDevice.update

    def draw(self, draws: Draws) -> dict[str, Any]:
        """All crosspoints are the same."""
        scale = decay_scale(self.lifetime if self.lifetime > 1 else 0.0)
        return {"decay_scales": scale, "diffusion_rates": self.diffusion, "reset_bias": 0.0, "drift_nu": self.drift.nu}

    def update(self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
        """Add exactly ``-lr * d.T @ x``."""
        weights = state.arrays["weights"]
        weights -= matmul((lr * d).T, x)
