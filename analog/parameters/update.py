"""How pulses are made from a pair of vectors (Gokmen and Vlasov, Front. Neurosci. 10, 333, 2016)."""

from __future__ import annotations

from typing import Annotated

from analog.parameters.base import Parameters
from analog.parameters.enums import PulseType
from analog.parameters.ranges import Positive, Range

__all__ = ["MAX_BL", "UpdateParameters"]

#: The longest pulse train that one vector pair may make.
MAX_BL = 1 << 16


class UpdateParameters(Parameters):
    """Parameters of the pulsed update.

    Parameters
    ----------
    desired_bl : int, optional
        Bit length: pulse slots of one vector pair, from 1 to 65536. With `update_bl_management` the most there are.
    fixed_bl : bool, optional
        When False and `update_bl_management` is off, a learning rate beyond ``desired_bl`` granularities lengthens the
        train to ``ceil(lr / granularity)`` slots, of which a line fires in the share that is its value.
    pulse_type : PulseType, optional
        How two vectors become pulses.
    res : float, optional
        Step of the pulse probabilities, a share of 1; above 1 the number of steps; 0 or less: not rounded.
    x_res_implicit, d_res_implicit : float, optional
        Step of the probabilities of `PulseType.DETERMINISTIC_IMPLICIT`, as `res`.
    d_sparsity : bool, optional
        Whether the share of zeros in `d` is recorded at each update (in the state, as ``d_sparsity``).
    sto_round : bool, optional
        Whether `res` rounds up or down at random, without a bias.
    update_bl_management : bool, optional
        Take for each vector pair the fewest slots that can carry its largest element.
    update_management : bool, optional
        Give the largest `x` and the largest `d` the same probability; always on with `update_bl_management`.
    um_grad_scale : float, optional
        Share of the largest ``abs(d)`` that the two managements take for the largest; below 1 clips larger ones.

    Examples
    --------
    >>> UpdateParameters(desired_bl=5).pulse_type
    <PulseType.STOCHASTIC_COMPRESSED: 'StochasticCompressed'>
    """

    desired_bl: Annotated[int, Range(1, MAX_BL)] = 31
    fixed_bl: bool = True
    pulse_type: PulseType = PulseType.STOCHASTIC_COMPRESSED
    res: float = 0.0
    x_res_implicit: float = 0.0
    d_res_implicit: float = 0.0
    d_sparsity: bool = False
    sto_round: bool = False
    update_bl_management: bool = True
    update_management: bool = True
    um_grad_scale: Positive = 1.0
