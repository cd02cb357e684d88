"""Addressed random numbers beside the generators of NumPy and torch, float32.

16,384 numbers are one piece of work: they are filled by one thread. The values differ by nature.
"""

from __future__ import annotations

from functools import partial
from itertools import count

import numpy as np
import torch

from analog.random import RandomKey, Stream, fill_normals, fill_uniforms
from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]

PIECE = 1 << 14
LARGE = 1 << 22


def _normals(size: int) -> dict[str, Call]:
    array, key, steps = np.empty(size, np.float32), RandomKey(seed=1), count()
    other, tensor, generator = np.empty_like(array), torch.empty(size), np.random.default_rng(1)
    return {
        OURS: lambda: fill_normals(array, key, Stream.OUTPUT_NOISE, next(steps)),
        "numpy": lambda: generator.standard_normal(dtype=np.float32, out=other),
        "torch": tensor.normal_,
    }


def _uniforms(size: int) -> dict[str, Call]:
    array, key, steps = np.empty(size, np.float32), RandomKey(seed=1), count()
    other, tensor, generator = np.empty_like(array), torch.empty(size), np.random.default_rng(1)
    return {
        OURS: lambda: fill_uniforms(array, key, Stream.OUTPUT_ROUNDING, next(steps)),
        "numpy": lambda: generator.random(dtype=np.float32, out=other),
        "torch": tensor.uniform_,
    }


CASES = (
    Case("16,384 normal numbers, one thread", partial(_normals, PIECE), limit=0.5, check=False),
    Case("4,194,304 normal numbers", partial(_normals, LARGE), limit=0.5, check=False),
    Case("16,384 uniform numbers, one thread", partial(_uniforms, PIECE), limit=1.0, check=False),
    Case("4,194,304 uniform numbers", partial(_uniforms, LARGE), limit=1.0, check=False),
)
