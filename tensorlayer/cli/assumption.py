"""Inputs that nobody gave, for explaining a program without data: extents without elements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from tensorlayer.errors import OptionError
from tensorlayer.labels import Labels
from tensorlayer.text import Program
from tensorlayer.text.syntax import Name, Part, Subscript, Target

__all__ = ["EXTENT", "assume_inputs"]

#: Extent of every mode of which nothing is known.
EXTENT = 100


def assume_inputs(
    program: Program, known: Mapping[str, Any], shapes: Sequence[str], extent: int = EXTENT
) -> dict[str, np.ndarray[Any, Any]]:
    """Stand-ins of the right rank, which take no memory, for the inputs that are not known.

    Parameters
    ----------
    program : Program
        The text says the rank of every tensor.
    known : mapping
        Inputs that are there.
    shapes : sequence of str
        What is said of the others, each as ``name=3,4``.
    extent : int, optional
        Every extent of those of which nothing is said.

    Raises
    ------
    OptionError
        If a shape cannot be read, or is of a tensor that is known or that the program does not read.
    """
    said = dict(_shape(text) for text in shapes)
    unknown = [name for name in program.inputs if name not in known]
    if wrong := [name for name in said if name not in unknown]:
        raise OptionError(
            f"--shape {wrong[0]}=...: the program reads {', '.join(unknown) or 'nothing'} besides its --input"
        )
    ranks = _ranks(program)
    zero = np.zeros(())
    return {name: np.broadcast_to(zero, said.get(name, (extent,) * ranks.get(name, 0))) for name in unknown}


def _shape(text: str) -> tuple[str, tuple[int, ...]]:
    match = re.fullmatch(r"\s*([^\W\d]\w*'*)\s*=\s*((?:\d+(?:\s*[,x]\s*\d+)*)?)\s*,?\s*", text)
    if match is None:
        raise OptionError(f"--shape {text}: write the name and the extents, as --shape A=300,400")
    return match[1], tuple(map(int, re.findall(r"\d+", match[2])))


def _ranks(program: Program) -> dict[str, int]:
    """Number of modes of every tensor, from the first place where it is subscripted."""
    ranks: dict[str, int] = {}
    for statement in program.statements:
        for name, key in _subscripts(statement):
            ranks.setdefault(name, len(Labels.parse(key) if isinstance(key, str) else key))
    return ranks


def _subscripts(part: Part) -> Iterator[tuple[str, Any]]:
    """Every tensor that is subscripted within a part, and its key."""
    if isinstance(part, Target):
        yield part.name, part.key
    if isinstance(part, Subscript) and isinstance(part.part, Name):
        yield part.part.name, part.key
    for field in fields(part):
        value = getattr(part, field.name)
        for child in value if isinstance(value, tuple) else (value,):
            if isinstance(child, Part):
                yield from _subscripts(child)
