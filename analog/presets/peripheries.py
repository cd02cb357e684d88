"""What is around the devices of the presets."""

from __future__ import annotations

from analog.parameters import IOParameters, NonNegative, UpdateParameters

__all__ = ["PresetIOParameters", "PresetUpdateParameters", "StandardIOParameters"]


class PresetIOParameters(IOParameters):
    """Converters of 7 and 9 bits, with more noise and a larger range of outputs than `IOParameters` has.

    Notes
    -----
    Around all training presets. Values as in aihwkit.
    """

    out_bound: float = 20.0
    out_noise: NonNegative = 0.1


class StandardIOParameters(IOParameters):
    """Converters of 8 bits in both directions, with little noise.

    Notes
    -----
    Of crossbars that are programmed once: M. J. Rasch et al., Nat. Commun. 14, 5282 (2023). Values as in aihwkit.
    """

    inp_res: float = 1 / 254
    out_res: float = 1 / 254
    out_bound: float = 10.0
    out_noise: NonNegative = 0.04


class PresetUpdateParameters(UpdateParameters):
    """Stochastic pulse trains of at most 31 slots, whose length and shares follow the vectors.

    Notes
    -----
    The defaults of `UpdateParameters`, after T. Gokmen, Y. Vlasov, Front. Neurosci. 10, 333 (2016).
    """
