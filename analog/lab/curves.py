"""Measured weights, pulse by pulse."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analog.errors import CurveError
from analog.lab.arguments import as_path
from tensorlayer.errors import FileAccessError, MissingFileError

__all__ = ["Curves", "read_curves"]


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


def read_curves(path: str | Path, *, conductance_range: tuple[float, float] | None = None) -> Curves:
    """Measured curves from a CSV file.

    Parameters
    ----------
    path : str or Path
        A table with the columns ``direction`` (0 for the first reading of a device, then 1 or -1: the pulse before
        the reading), ``weight`` or ``conductance``, and, for more than one device, ``device``.
    conductance_range : tuple of float, optional
        The conductances that are the weights -1 and 1; the lowest and the highest in the file when left out.

    Returns
    -------
    Curves

    Raises
    ------
    CurveError
        If a column is missing, a number is none, or devices got different pulses: says in which line.
    MissingFileError, FileAccessError
        If there is no such file, or it cannot be read.
    """
    path = as_path("path", path)
    span = None if conductance_range is None else _span(conductance_range)
    columns, rows = _table(path)
    measured = next((name for name in ("weight", "conductance") if name in columns), None)
    if measured is None or "direction" not in columns:
        raise CurveError(
            f"{path}: columns are {', '.join(columns) or 'missing'}; wanted are 'direction' and 'weight' "
            "or 'conductance', and 'device' for several devices"
        )
    devices: dict[str, list[tuple[int, float]]] = {}
    for line, row in enumerate(rows, start=2):
        entry = (_direction(row, path, line), _number(row, measured, path, line))
        devices.setdefault(row.get("device", ""), []).append(entry)
    return _together(devices, path, span, is_conductance=measured == "conductance")


def _span(given: Any) -> tuple[float, float]:
    try:
        low, high = map(float, given)
    except (TypeError, ValueError):
        raise CurveError(f"conductance_range is {given!r}: give two numbers, the conductances of -1 and 1") from None
    return low, high


def _table(path: str | Path) -> tuple[list[str], list[dict[str, Any]]]:
    """Columns and rows, also as spreadsheets write them: behind a byte order mark, with spaces behind commas."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, skipinitialspace=True)
            columns = [name.strip() for name in reader.fieldnames or ()]
            reader.fieldnames = columns
            return columns, list(reader)
    except FileNotFoundError:
        raise MissingFileError(f"there is no file {str(path)!r}") from None
    except OSError as error:
        raise FileAccessError(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise CurveError(f"{path} is no table of comma-separated values in UTF-8: {error}") from None


def _direction(row: dict[str, Any], path: str | Path, line: int) -> int:
    value = _number(row, "direction", path, line)
    if value not in (0, 1, -1):
        raise CurveError(f"{path}, line {line}: direction is {value:g}; it is 1, -1, or 0 before any pulse")
    return int(value)


def _number(row: dict[str, Any], column: str, path: str | Path, line: int) -> float:
    try:
        return float(row[column])
    except (TypeError, ValueError):
        raise CurveError(f"{path}, line {line}: {column} is {row[column]!r}, which is no number") from None


def _together(
    devices: dict[str, list[tuple[int, float]]],
    path: str | Path,
    span: tuple[float, float] | None,
    *,
    is_conductance: bool,
) -> Curves:
    if not devices:
        raise CurveError(f"{path} has no rows")
    trains = {name: tuple(direction for direction, _ in entries) for name, entries in devices.items()}
    first = next(iter(trains.values()))
    if first[0] != 0:
        raise CurveError(f"{path}: the first row of a device is its reading before any pulse, with direction 0")
    for name, train in trains.items():
        if train != first:
            raise CurveError(f"{path}: device {name!r} got other pulses than the first one: fit it by itself")
    values = np.array([[value for _, value in entries] for entries in devices.values()]).T
    if is_conductance:
        low, high = span or (values.min(), values.max())
        if not low < high:
            raise CurveError(f"conductances from {low} to {high}: a range from low to high is wanted")
        values = 2 * (values - low) / (high - low) - 1
    return Curves(np.array(first[1:], np.int8), values.astype(np.float32))
