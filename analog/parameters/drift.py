"""How conductances drift."""

from __future__ import annotations

from analog.parameters.base import Parameters
from analog.parameters.ranges import NonNegative, Positive

__all__ = ["DriftParameter", "SimpleDriftParameter"]


class SimpleDriftParameter(Parameters):
    """A power law of time, the same for all crosspoints: ``w(t) = w0 * t**-nu`` with `t` in units of `t_0`.

    Parameters
    ----------
    nu : float
        Exponent; 0 is no drift.
    t_0 : float
        Unit of time, in seconds.
    reset_tol : float
        A weight that changed by more than this since the last drift was written meanwhile: its drift starts anew.
    """

    nu: float = 0.0
    t_0: Positive = 1.0
    reset_tol: NonNegative = 1e-7


class DriftParameter(SimpleDriftParameter):
    """A power law of time that differs from crosspoint to crosspoint, time to time and conductance to conductance.

    With ``s = t**-nu_i`` a weight goes from `w0` to ``w0 * s + (g_offset * wg_ratio + w_offset) * (s - 1)``.

    Parameters
    ----------
    nu, t_0, reset_tol
        As of `SimpleDriftParameter`.
    nu_dtod : float
        Relative spread of the exponent over the crosspoints, drawn once.
    nu_std : float
        Relative spread of the exponent from one call to the next.
    wg_ratio : float
        Weight units per unit of conductance.
    g_offset : float
        Conductance of weight `w_offset`.
    w_offset : float
        Weight of the conductance `g_offset`.
    nu_k : float
        How the exponent falls with the logarithm of the conductance.
    log_g0 : float
        Logarithm of the conductance at which the exponent is `nu`; only with `nu_k`.
    w_noise_std : float
        Standard deviation, in weight units, of what every call adds.
    """

    nu_dtod: NonNegative = 0.0
    nu_std: NonNegative = 0.0
    wg_ratio: Positive = 1.0
    g_offset: float = 0.0
    w_offset: float = 0.0
    nu_k: float = 0.0
    log_g0: float = 0.0
    w_noise_std: NonNegative = 0.0
