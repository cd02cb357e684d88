"""Devices whose visible weight differs from the one that pulses change, by noise of writing."""

from __future__ import annotations

from typing import Any

from analog.cell import CellState, Site
from analog.devices.device import event
from analog.devices.pulsed import PulsedDevice
from analog.parameters import NonNegative
from analog.pulses import Law
from analog.random import Stream, normals

__all__ = ["WrittenDevice"]


class WrittenDevice(PulsedDevice):
    """A pulsed device with noise of writing: ``visible = persistent + write_noise_std * dw_min * N``.

    The noise is drawn anew for a device that is pulsed, and for all devices when weights are set, decay, diffuse,
    drift or are reset. Pulses and all of these act on the persistent weights.

    Parameters
    ----------
    write_noise_std : float, optional
        Standard deviation of the noise in units of `dw_min`.
    apply_write_noise_on_set : bool, optional
        Whether weights that are set get it too.
    """

    write_noise_std: NonNegative = 0.0
    apply_write_noise_on_set: bool = True

    @property
    def write_noise(self) -> float:
        """Standard deviation of the noise of writing, in weight units."""
        return self.write_noise_std * self.dw_min

    @property
    def law(self) -> Law:
        """How pulses change the persistent weights."""
        return super().law._replace(write_noise=self.write_noise)

    def create(self, site: Site) -> CellState:
        """A new state; persistent weights are there only with noise of writing."""
        state = super().create(site)
        if self.write_noise:
            state.arrays["persistent_weights"] = state.arrays["weights"] + 0.0
        return state

    def stored(self, state: CellState) -> Any:
        """The persistent weights, if there is noise of writing."""
        return state.arrays["persistent_weights" if self.write_noise else "weights"]

    def set_weights(self, state: CellState, site: Site, weights: Any) -> None:
        """Write weights, clipped to the bounds of their devices."""
        self.store(state, site, weights)
        if not self.apply_write_noise_on_set:
            state.arrays["weights"][...] = self.stored(state)

    def store(self, state: CellState, site: Site, weights: Any) -> None:
        """Take new persistent weights, and make the visible ones."""
        super().store(state, site, weights)
        if self.write_noise:
            noise = normals(site.storage, site.key, Stream.WRITE_NOISE, event(state), site.shape)
            state.arrays["weights"][...] = self.stored(state) + self.write_noise * noise
