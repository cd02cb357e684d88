"""Where torch's devices have their crossbars."""

from __future__ import annotations

import torch

from tensorlayer.backend import get_backend
from tensorlayer.buffer import Allocator
from tensorlayer.errors import UnsupportedOperationError

__all__ = ["memory_of"]


def memory_of(device: torch.device) -> Allocator | None:
    """What makes the arrays of crossbars there: None for the CPU, torch's own memory on a GPU.

    Raises
    ------
    UnsupportedOperationError
        If kernels do not run there.
    """
    if device.type == "cpu":
        return None
    if device.type != "cuda":
        raise UnsupportedOperationError(f"crossbars are on the CPU or on NVIDIA's GPUs, not on {device}")
    return get_backend("torch").allocator(device=str(device))
