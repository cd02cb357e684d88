"""What differs from crosspoint to crosspoint and is drawn once, when a device is made."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import array_api_compat

from analog.cell import Site
from analog.errors import ConfigError
from analog.random import Stream, normals, uniforms

__all__ = ["Draws"]

#: The names that every device has, at the offsets that they keep for ever.
COMMON = (
    "max_bound",
    "min_bound",
    "gain",
    "asymmetry",
    "stuck",
    "stuck_at",
    "decay_scales",
    "diffusion_rates",
    "reset_bias",
    "drift_nu",
)
#: The first offset of a device's own names, and the first that is too many.
OWN, END = 16, 192


class Draws:
    """Arrays of random numbers by name: each name has a stream of its own, so that adding one changes no other.

    Names that are not common to all devices get their streams in the order of their first use.

    Parameters
    ----------
    site : Site
        Where the device is.
    construction_seed : int, optional
        Takes the place of the crossbar's seed, if not 0.
    """

    def __init__(self, site: Site, construction_seed: int = 0) -> None:
        self._site = site
        self._key = replace(site.key, seed=construction_seed) if construction_seed else site.key
        self._offsets = {name: offset for offset, name in enumerate(COMMON)}
        self._next = OWN

    def normal(self, name: str) -> Any:
        """Standard normal numbers, one per crosspoint."""
        return normals(self._site.storage, self._key, self._stream(name), 0, self._site.shape)

    def uniform(self, name: str) -> Any:
        """Uniform numbers in (0, 1), one per crosspoint."""
        return uniforms(self._site.storage, self._key, self._stream(name), 0, self._site.shape)

    def spread(self, name: str, mean: float, relative: float) -> Any:
        """``mean * (1 + relative * N)``; where that does not differ between crosspoints, the number `mean`."""
        return mean * (1.0 + relative * self.normal(name)) if mean * relative else mean

    def shifted(self, name: str, mean: float, deviation: float) -> Any:
        """``mean + deviation * N``; without a deviation the number `mean`."""
        return mean + deviation * self.normal(name) if deviation else mean

    def gain(self, name: str, deviation: float, log_normal: bool = False) -> Any:
        """``1 + deviation * N``, or its exponential counterpart ``exp(deviation * N)``, whose mean is above 1."""
        if log_normal and deviation:
            return exponential(deviation * self.normal(name))
        return self.shifted(name, 1.0, deviation)

    def array(self, value: Any) -> Any:
        """A number as an array of the site's shape; an array as it is."""
        return self._site.storage.full(self._site.shape, value) if isinstance(value, float) else value

    def _stream(self, name: str) -> int:
        if name not in self._offsets:
            if self._next == END:
                raise ConfigError(f"a device draws at most {END - OWN} parameters of its own; {name!r} is one more")
            self._offsets[name] = self._next
            self._next += 1
        return Stream.DEVICE_TO_DEVICE + self._offsets[name]


def exponential(value: Any) -> Any:
    """Of an array or a number."""
    return math.exp(value) if isinstance(value, float) else array_api_compat.array_namespace(value).exp(value)
