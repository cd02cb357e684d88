"""Addressed random numbers beside the generators of NumPy and torch, float32.

16,384 numbers are one piece of work: they are filled by one thread. The values differ by nature. With a GPU, torch's
and CuPy's generators there are contenders too.
"""

from __future__ import annotations

import importlib
import importlib.util
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


def _on_gpu(size: int) -> dict[str, Call]:
    import cupy

    array, key, steps = cupy.empty(size, np.float32), RandomKey(seed=1), count()
    generator, wait = cupy.random.default_rng(1), cupy.cuda.runtime.deviceSynchronize
    calls: dict[str, Call] = {
        OURS: lambda: fill_normals(array, key, Stream.OUTPUT_NOISE, next(steps)),
        "cupy": lambda: generator.standard_normal(size, dtype=np.float32),
    }
    if torch.cuda.is_available():
        calls["torch"] = torch.empty(size, device="cuda").normal_
    return {name: partial(_until_done, call, wait) for name, call in calls.items()}


def _until_done(call: Call, wait: Call) -> None:
    call()
    wait()


def _gpu_present() -> bool:
    return importlib.util.find_spec("cupy") is not None and bool(importlib.import_module("cupy").cuda.is_available())


ON_GPU = (Case("67,108,864 normal numbers on a GPU", partial(_on_gpu, 1 << 26), limit=1.0, check=False),)
CASES = (
    *(ON_GPU if _gpu_present() else ()),
    Case("16,384 normal numbers, one thread", partial(_normals, PIECE), limit=0.5, check=False),
    Case("4,194,304 normal numbers", partial(_normals, LARGE), limit=0.5, check=False),
    Case("16,384 uniform numbers, one thread", partial(_uniforms, PIECE), limit=1.0, check=False),
    Case("4,194,304 uniform numbers", partial(_uniforms, LARGE), limit=1.0, check=False),
)
