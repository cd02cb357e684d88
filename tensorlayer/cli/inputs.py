"""The tensors that a program reads, from the files that the command names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tensorlayer.errors import FileFormatError, OptionError
from tensorlayer.files import read_tensors

__all__ = ["read_inputs"]

Arrays = dict[str, np.ndarray[Any, Any]]


def read_inputs(given: Sequence[str], names: Sequence[str]) -> Arrays:
    """Read the tensors of a program.

    Parameters
    ----------
    given : sequence of str
        A path, which gives every tensor in it that the program reads; or ``name=path``, which gives one.
    names : sequence of str
        What the program reads.

    Raises
    ------
    FileFormatError
        If a file has none of these tensors, or several where one was named.
    OptionError
        If a tensor is given twice, or the program does not read it.
    """
    arrays: Arrays = {}
    for each in given:
        name, path = _split(each)
        found = _named(path, name, names) if name else _all(path, names)
        if twice := sorted(set(arrays) & set(found)):
            raise OptionError(f"--input {each}: {', '.join(twice)} was given before")
        arrays |= found
    return arrays


def _split(given: str) -> tuple[str, Path]:
    """The name, or "" if there is none, and the path."""
    match = re.fullmatch(r"([^\W\d]\w*'*)=(.+)", given)
    if match is None or Path(given).exists():
        return "", Path(given)
    return match[1], Path(match[2])


def _named(path: Path, name: str, names: Sequence[str]) -> Arrays:
    if name not in names:
        raise OptionError(f"--input {name}={path}: the program does not read {name}; it reads {_listed(names)}")
    tensors = read_tensors(path, [name]) or read_tensors(path)
    if name in tensors:
        return {name: tensors[name]}
    if len(tensors) != 1:
        raise FileFormatError(f"{path} has no tensor {name}, and is ambiguous: it has {_listed(tensors)}")
    return {name: next(iter(tensors.values()))}


def _all(path: Path, names: Sequence[str]) -> Arrays:
    tensors = read_tensors(path, names)
    if not tensors:
        raise FileFormatError(
            f"{path} has {_listed(read_tensors(path))}; the program reads {_listed(names)}: "
            f"name it, as --input {next(iter(names), 'A')}={path}"
        )
    return tensors


def _listed(names: Sequence[str] | Arrays) -> str:
    return ", ".join(names) or "nothing"
