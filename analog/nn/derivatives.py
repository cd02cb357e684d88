"""How often a product on crossbars can be differentiated."""

from __future__ import annotations

import torch

from tensorlayer.errors import UnsupportedOperationError

__all__ = ["refuse_double_backward"]


def refuse_double_backward(name: str) -> None:
    """Gradients of gradients do not exist for what an array does.

    Raises
    ------
    UnsupportedOperationError
        In a backward pass whose graph is asked for.
    """
    if torch.is_grad_enabled():
        raise UnsupportedOperationError(
            f"{name} has no second derivatives: an array gives products, not their graph; "
            "leave out create_graph=True, or use digital layers there"
        )
