"""What is done digitally about the drift of all conductances together."""

from __future__ import annotations

from typing import Any

from array_api_compat import array_namespace

from analog.parameters import Parameters

__all__ = ["GlobalDriftCompensation"]

#: Crossbars of weights smaller than this are taken for such of this size.
SMALLEST = 1e-4


class GlobalDriftCompensation(Parameters):
    """One factor for all outputs of a crossbar: how much larger its weights were, on average, when it was programmed.

    Notes
    -----
    V. Joshi et al., Nat. Commun. 11, 2473 (2020). The weights are read exactly.
    """

    def factor(self, programmed: Any, present: Any) -> float:
        """What outputs are multiplied with.

        Parameters
        ----------
        programmed, present : array, (outputs, inputs)
            The weights just after programming, and now.

        Returns
        -------
        float
            The ratio of their mean absolute values.
        """
        return _size(programmed) / _size(present)


def _size(weights: Any) -> float:
    return max(float(array_namespace(weights).mean(abs(weights))), SMALLEST)
