"""How pulses are made from a vector pair (reference: Gokmen and Vlasov, Front. Neurosci. 10, 333, 2016)."""

from __future__ import annotations

from analog.parameters.base import Parameters

__all__ = ["UpdateParameters"]


class UpdateParameters(Parameters):
    """Parameters of the pulsed update."""

    desired_bl: int = 31
