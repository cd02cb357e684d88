"""What all devices are: one weight per crosspoint, and what happens to it apart from updates."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import MutableMapping
from typing import Any

import array_api_compat

from analog.cell import Cell, CellState, Site
from analog.devices.draws import Draws
from analog.devices.drifting import drifted
from analog.devices.hidden import Hidden, parameter
from analog.parameters.drift import DriftParameter, SimpleDriftParameter
from analog.random import Stream, normals, uniforms

__all__ = ["Device"]

#: New devices have weights between minus this and this.
INITIAL_WEIGHT = 0.1


class Device(Cell):
    """One weight per crosspoint. What differs between crosspoints is in the state, by name; so are bounds."""

    @abstractmethod
    def draw(self, draws: Draws) -> dict[str, Any]:
        """The parameters of the crosspoints by name: arrays of the site's shape, or numbers if they do not differ."""

    def complete(self, values: dict[str, Any], draws: Draws) -> dict[str, Any]:
        """What becomes of the parameters when all are drawn: faults, for example."""
        return values

    @property
    def construction_seed(self) -> int:
        """Takes the place of the crossbar's seed for `draw`, if not 0."""
        return 0

    @property
    def reset_std(self) -> float:
        """Standard deviation of a weight after its reset, in weight units."""
        return 0.0

    @property
    def drift(self) -> SimpleDriftParameter:
        """How weights drift when `drift_weights` is called."""
        return DriftParameter()

    def create(self, site: Site) -> CellState:
        """A new state, with weights that are uniform between -0.1 and 0.1, as far as the devices can hold them."""
        state = CellState(numbers={"updates": 0})
        draws = Draws(site, self.construction_seed)
        for name, value in self.complete(self.draw(draws), draws).items():
            place = state.numbers if isinstance(value, float) else state.arrays
            place[name] = value
        drawn = uniforms(site.storage, site.key, Stream.INITIAL_WEIGHTS, 0, site.shape)
        state.arrays["weights"] = clipped(state, INITIAL_WEIGHT * (2.0 * drawn - 1.0))
        return state

    def weights(self, state: CellState, site: Site) -> Any:
        """The weights that the array multiplies with; not a copy."""
        return state.arrays["weights"]

    def stored(self, state: CellState) -> Any:
        """The weights that updates, decay, diffusion, reset and drift act on."""
        return state.arrays["weights"]

    def set_weights(self, state: CellState, site: Site, weights: Any) -> None:
        """Write weights, clipped to the bounds of their devices."""
        self.store(state, site, weights)

    def store(self, state: CellState, site: Site, weights: Any) -> None:
        """Take new values of `stored`, clipped to the bounds."""
        self.stored(state)[...] = clipped(state, weights)

    def hidden(self, state: CellState, site: Site) -> MutableMapping[str, Any]:
        """The parameters of the crosspoints by name."""
        return Hidden(self, state, site)

    def decay_weights(self, state: CellState, site: Site, alpha: float = 1.0) -> None:
        """``w = (w - b) * (1 + alpha * (s - 1)) + b`` with the decay scale `s` and the reset bias `b`."""
        scale, bias = parameter(state, "decay_scales"), parameter(state, "reset_bias")
        if not (isinstance(scale, float) and scale == 1.0):
            self.store(state, site, (self.stored(state) - bias) * (1.0 + alpha * (scale - 1.0)) + bias)

    def diffuse_weights(self, state: CellState, site: Site) -> None:
        """``w += rate * N``."""
        rate = parameter(state, "diffusion_rates")
        if not (isinstance(rate, float) and rate == 0.0):
            noise = normals(site.storage, site.key, Stream.DIFFUSION, event(state), site.shape)
            self.store(state, site, self.stored(state) + rate * noise)

    def reset_columns(
        self, state: CellState, site: Site, first: int = 0, count: int | None = None, probability: float = 1.0
    ) -> None:
        """``w = b + reset_std * N`` with the reset bias `b`, each with that probability."""
        rows, inputs = site.shape
        shape = (rows, inputs if count is None else min(count, inputs))
        step = event(state)
        chosen = uniforms(site.storage, site.key, Stream.RESET_CHOICE, step, shape) < probability
        noise = self.reset_std * normals(site.storage, site.key, Stream.RESET, step, shape)
        stored, bias = self.stored(state), parameter(state, "reset_bias")
        where = array_api_compat.array_namespace(stored).where
        for place, drawn in wrapped(first % inputs, shape[1], inputs):
            fresh = noise[:, drawn] + (bias if isinstance(bias, float) else bias[:, place])
            stored[:, place] = where(chosen[:, drawn], fresh, stored[:, place])
        self.clip_weights(state, site)

    def drift_weights(self, state: CellState, site: Site, duration: float) -> None:
        """Power law of the time since a weight was written last (see `DriftParameter`)."""
        if drifted(state, site, self.stored(state), self.drift, duration, event(state)):
            self.clip_weights(state, site)
            state.cells["drift"].arrays["previous"] = self.stored(state) + 0.0

    def clip_weights(self, state: CellState, site: Site) -> None:
        """Bring the weights back between their bounds."""
        self.store(state, site, self.stored(state))

    def post_update(self, state: CellState, site: Site) -> None:
        """Diffusion, then decay, as far as the device has them."""
        self.diffuse_weights(state, site)
        self.decay_weights(state, site)


def event(state: CellState) -> int:
    """The number of this event, which is a part of the address of what is drawn in it; updates count too."""
    number = int(state.numbers["updates"])
    state.numbers["updates"] = number + 1
    return number


def wrapped(first: int, count: int, size: int) -> list[tuple[slice, slice]]:
    """Where `count` columns from `first` on are, which go on at 0 after the end, and which of the `count` these are."""
    straight = min(count, size - first)
    parts = [(slice(first, first + straight), slice(0, straight))]
    return [*parts, (slice(0, count - straight), slice(straight, count))] if straight < count else parts


def clipped(state: CellState, weights: Any) -> Any:
    """The weights between their bounds, if there are any."""
    if "max_bound" not in state.arrays and "max_bound" not in state.numbers:
        return weights
    clip = array_api_compat.array_namespace(weights).clip
    return clip(weights, parameter(state, "min_bound"), parameter(state, "max_bound"))
