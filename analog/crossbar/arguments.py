"""What a crossbar is told in numbers: checked before anything happens."""

from __future__ import annotations

import math
import operator
import secrets
from typing import Any

import numpy as np

from analog.cell import Storage
from analog.errors import ConfigError
from tensorlayer.backend import get_backend
from tensorlayer.buffer import Allocator
from tensorlayer.errors import ShapeError, TensorlayerError, UnsupportedOperationError

__all__ = ["MOST_VECTORS", "as_integer", "as_number", "as_probability", "as_seed", "as_shape", "as_storage"]

#: Vectors that can be counted.
MOST_VECTORS = 1 << 40
#: The largest number that kernels compute with.
LARGEST = float(np.finfo(np.float32).max)


def as_shape(shape: Any) -> tuple[int, int]:
    """(outputs, inputs), both at least 1."""
    try:
        outputs, inputs = (_index(extent) for extent in shape)
    except (TypeError, ValueError):
        raise ShapeError(f"the shape of a crossbar is (outputs, inputs), two integers, not {shape!r}") from None
    if outputs < 1 or inputs < 1:
        raise ShapeError(f"a crossbar has at least one output and one input, not {(outputs, inputs)}")
    return outputs, inputs


def as_seed(seed: Any) -> int:
    """A seed below 2**32; a fresh one from the system for None."""
    return secrets.randbits(32) if seed is None else as_integer("seed", seed, 1 << 32)


def as_integer(name: str, value: Any, end: int) -> int:
    """An integer at least 0 and below `end`."""
    try:
        number = _index(value)
    except TypeError:
        raise ConfigError(f"{name} is an integer, not {value!r}") from None
    if not 0 <= number < end:
        raise ConfigError(f"{name} is {number}: it must be at least 0 and below {end}")
    return number


def as_number(name: str, value: Any, *, least: float = -LARGEST) -> float:
    """A number that float32 holds, from a number or an array of one element, at least `least`."""
    is_text = isinstance(value, str | bytes | bool | np.bool_)
    try:
        number = math.nan if is_text else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not least <= number <= LARGEST:
        bound = f" and at least {least:g}" if least > -LARGEST else ""
        raise ConfigError(f"{name} is {value!r}: it must be a finite number{bound}, as float32 holds it")
    return number


def as_probability(name: str, value: Any) -> float:
    """A number between 0 and 1."""
    number = as_number(name, value, least=0.0)
    if number > 1:
        raise ConfigError(f"{name} is {number:g}: a probability is between 0 and 1")
    return number


def as_storage(allocator: Any) -> Storage:
    """Memory that kernels reach: NumPy's on the CPU, or a GPU's; that of the `numba` backend for None."""
    if allocator is None:
        allocator = get_backend("numba").allocator()
    if not isinstance(allocator, Allocator):
        raise UnsupportedOperationError(
            f"allocator is {allocator!r}: give one of a backend, as "
            "tensorlayer.backend.get_backend('numba').allocator()"
        )
    storage = Storage(allocator)
    probe = _probe(storage) if allocator.kind == "local" else None
    if not (isinstance(probe, np.ndarray) or hasattr(probe, "__cuda_array_interface__")):
        raise UnsupportedOperationError(
            f"a crossbar needs arrays of NumPy or on a GPU, local ones; {allocator!r} makes others: "
            "use that of the backends 'numba' or 'numpy', or one of a GPU"
        )
    return storage


def _probe(storage: Storage) -> Any:
    try:
        return storage.empty((1,))
    except TensorlayerError:
        raise
    except Exception as error:  # each library says in its own way that there is no such device
        raise UnsupportedOperationError(f"{storage.allocator!r} makes no arrays: {error}") from error


def _index(value: Any) -> int:
    if isinstance(value, bool | np.bool_):
        raise TypeError
    return operator.index(value)
