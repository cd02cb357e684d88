"""Measured weights, pulse by pulse."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analog.errors import CurveError
from tensorlayer.errors import FileAccessError

__all__ = ["Curves"]


@dataclass(frozen=True, eq=False)
class Curves:
    """The weights of devices that all got the same pulses.

    Attributes
    ----------
    directions : array of int8 or sequence, (pulses,)
        1 for a pulse that is to increase the weight, -1 for one that is to decrease it.
    weights : array of float32 or nested sequence, (pulses + 1, devices)
        Before the first pulse and after each.

    Raises
    ------
    CurveError
        If they are no such numbers, or do not belong together.
    """

    directions: npt.NDArray[np.int8]
    weights: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        for name, dtype in (("directions", np.int8), ("weights", np.float32)):
            try:
                array = np.asarray(getattr(self, name), dtype)
            except (TypeError, ValueError, OverflowError) as error:
                raise CurveError(f"{name} are no array of numbers: {error}") from None
            object.__setattr__(self, name, array)
        shape = self.weights.shape
        if len(shape) != 2 or shape[0] != len(self.directions) + 1 or not shape[1]:
            raise CurveError(
                f"{len(self.directions)} pulses and weights of shape {shape}: "
                f"({len(self.directions) + 1}, devices) are wanted, the first row before the first pulse"
            )
        if not np.isin(self.directions, (1, -1)).all():
            raise CurveError("the direction of every pulse is 1 or -1")
        if not np.isfinite(self.weights).all():
            raise CurveError("a weight is NaN or infinite: leave such devices out")

    @property
    def before(self) -> npt.NDArray[np.float32]:
        """Weights before each pulse, (pulses, devices)."""
        return self.weights[:-1]

    @property
    def changes(self) -> npt.NDArray[np.float32]:
        """What each pulse changed, (pulses, devices)."""
        return np.diff(self.weights, axis=0)

    @property
    def free(self) -> npt.NDArray[np.bool_]:
        """Which steps no bound cut short, (pulses, devices): those that moved, and did not end where others ended too.

        A device is at its bound when pulses leave it exactly where it was at its extreme weight.
        """
        still = self.changes == 0
        ends = self.weights[1:]
        stopped = np.zeros_like(still)
        for extreme in (self.weights.max(axis=0), self.weights.min(axis=0)):
            at_extreme = ends == extreme
            stopped |= at_extreme & (still & at_extreme).any(axis=0)
        free: npt.NDArray[np.bool_] = ~(still | stopped)
        return free

    def write(self, path: str | Path) -> None:
        """To a CSV file that `read_curves` reads: columns ``device, direction, weight``.

        Parameters
        ----------
        path : str or Path
            A file there is written anew.

        Raises
        ------
        FileAccessError
            If the file system refuses.
        """
        rows = [
            (device, int(direction), repr(float(weight)))
            for device, weights in enumerate(self.weights.T)
            for direction, weight in zip((0, *self.directions), weights, strict=True)
        ]
        try:
            with Path(path).open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("device", "direction", "weight"), *rows])
        except OSError as error:
            raise FileAccessError(f"{path} could not be written: {error.strerror}") from None
