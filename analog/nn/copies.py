"""Arrays of any library as tensors that may be written to."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

__all__ = ["as_tensor"]


def as_tensor(numbers: Any) -> torch.Tensor:
    """Numbers as a tensor; copies of NumPy's, since weights are handed out read-only, which tensors cannot be."""
    given = torch.tensor(numbers) if isinstance(numbers, np.ndarray) else torch.as_tensor(numbers)
    return given.detach()
