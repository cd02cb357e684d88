"""How conductances differ from what they were to be, and how they change in time."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Any

from array_api_compat import array_namespace

from analog.errors import ConfigError
from analog.parameters import NonNegative, Parameters, Positive

__all__ = ["NoiseModel", "PCMLikeNoiseModel"]


class NoiseModel(Parameters):
    """Statistics of devices that are programmed once. Conductances are in microsiemens, times in seconds.

    Arrays of normal numbers come from outside, so that they are drawn at their addresses.
    """

    @property
    @abstractmethod
    def largest(self) -> float:
        """The conductance that the largest weight is programmed to."""

    @abstractmethod
    def programmed(self, wanted: Any, normals: Any) -> Any:
        """Conductances after programming.

        Parameters
        ----------
        wanted : array
            What was to be programmed, microsiemens.
        normals : array
            Standard normal numbers, one for each device.

        Returns
        -------
        array
            Microsiemens, like `wanted`.
        """

    @abstractmethod
    def exponents(self, wanted: Any, normals: Any) -> Any:
        """Drift exponents of devices with these conductances.

        Parameters
        ----------
        wanted, normals : array
            As of `programmed`.

        Returns
        -------
        array
            ``nu`` of ``g * ((t + t_0) / t_0) ** -nu``, without a unit, like `wanted`.
        """

    @abstractmethod
    def read(self, programmed: Any, exponents: Any, time: float, normals: Any) -> Any:
        """Conductances that are read so long after programming.

        Parameters
        ----------
        programmed, exponents : array
            As from the methods of these names.
        time : float
            Seconds since programming.
        normals : array
            Standard normal numbers, one for each device.

        Returns
        -------
        array
            Microsiemens, like `programmed`.
        """


class PCMLikeNoiseModel(NoiseModel):
    """Phase-change memories, as measured on a million of them.

    With ``u = g / g_max``, conductances are programmed with a standard deviation that is a polynomial of `u`, drift by
    ``g * ((t + t_0) / t_0) ** -nu``, and are read with noise of the flicker kind.

    Parameters
    ----------
    prog_coeff : tuple of float, optional
        Of the polynomial in `u`, ascending, in microsiemens.
    g_max : float, optional
        Conductance of the largest weight, microsiemens.
    t_read : float, optional
        Duration of a read, seconds.
    t_0 : float, optional
        When devices are read first after programming, seconds.
    prog_noise_scale, read_noise_scale, drift_scale : float, optional
        Factors of the noise of programming, of reading, and of drift exponents.
    prog_coeff_g_max_reference : float, optional
        The `g_max` that `prog_coeff` is of, microsiemens.

    Raises
    ------
    ConfigError
        If there are no coefficients.

    Notes
    -----
    S. R. Nandakumar et al., ICECS 2019; V. Joshi et al., Nat. Commun. 11, 2473 (2020). Values as in aihwkit.

    Examples
    --------
    >>> import numpy as np
    >>> quiet = PCMLikeNoiseModel(prog_noise_scale=0.0, read_noise_scale=0.0)
    >>> g = np.array([5.0, 25.0])
    >>> nu = quiet.exponents(g, np.zeros(2))
    >>> quiet.read(quiet.programmed(g, np.zeros(2)), nu, 86400.0, np.zeros(2)).round(2)
    array([ 3.31, 16.59])
    """

    prog_coeff: tuple[float, ...] = (0.26348, 1.9650, -1.1731)
    g_max: Positive = 25.0
    t_read: Positive = 250e-9
    t_0: Positive = 20.0
    prog_noise_scale: NonNegative = 1.0
    read_noise_scale: NonNegative = 1.0
    drift_scale: NonNegative = 1.0
    prog_coeff_g_max_reference: Positive = 25.0

    def __post_init__(self) -> None:
        if not self.prog_coeff:
            raise ConfigError(f"{type(self).__name__}.prog_coeff is empty: give the coefficients of a polynomial")

    @property
    def largest(self) -> float:
        """The conductance that the largest weight is programmed to."""
        return self.g_max

    def programmed(self, wanted: Any, normals: Any) -> Any:
        """Conductances after programming, none below zero."""
        share, deviation = wanted / self.g_max, 0.0
        for coefficient in reversed(self.prog_coeff):
            deviation = deviation * share + coefficient
        factor = self.prog_noise_scale * self.g_max / self.prog_coeff_g_max_reference
        return array_namespace(normals).clip(wanted + factor * deviation * normals, 0.0, None)

    def exponents(self, wanted: Any, normals: Any) -> Any:
        """Drift exponents: small conductances drift more, and differ more."""
        space = array_namespace(wanted)
        logarithm = space.log(space.clip(wanted / self.g_max, 1e-7, None))
        mean = space.clip(-0.0155 * logarithm + 0.0244, 0.049, 0.1)
        deviation = space.clip(-0.0125 * logarithm - 0.0059, 0.008, 0.045)
        return abs(mean + deviation * normals) * self.drift_scale

    def read(self, programmed: Any, exponents: Any, time: float, normals: Any) -> Any:
        """Conductances that are read so long after programming, none below zero."""
        space, since = array_namespace(programmed), time + self.t_0
        drifted = programmed * space.exp(-math.log(since / self.t_0) * exponents)
        share = space.clip(programmed / self.g_max, 0.0, None)
        flicker = space.clip(0.0088 / space.clip(share**0.65, 1e-3, None), None, 0.2)
        duration = math.sqrt(math.log((since + self.t_read) / (2 * self.t_read)))
        return space.clip(drifted + self.read_noise_scale * duration * flicker * drifted * normals, 0.0, None)
