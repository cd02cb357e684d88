"""Devices that are changed by pulses."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

import numpy as np

from analog.cell import CellState, PulsedCell, Site
from analog.devices.construction import bounds, decay_scale, halved, steps, stuck
from analog.devices.device import Device
from analog.devices.draws import Draws
from analog.errors import ConfigError
from analog.parameters import Fraction, NonNegative, Positive, Range, UpdateParameters
from analog.parameters.drift import DriftParameter
from analog.pulses import Counts, Law, Trains, apply, pulsed_update, write

__all__ = ["NonPositive", "PulsedDevice", "Seed"]

#: A number that is not positive.
NonPositive = Annotated[float, Range(most=0)]
#: A seed of 32 bits.
Seed = Annotated[int, Range(0, (1 << 32) - 1)]

#: What takes half precision: all that is drawn for a device of constant steps.
BOUNDS_AND_STEPS = ("max_bound", "min_bound", "dwmin_up", "dwmin_down")
#: Means from which half precision, of 11 bits down to 2**-14, is much finer than any spread.
LEAST_HALF = 2.0**-14
#: And up to which no spread leaves its range, which ends at 2**16.
MOST_HALF = 2.0**10
#: The farthest bound, far within float32.
FARTHEST = 1e12


class PulsedDevice(Device, PulsedCell):
    """A resistive element that every coincidence of pulses changes by a small amount, between two bounds.

    A subclass gives `step`, the law of one pulse, and fields of its own; nothing else is needed::

        class Quadratic(PulsedDevice):
            curvature: float = 0.5

            @staticmethod
            def step(w, direction, dwmin_up, dwmin_down, dw_min_std, curvature, normal):
                size = dwmin_up if direction > 0 else dwmin_down
                return w + direction * size * (1 - curvature * w * w) * (1 + dw_min_std * normal)

    Spreads over the crosspoints ("dtod", device to device) are drawn once, when the device is made; what has no spread
    is stored as one number for all crosspoints. Numbers are in weight units unless told otherwise.

    Parameters
    ----------
    construction_seed : int, optional
        Takes the place of the crossbar's seed for what is drawn once, if not 0.
    dw_min : float, optional
        Mean size of one pulse.
    dw_min_dtod : float, optional
        Relative spread of that size over the crosspoints.
    dw_min_dtod_log_normal : bool, optional
        Whether that spread is log-normal, ``exp(dw_min_dtod * N)``; its mean is above 1.
    dw_min_std : float, optional
        Relative noise of every single pulse ("ctoc", cycle to cycle).
    enforce_consistency : bool, optional
        Whether steps that the spread made negative, and bounds on the wrong side, are turned around.
    w_max, w_min : float, optional
        Mean bounds; ``w_min <= 0 <= w_max``.
    w_max_dtod, w_min_dtod : float, optional
        Their relative spreads.
    up_down : float, optional
        Asymmetry: a positive one makes down steps smaller by that share, a negative one up steps.
    up_down_dtod : float, optional
        Its spread, added to up steps and taken from down steps, relative to `dw_min`.
    perfect_bias : bool, optional
        Whether the last column has equal steps `dw_min` and bounds 100 times as far.
    lifetime, lifetime_dtod : float, optional
        Decay time in calls of `decay_weights`, and its relative spread; 0 is no decay.
    diffusion, diffusion_dtod : float, optional
        Standard deviation of `diffuse_weights`, and its relative spread.
    reset, reset_dtod, reset_std : float, optional
        Weight after a reset, where decay goes to as well; its spread over the crosspoints; its noise at every reset.
    drift : DriftParameter, optional
        Of `drift_weights`; nothing drifts by itself.
    corrupt_devices_prob : float, optional
        Share of devices that are stuck.
    corrupt_devices_range : float, optional
        They are stuck uniformly between minus this and this, and between their bounds.
    count_pulses : bool, optional
        Whether pulses are counted by crosspoint and direction.

    Notes
    -----
    Gokmen and Vlasov, Front. Neurosci. 10, 333 (2016), for pulses and spreads.
    """

    construction_seed: Seed = 0
    dw_min: Positive = 0.001
    dw_min_dtod: NonNegative = 0.3
    dw_min_dtod_log_normal: bool = False
    dw_min_std: NonNegative = 0.3
    enforce_consistency: bool = True
    w_max: NonNegative = 0.6
    w_max_dtod: NonNegative = 0.3
    w_min: NonPositive = -0.6
    w_min_dtod: NonNegative = 0.3
    up_down: float = 0.0
    up_down_dtod: NonNegative = 0.01
    perfect_bias: bool = False
    lifetime: NonNegative = 0.0
    lifetime_dtod: NonNegative = 0.0
    diffusion: NonNegative = 0.0
    diffusion_dtod: NonNegative = 0.0
    reset: float = 0.0
    reset_dtod: NonNegative = 0.0
    reset_std: NonNegative = 0.01
    drift: DriftParameter = DriftParameter()
    corrupt_devices_prob: Fraction = 0.0
    corrupt_devices_range: NonNegative = 0.1
    count_pulses: bool = False

    def __post_init__(self) -> None:
        """Check what fields say together.

        Raises
        ------
        ConfigError
            If a bound is infinite, or a pulse has no size.
        """
        for name in ("w_max", "w_min"):
            if abs(getattr(self, name)) > FARTHEST:
                raise ConfigError(
                    f"{type(self).__name__}.{name} is {getattr(self, name):g}: it must be at most {FARTHEST:g} from 0"
                )
        if not self.granularity > 0:
            raise ConfigError(
                f"{type(self).__name__} has pulses of size {self.granularity:g} in the middle of its range: updates "
                "are made of pulses, so they must have some; change what makes them vanish there"
            )

    #: Whether the law's change does not depend on the weight and is affine in its noise.
    additive: ClassVar[bool] = False
    #: What `draw` gives that pulses change besides the weight; the law then gives a pair.
    carried: ClassVar[str] = ""

    @staticmethod
    @abstractmethod
    def step(*arguments: Any, **named: Any) -> Any:
        """``step(w, direction, <names>)``: the weight after one pulse, before its bounds.

        A plain function of float32 numbers. `direction` is 1.0 for a pulse that is to increase the weight and -1.0
        for one that is to decrease it. The other names say what it uses: parameters of the crosspoints
        (``dwmin_up``, ``dwmin_down``, ``max_bound``, ``min_bound`` and what `draw` adds), fields of the device, and
        ``normal``, a standard normal number that is new for every pulse.
        """

    @property
    def granularity(self) -> float:
        """The nominal size of one pulse near the middle of the range, in weight units."""
        return self.dw_min

    @property
    def noisy(self) -> bool:
        """Whether the law's normal numbers have an effect."""
        return self.dw_min_std > 0

    @property
    def num_states(self) -> float:
        """How many pulses there are between the nominal bounds."""
        return (self.w_max - self.w_min) / self.granularity

    def draw(self, draws: Draws) -> dict[str, Any]:
        """The parameters of the crosspoints; a subclass adds its own to those of ``super().draw(draws)``.

        Returns
        -------
        dict of str to array or float
            By name: arrays, (outputs, inputs), float32, or one number for all crosspoints.
        """
        max_bound, min_bound = bounds(self, draws)
        dwmin_up, dwmin_down = steps(self, draws)
        return {
            "max_bound": max_bound,
            "min_bound": min_bound,
            "dwmin_up": dwmin_up,
            "dwmin_down": dwmin_down,
            "decay_scales": decay_scale(draws.spread("decay_scales", self.lifetime, self.lifetime_dtod)),
            "diffusion_rates": abs(draws.spread("diffusion_rates", self.diffusion, self.diffusion_dtod)),
            "reset_bias": draws.shifted("reset_bias", self.reset, self.reset_dtod),
            "drift_nu": draws.spread("drift_nu", self.drift.nu, self.drift.nu_dtod),
        }

    def create(self, site: Site) -> CellState:
        """A new state; with `count_pulses` the arrays ``"positive_pulses"`` and ``"negative_pulses"`` count."""
        state = super().create(site)
        if self.count_pulses:
            state.arrays["positive_pulses"] = site.storage.zeros(site.shape, np.int64)
            state.arrays["negative_pulses"] = site.storage.zeros(site.shape, np.int64)
        return state

    def complete(self, values: dict[str, Any], draws: Draws) -> dict[str, Any]:
        """Some devices are stuck; drawn bounds and steps of an additive law are kept in half precision."""
        if self.corrupt_devices_prob:
            values = values | stuck(self, values, draws)
        nominal = (self.dw_min, self.w_max, -self.w_min)
        if self.additive and not self.perfect_bias and min(nominal) >= LEAST_HALF and max(nominal) <= MOST_HALF:
            values = values | {name: halved(values[name]) for name in BOUNDS_AND_STEPS}
        return values | {name: draws.array(values[name]) for name in ("max_bound", "min_bound")}

    @property
    def law(self) -> Law:
        """How pulses change the weights."""
        return Law(self.step, self, additive=self.additive, noisy=self.noisy, carried=self.carried)

    def update(self, state: CellState, site: Site, x: Any, d: Any, lr: float, parameters: UpdateParameters) -> None:
        """Pulses of `x` and `d` coincide at the crosspoints, vector after vector."""
        pulsed_update(self.law, state, site, x, d, lr, self.granularity, parameters)

    def apply(self, state: CellState, site: Site, pulses: Trains | Counts) -> None:
        """Go through pulses that were made beforehand."""
        apply(self.law, state, site, pulses)

    def write(
        self,
        state: CellState,
        site: Site,
        counts: Any,
        rows: Sequence[int] | None = None,
        columns: Sequence[int] | None = None,
    ) -> None:
        """Exactly these pulses, without chance."""
        write(self.law, state, site, counts, rows, columns)
