"""Clipping of gradients that are not there as matrices."""

from __future__ import annotations

from collections.abc import Iterable

import torch

from analog.errors import ConfigError
from analog.nn.parameter import AnalogParameter

__all__ = ["clip_grad_norm_"]


def clip_grad_norm_(
    parameters: torch.Tensor | Iterable[torch.Tensor],
    max_norm: float,
    norm_type: float = 2.0,
    error_if_nonfinite: bool = False,
    foreach: bool | None = None,
) -> torch.Tensor:
    """As `torch.nn.utils.clip_grad_norm_`, with the gradients of crossbars, which exist as pairs of vectors only.

    The norm of ``d.T @ x`` is the root of the sum of all products of elements of the Gram matrices ``x @ x.T`` and
    ``d @ d.T``, exactly; where the matrix is smaller than these, it is formed. In units of the weights that users see.
    torch's own function would take every crossbar's gradient for 1.

    Parameters
    ----------
    parameters : Tensor or iterable of Tensor
        Of a model; digital and analog ones.
    max_norm : float
        Gradients are multiplied such that the norm of all together is at most this.
    norm_type : float, optional
        2 with analog parameters; without, any that torch has.
    error_if_nonfinite, foreach : optional
        As of torch.

    Returns
    -------
    Tensor
        The norm before.

    Raises
    ------
    ConfigError
        If another norm is asked for of an analog parameter; nothing has changed then.

    Examples
    --------
    >>> import torch
    >>> from analog.nn import AnalogLinear
    >>> layer = AnalogLinear(3, 2, bias=False)
    >>> layer(torch.ones(1, 3)).sum().backward()
    >>> clip_grad_norm_(layer.parameters(), 1.0)  # all six elements are 1
    tensor(2.4495)
    """
    everything = [parameters] if isinstance(parameters, torch.Tensor) else list(parameters)
    norms = {id(each): each.gradient_norm() for each in everything if isinstance(each, AnalogParameter)}
    if norms and float(norm_type) != 2.0:
        raise ConfigError(f"norm_type is {norm_type}: of gradients of crossbars there is the 2-norm only")
    waiting = [(each.grad, norms[id(each)]) for each in everything if id(each) in norms and each.grad is not None]
    # For the time being, the number that stands for the gradient of crossbars is its norm.
    for grad, norm in waiting:
        grad.mul_(norm)
    try:
        return torch.nn.utils.clip_grad_norm_(everything, max_norm, norm_type, error_if_nonfinite, foreach)
    finally:
        for grad, norm in waiting:
            grad.div_(norm)
