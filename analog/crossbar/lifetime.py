"""What happens to the devices of a crossbar apart from learning."""

from __future__ import annotations

from typing import Self

from analog.crossbar.arguments import as_integer, as_number, as_probability
from analog.crossbar.parts import Face

__all__ = ["Lifetime"]


class Lifetime(Face):
    """Leaking, diffusion, reset and drift; with an underscore in place, without one of a copy, to the same bits."""

    def decay_weights(self, alpha: float = 1.0) -> Self:
        """A crossbar whose weights have leaked: see `decay_weights_`."""
        return self.copy().decay_weights_(alpha)

    def decay_weights_(self, alpha: float = 1.0) -> Self:
        """Let the weights leak towards their resting point, `alpha` times as much as by one step of an optimizer.

        That is linear in `alpha`: beyond a device's lifetime weights would go past the resting point.
        """
        self._cell.decay_weights(*self._place(), as_number("alpha", alpha, least=0.0))
        return self

    def diffuse_weights(self) -> Self:
        """A crossbar whose weights have diffused: see `diffuse_weights_`."""
        return self.copy().diffuse_weights_()

    def diffuse_weights_(self) -> Self:
        """One step of random diffusion of the weights."""
        self._cell.diffuse_weights(*self._place())
        return self

    def reset_columns(self, first: int = 0, count: int | None = None, probability: float = 1.0) -> Self:
        """A crossbar with devices that were reset: see `reset_columns_`."""
        return self.copy().reset_columns_(first, count, probability)

    def reset_columns_(self, first: int = 0, count: int | None = None, probability: float = 1.0) -> Self:
        """Reset the devices of some columns, all when left out.

        Parameters
        ----------
        first : int, optional
            The first column.
        count : int, optional
            How many; behind the last column comes the first.
        probability : float, optional
            With which each device is reset.
        """
        start = as_integer("first", first, self.shape[1])
        number = None if count is None else as_integer("count", count, self.shape[1] + 1)
        self._cell.reset_columns(*self._place(), start, number, as_probability("probability", probability))
        return self

    def drift_weights(self, duration: float) -> Self:
        """A crossbar whose conductances have drifted: see `drift_weights_`."""
        return self.copy().drift_weights_(duration)

    def drift_weights_(self, duration: float) -> Self:
        """Let the conductances drift for `duration` seconds. Nothing else makes them drift."""
        self._cell.drift_weights(*self._place(), as_number("duration", duration, least=0.0))
        return self

    def clip_weights(self) -> Self:
        """A crossbar with weights within their bounds: see `clip_weights_`."""
        return self.copy().clip_weights_()

    def clip_weights_(self) -> Self:
        """Bring the weights back to what the devices can hold."""
        self._cell.clip_weights(*self._place())
        return self

    def post_update(self) -> Self:
        """A crossbar after a step of an optimizer: see `post_update_`."""
        return self.copy().post_update_()

    def post_update_(self) -> Self:
        """What happens once per step of an optimizer, after its updates: diffusion, then decay, if devices do."""
        self._cell.post_update(*self._place())
        return self
