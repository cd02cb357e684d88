"""Steps that many pulses have to prepare."""

from __future__ import annotations

from typing import Any, ClassVar

from analog.devices.construction import up_and_down
from analog.devices.draws import Draws
from analog.devices.number import ONE, ZERO, Number
from analog.devices.pulsed import PulsedDevice
from analog.parameters import NonNegative, PositiveCount

__all__ = ["HiddenStepDevice"]


class HiddenStepDevice(PulsedDevice):
    """Few states, as of a filament that grows unseen: most pulses only move a hidden counter.

    A pulse adds ``(1 + hs_dw_min_std * N) / hs_hidden_states`` to the counter, or takes it away. When the counter is
    beyond 1 or -1 it starts again at 0, and the weight takes a step of ``hs_hidden_states`` pulses of
    `ConstantStepDevice`.

    Parameters
    ----------
    hs_hidden_states : int, optional
        Pulses per step.
    hs_dw_min_dtod : float, optional
        Relative spread of the counter's steps over the crosspoints.
    hs_dw_min_std : float, optional
        Relative noise of the counter's steps from pulse to pulse.
    hs_up_down, hs_up_down_dtod : float, optional
        Asymmetry of the counter's steps and its spread, as `up_down` of the weight's.

    Notes
    -----
    The hidden parameter ``"hidden_counter"`` is the counter. Other parameters are those of `PulsedDevice`; `dw_min` is
    the mean change per pulse.
    """

    hs_hidden_states: PositiveCount = 10
    hs_dw_min_dtod: NonNegative = 0.3
    hs_dw_min_std: NonNegative = 0.3
    hs_up_down: float = 0.0
    hs_up_down_dtod: NonNegative = 0.01

    carried: ClassVar[str] = "hidden_counter"

    @staticmethod
    def step(
        w: Number,
        direction: Number,
        dwmin_up: Number,
        dwmin_down: Number,
        hidden_up: Number,
        hidden_down: Number,
        hidden_counter: Number,
        pulses_per_step: Number,
        hs_dw_min_std: Number,
        dw_min_std: Number,
        normal: Number,
        normal2: Number,
    ) -> tuple[Number, Number]:
        """One pulse: the weight and the counter."""
        up = direction > ZERO
        counter = hidden_counter + direction * (hidden_up if up else hidden_down) * (ONE + hs_dw_min_std * normal2)
        full = abs(counter) > ONE
        size = (dwmin_up if up else dwmin_down) * pulses_per_step
        after = w + direction * size * (ONE + dw_min_std * normal)
        return after if full else w, ZERO if full else counter

    def draw(self, draws: Draws) -> dict[str, Any]:
        """Also the steps of the counter, and the counter, at 0."""
        gain = draws.gain("hidden gain", self.hs_dw_min_dtod)
        asymmetry = draws.shifted("hidden asymmetry", 0.0, self.hs_up_down_dtod)
        up, down = up_and_down(1.0 / self.hs_hidden_states, self.hs_up_down, gain, asymmetry)
        own = {"hidden_up": abs(up), "hidden_down": abs(down), "hidden_counter": draws.array(0.0)}
        return super().draw(draws) | own

    @property
    def pulses_per_step(self) -> float:
        """Pulses per step, for the law."""
        return float(self.hs_hidden_states)

    @property
    def noisy(self) -> bool:
        """Whether the law's normal numbers have an effect."""
        return self.dw_min_std > 0 or self.hs_dw_min_std > 0
