"""Compiles kernels for sm_90 on a machine without a GPU."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any
from unittest import mock

from analog.kernels import Kernel
from analog.kernels.compile import cuda_kernel

Launch = tuple[Kernel, tuple[Any, ...]]


def types_of(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """What numba calls the arguments when they lie on a GPU: arrays are writable there."""
    import numba

    kinds = (numba.typeof(argument) for argument in arguments)
    return tuple(kind.copy(readonly=False) if isinstance(kind, numba.types.Array) else kind for kind in kinds)


def ptx(kernel: Kernel, types: tuple[Any, ...]) -> str:
    """The text of the kernel for arguments of these types."""
    import numba
    from numba import cuda

    # A kernel that calls a function asks the driver for the GPU there is.
    device = SimpleNamespace(compute_capability=(9, 0))
    whole = numba.types.int64
    with mock.patch("numba.cuda.dispatcher.get_current_device", return_value=device):
        compiled = cuda_kernel(kernel.cuda or kernel.body, kernel.per)
        text, _ = cuda.compile_ptx(compiled.py_func, (whole, whole, *types), cc=(9, 0))
    return str(text)


def distinct(launches: Iterable[Launch]) -> dict[str, tuple[Kernel, tuple[Any, ...]]]:
    """Every kernel with every combination of types that it was launched with, by a readable name."""
    found = {}
    for kernel, arguments in launches:
        types = types_of(arguments)
        found[f"{kernel.body.__module__}.{kernel.body.__qualname__}{types} at {id(kernel):x}"] = (kernel, types)
    return found
