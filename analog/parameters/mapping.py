"""How a matrix is laid out on crossbars."""

from __future__ import annotations

from analog.parameters.base import Parameters
from analog.parameters.ranges import Count, NonNegative

__all__ = ["MappingParameter"]


class MappingParameter(Parameters):
    """How the matrix and the bias of a layer are laid out on crossbars, and which scales are digital.

    Parameters
    ----------
    digital_bias : bool, optional
        Whether the bias is added digitally, else it is a column of devices.
    weight_scaling_omega : float, optional
        The largest absolute weight is mapped to this one, and the factor is digital; 0 leaves weights as they are.
    weight_scaling_columnwise : bool, optional
        Whether every output has its own factor.
    weight_scaling_lr_compensation : bool, optional
        Whether the learning rate is divided by the factor.
    learn_out_scaling : bool, optional
        Whether a digital factor of the outputs is trained.
    out_scaling_columnwise : bool, optional
        Whether every output has its own trained factor.
    max_input_size, max_output_size : int, optional
        Extents of one crossbar; larger matrices take a grid of them. 0 is unbounded.
    """

    digital_bias: bool = True
    weight_scaling_omega: NonNegative = 0.0
    weight_scaling_columnwise: bool = False
    weight_scaling_lr_compensation: bool = False
    learn_out_scaling: bool = False
    out_scaling_columnwise: bool = False
    max_input_size: Count = 512
    max_output_size: Count = 512
