"""One formula on every array library there is: eager, compiled by torch, compiled by JAX."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import torch

from benchmarks.case import Call

__all__ = ["Formula", "peers"]

#: A formula of a namespace that has NumPy's functions, and of arrays.
Formula = Callable[..., Any]


def peers(formula: Formula, *arrays: Any) -> dict[str, Call]:
    """Contenders that compute ``formula(namespace, *arrays)``.

    Parameters
    ----------
    formula : callable
        Written for `numpy`, `torch` and `jax.numpy` alike.
    *arrays : ndarray
        The data; every library gets them in its own arrays before anything is timed.

    Returns
    -------
    dict
        Name -> call; what is not installed or cannot compile is left out, and said once.
    """
    tensors = [torch.from_numpy(array) for array in arrays]
    found: dict[str, Call] = {
        "numpy": lambda: formula(np, *arrays),
        "torch": lambda: formula(torch, *tensors),
    }
    return found | _torch_compiled(formula, tensors) | _jax_compiled(formula, arrays)


@lru_cache
def _skip(name: str, reason: str) -> None:
    print(f"without {name}: {reason}", file=sys.stderr, flush=True)


def _torch_compiled(formula: Formula, tensors: list[Any]) -> dict[str, Call]:
    if shutil.which("g++") is None and shutil.which("c++") is None:
        _skip("torch.compile", "it needs a C++ compiler")
        return {}
    try:
        compiled = torch.compile(lambda *given: formula(torch, *given))
        compiled(*tensors)
    except Exception as error:  # noqa: BLE001  # a peer that fails is no result of ours
        _skip("torch.compile", f"{type(error).__name__}: {str(error).splitlines()[0]}")
        return {}
    return {"torch.compile": lambda: compiled(*tensors)}


def _jax_compiled(formula: Formula, arrays: tuple[Any, ...]) -> dict[str, Call]:
    try:
        jax: Any = importlib.import_module("jax")
    except ImportError as error:
        _skip("jax", str(error))
        return {}
    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    namespace: Any = importlib.import_module("jax.numpy")
    given = [namespace.asarray(array) for array in arrays]
    compiled = jax.jit(lambda *values: formula(namespace, *values))
    return {"jax": lambda: compiled(*given).block_until_ready()}
