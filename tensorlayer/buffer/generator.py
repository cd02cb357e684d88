"""The functions behind on-demand tensors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from tensorlayer.buffer.region import Region

__all__ = ["Chip", "Constant", "Generator", "IndexFunction", "shape_of_region"]


class Generator(ABC):
    """Makes the elements of a tensor from their indices; hashable, as it is a parameter of a graph node.

    A generator must give the same elements whenever it is asked: what is dropped is made again.
    """

    __slots__ = ()

    @property
    def nbytes(self) -> int:
        """Bytes of elements that are kept for the next time."""
        return 0

    @abstractmethod
    def generate(self, region: Region) -> NDArray[Any]:
        """The elements of a region.

        Parameters
        ----------
        region : tuple of (int, int, int)
            Start, stop and step of every mode.

        Returns
        -------
        ndarray, shape ``shape_of_region(region)``
        """


def shape_of_region(region: Region) -> tuple[int, ...]:
    """Extents of a region.

    Examples
    --------
    >>> shape_of_region(((0, 5, 2), (3, 4, 1)))
    (3, 1)
    """
    return tuple(len(range(*bounds)) for bounds in region)


@final
@dataclass(frozen=True, slots=True)
class IndexFunction(Generator):
    """A function of the indices, as ``lambda i, j: 1.0 / (1 + i + j)``.

    Parameters
    ----------
    function : callable
        Gets one integer array per mode, shaped to broadcast against each other; what it returns is broadcast
        to the region. Vectorise a function with branches by ``numpy.where`` or ``numpy.vectorize``.

    Examples
    --------
    >>> IndexFunction(lambda i, j: 10 * i + j).generate(((1, 3, 1), (0, 6, 3)))
    array([[10, 13],
           [20, 23]])
    """

    function: Callable[..., Any]

    def __str__(self) -> str:
        return str(getattr(self.function, "__name__", self.function))

    def generate(self, region: Region) -> NDArray[Any]:
        """The function at every index of the region."""
        rank = len(region)
        grid = [
            np.arange(*bounds).reshape([-1 if mode == axis else 1 for axis in range(rank)])
            for mode, bounds in enumerate(region)
        ]
        values = np.asarray(self.function(*grid))
        return values if values.shape == shape_of_region(region) else np.broadcast_to(values, shape_of_region(region))


@final
@dataclass(frozen=True, slots=True, eq=False)  # 0.0 and -0.0 are equal, and two constants
class Constant(Generator):
    """One value everywhere."""

    value: complex

    def generate(self, region: Region) -> NDArray[Any]:
        """The value in the shape of the region; takes no memory."""
        return np.broadcast_to(self.value, shape_of_region(region))


@final
@dataclass(frozen=True, slots=True)
class Chip(Generator):
    """What another generator makes, with some modes fixed.

    Parameters
    ----------
    generator : Generator
        Makes the whole.
    fixed : tuple of (int or None)
        For every mode of the whole its index, or None where it is kept.

    Examples
    --------
    >>> Chip(IndexFunction(lambda i, j: 10 * i + j), (None, 7)).generate(((0, 3, 1),))
    array([ 7, 17, 27])
    """

    generator: Generator
    fixed: tuple[int | None, ...]

    def __str__(self) -> str:
        return str(self.generator)

    @property
    def nbytes(self) -> int:
        """Bytes that the other generator keeps."""
        return self.generator.nbytes

    def generate(self, region: Region) -> NDArray[Any]:
        """The elements of a region; the other generator is asked for these only."""
        kept = iter(region)
        read = tuple(next(kept) if index is None else (index, index + 1, 1) for index in self.fixed)
        return np.asarray(self.generator.generate(read)).reshape(shape_of_region(region))
