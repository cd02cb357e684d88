"""Measured weights from files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analog.errors import CurveError
from analog.lab.arguments import as_path
from analog.lab.curves import Curves
from tensorlayer.errors import FileAccessError, MissingFileError

__all__ = ["read_curves"]

Array = npt.NDArray[np.float64]


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
    directions = _common_directions({name: [step for step, _ in entries] for name, entries in devices.items()}, path)
    values = np.array([[value for _, value in entries] for entries in devices.values()]).T
    weights = _as_weights(values, span) if is_conductance else values
    return Curves(np.array(directions, np.int8), weights.astype(np.float32))


def _common_directions(trains: dict[str, list[int]], path: str | Path) -> list[int]:
    """The pulses that all devices got."""
    first = next(iter(trains.values()))
    if first[0] != 0:
        raise CurveError(f"{path}: the first row of a device is its reading before any pulse, with direction 0")
    for name, train in trains.items():
        if train != first:
            raise CurveError(f"{path}: device {name!r} got other pulses than the first one: fit it by itself")
    return first[1:]


def _as_weights(conductances: Array, span: tuple[float, float] | None) -> Array:
    low, high = span or (conductances.min(), conductances.max())
    if not low < high:
        raise CurveError(f"conductances from {low} to {high}: a range from low to high is wanted")
    weights: Array = 2 * (conductances - low) / (high - low) - 1
    return weights
