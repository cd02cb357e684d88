"""Digital factors between the weights that users see and those of the devices."""

from __future__ import annotations

import torch

from analog.parameters import MappingParameter

__all__ = ["mapping_scales"]


def mapping_scales(weights: torch.Tensor, mapping: MappingParameter) -> torch.Tensor:
    """What a unit of the devices' weights stands for, so that the largest of them is ``weight_scaling_omega``.

    Parameters
    ----------
    weights : Tensor
        (outputs, inputs), with the column of an analog bias.
    mapping : MappingParameter
        With a ``weight_scaling_omega`` above zero.

    Returns
    -------
    Tensor
        One number, or (outputs,) if ``weight_scaling_columnwise``; 1 where all weights are zero.

    Examples
    --------
    >>> import torch
    >>> from analog.parameters import MappingParameter
    >>> mapping_scales(torch.tensor([[0.3, -1.2], [0.0, 0.0]]), MappingParameter(weight_scaling_omega=0.6))
    tensor(2.)
    """
    magnitudes = weights.abs()
    largest = magnitudes.amax(1) if mapping.weight_scaling_columnwise else magnitudes.max()
    return torch.where(largest > 0, largest / mapping.weight_scaling_omega, torch.ones_like(largest))
