"""Arrays of random numbers.

Element ``e`` of an array takes lane ``e % 4`` of the four numbers at the address whose element is ``e // 4``, so that
an array is the same whatever threads, chunks or devices filled it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import DTypeLike

from analog.errors import ConfigError
from analog.kernels import Kernel, Target, target_of
from analog.random.distributions import normals4, uniforms4
from analog.random.key import RandomKey
from analog.random.philox import words
from tensorlayer.errors import LayoutError

__all__ = ["Memory", "fill_integers", "fill_normals", "fill_uniforms", "integers", "normals", "uniforms"]

#: Elements of a row, by how many groups rows are apart, and by how many steps.
Counting = tuple[int, int, int]
#: Step, stream, seed and tile.
Address = tuple[int, int, int, int]
STEPS = 1 << 40
#: Groups of four elements in a piece of a long array: pieces are what threads share.
GROUPS_PER_PIECE = 1 << 12


class Memory(Protocol):
    """What makes arrays: `analog.cell.Storage`."""

    def empty(self, shape: tuple[int, ...], dtype: DTypeLike = ...) -> Any:
        """An uninitialised native array."""

    @property
    def target(self) -> Target:
        """Where kernels on these arrays run."""


def normals(
    memory: Memory, key: RandomKey, stream: int, step: int, shape: tuple[int, ...], *, step_per_row: bool = False
) -> Any:
    """Standard normal numbers, float32.

    Parameters
    ----------
    memory : Memory
        Makes the array: the `Storage` of a site.
    key : RandomKey
        Who draws.
    stream : int
        What is drawn: a `Stream`, or ``Stream.DEVICE_TO_DEVICE + n``.
    step : int
        When, below 2**40.
    shape : tuple of int
        Shape of the array.
    step_per_row : bool, optional
        Whether row ``r`` is drawn at step ``step + r``, and its elements are counted from 0: then the rows of a batch
        draw the same together and apart. Otherwise the elements of the whole array are counted, in C order.
    """
    array = memory.empty(shape, np.float32)
    fill_normals(array, key, stream, step, target=memory.target, step_per_row=step_per_row)
    return array


def uniforms(
    memory: Memory, key: RandomKey, stream: int, step: int, shape: tuple[int, ...], *, step_per_row: bool = False
) -> Any:
    """Uniform numbers in (0, 1), float32; parameters as of `normals`."""
    array = memory.empty(shape, np.float32)
    fill_uniforms(array, key, stream, step, target=memory.target, step_per_row=step_per_row)
    return array


def integers(
    memory: Memory, key: RandomKey, stream: int, step: int, shape: tuple[int, ...], *, step_per_row: bool = False
) -> Any:
    """Words of 32 random bits, uint32; parameters as of `normals`."""
    array = memory.empty(shape, np.uint32)
    fill_integers(array, key, stream, step, target=memory.target, step_per_row=step_per_row)
    return array


def _by_four(numbers: Callable[..., tuple[Any, Any, Any, Any]]) -> Kernel:
    """Fills lines with what ``numbers(element, draw, step, stream, seed, tile)`` gives."""

    def body(row: int, first: int, last: int, out: Any, counting: Counting, address: Address) -> None:
        width, groups, steps = counting
        step, stream, seed, tile = address
        line = out[row * width : min((row + 1) * width, out.size)]
        whole = line.size // 4
        for group in range(first, min(last, whole)):
            one, two, three, four = numbers(row * groups + group, 0, step + row * steps, stream, seed, tile)
            line[4 * group] = one
            line[4 * group + 1] = two
            line[4 * group + 2] = three
            line[4 * group + 3] = four
        if first <= whole < last:
            one, two, three, _ = numbers(row * groups + whole, 0, step + row * steps, stream, seed, tile)
            rest = line.size - 4 * whole
            if rest > 0:
                line[4 * whole] = one
            if rest > 1:
                line[4 * whole + 1] = two
            if rest > 2:
                line[4 * whole + 2] = three

    return Kernel(body)


def _filler(name: str, kernel: Kernel) -> Callable[..., None]:
    """The function of that name, which fills arrays."""

    def fill(
        array: Any, key: RandomKey, stream: int, step: int, *, target: Target | None = None, step_per_row: bool = False
    ) -> None:
        """Fill a C-contiguous array in place; parameters as of `normals`. The target, if left out, is the array's.

        Raises
        ------
        LayoutError
            If the array is not C-contiguous.
        ConfigError
            If the step does not fit into an address.
        """
        line = _in_one_line(array)
        if line.shape[0] == 0:
            return
        width = array.shape[-1] if step_per_row else min(line.shape[0], 4 * GROUPS_PER_PIECE)
        rows, groups = -(-line.shape[0] // width), -(-width // 4)
        _check_steps(step, rows if step_per_row else 1)
        counting = (width, 0, 1) if step_per_row else (width, groups, 0)
        (target or target_of(array)).launch(kernel, rows, groups, line, counting, key.address(stream, step))

    fill.__name__ = fill.__qualname__ = name
    return fill


def _in_one_line(array: Any) -> Any:
    flags = getattr(array, "flags", None)
    if not (array.is_contiguous() if flags is None else flags.c_contiguous):
        raise LayoutError(f"an array of shape {tuple(array.shape)} that is not C-contiguous cannot be filled in place")
    return array.reshape(-1)


def _check_steps(first: int, count: int) -> None:
    if not 0 <= first <= STEPS - count:
        raise ConfigError(
            f"steps {first} to {first + count - 1} were asked for; they must be at least 0 and below {STEPS}"
        )


fill_normals = _filler("fill_normals", _by_four(normals4))
fill_uniforms = _filler("fill_uniforms", _by_four(uniforms4))
fill_integers = _filler("fill_integers", _by_four(words))
