"""The runs of a sweep, and what they gave, in one file."""

from __future__ import annotations

import hashlib
import itertools
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analog.distributed.identity import home_of, identity_of
from analog.errors import ConfigError
from tensorlayer.errors import FileAccessError, FileFormatError

__all__ = ["Plain", "Run", "RunStore", "runs_of"]

Plain = str | int | float | bool | None
#: Values of parameters: plain ones, or any kind by the name that stands for them in tables.
Choices = Sequence[Plain] | Mapping[str, Any]


@dataclass(frozen=True)
class Run:
    """One point of a sweep.

    Parameters
    ----------
    labels : dict of str to plain value
        What stands for it in tables.
    values : dict of str to object
        What the function gets.
    key : str
        The same for the same function, labels and values, in any process.
    """

    labels: dict[str, Plain]
    values: dict[str, Any]
    key: str


def runs_of(function: Callable[..., Any], parameters: Mapping[str, Choices]) -> list[Run]:
    """All combinations, the last parameter changing fastest.

    Raises
    ------
    ConfigError
        If a parameter has no values, or such as need a name.

    Examples
    --------
    >>> [run.labels for run in runs_of(dict, {"lr": [0.1, 0.2], "seed": range(2)})][:2]
    [{'lr': 0.1, 'seed': 0}, {'lr': 0.1, 'seed': 1}]
    """
    home = home_of(function)
    choices = [_choices(name, given, home) for name, given in parameters.items()]
    doing = identity_of(function, home)
    runs = []
    for chosen in itertools.product(*choices):
        labels, values, contents = (dict(zip(parameters, of_one, strict=True)) for of_one in _turned(chosen))
        known = json.dumps([doing, sorted(labels.items()), sorted(contents.items())])
        runs.append(Run(labels, values, hashlib.sha256(known.encode()).hexdigest()))
    return runs


def _turned(chosen: Sequence[tuple[Any, Any, str]]) -> Sequence[tuple[Any, ...]]:
    return tuple(zip(*chosen, strict=True)) or ((), (), ())


def _choices(name: str, given: Choices, home: str | None) -> list[tuple[Plain, Any, str]]:
    """What stands for each value, the value, and what it is known by."""
    pairs: list[tuple[Plain, Any]]
    pairs = list(given.items()) if isinstance(given, Mapping) else [(value, value) for value in given]
    if not pairs or isinstance(given, str):
        raise ConfigError(f"the parameter {name!r} is {given!r}: give a sequence of values, or a mapping from names")
    for label, _ in pairs:
        if not isinstance(label, Plain):
            raise ConfigError(
                f"a value of {name!r} is {type(label).__name__}: give values that are not text, numbers, bools or None "
                f"by names, as {name}={{'reram': ..., 'ecram': ...}}"
            )
    return [(label, value, identity_of(value, home)) for label, value in pairs]


class RunStore:
    """Finished runs in a file of SQLite, each whole or not at all; several processes may read it.

    Parameters
    ----------
    path : str or Path
        Of the file; made if it is missing.

    Raises
    ------
    FileAccessError
        If the file system refuses.
    FileFormatError
        If it is something else.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._do("CREATE TABLE IF NOT EXISTS runs (key TEXT PRIMARY KEY, labels TEXT, results TEXT)")

    def add(self, finished: Iterable[tuple[Run, Mapping[str, Any]]]) -> None:
        """Keep what runs gave, all or none."""
        rows = [(run.key, json.dumps(run.labels), json.dumps(dict(results))) for run, results in finished]
        self._do("INSERT OR REPLACE INTO runs VALUES (?, ?, ?)", rows)

    def __iter__(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for key, results in self._do("SELECT key, results FROM runs"):
            yield key, json.loads(results)

    def _do(self, statement: str, rows: Sequence[tuple[str, ...]] | None = None) -> list[Any]:
        try:
            with closing(sqlite3.connect(self.path)) as file, file:
                found = file.execute(statement) if rows is None else file.executemany(statement, rows)
                return found.fetchall()
        except sqlite3.OperationalError as error:
            raise FileAccessError(f"{self.path} cannot be read or written: {error}; what it held is there") from error
        except sqlite3.DatabaseError as error:
            raise FileFormatError(f"{self.path} is no file of a sweep: {error}") from error
