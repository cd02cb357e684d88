"""Ambient options: what `tensorlayer.use` and `tensorlayer.options` set for a scope."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace
from typing import Any

from tensorlayer.backend import get_backend
from tensorlayer.errors import OptionError
from tensorlayer.suggestion import did_you_mean

__all__ = ["Options", "current_options", "options", "parse_bytes", "use"]

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_UNITS |= {"KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40}


def parse_bytes(amount: float | str | None) -> int | None:
    """Read an amount of memory.

    Parameters
    ----------
    amount : float, str or None
        Bytes, or a number and a unit (``B kB MB GB TB KiB MiB GiB TiB``); None for no limit.

    Returns
    -------
    int or None
        Bytes.

    Raises
    ------
    OptionError
        If it cannot be read, or is not positive.

    Examples
    --------
    >>> parse_bytes("2 GiB")
    2147483648
    """
    if amount is None:
        return None
    match = re.fullmatch(r"\s*([0-9.]+(?:e[0-9]+)?)\s*([a-z]*)\s*", str(amount), re.IGNORECASE)
    try:
        number = float(match[1]) * _UNITS[match[2].upper()] if match else 0.0
    except (KeyError, ValueError):
        number = 0.0
    if not 0 < number < 2**63:
        raise OptionError(f"{amount!r} is no amount of memory: write bytes or a number and a unit, as '2 GiB'")
    return int(number)


@dataclass(frozen=True, slots=True)
class Options:
    """What may be chosen about how expressions are computed.

    Attributes
    ----------
    backend : str or None
        Backend that runs everything in the scope; None lets the data decide.
    device : str or None
        Device of that backend; None for its default.
    memory : int or None
        Bytes that the inputs, intermediates and results of a plan may take together; None for no limit.
    optimizer : str
        How contraction orders are searched: ``"auto"``, or any name that opt_einsum knows.
    mixed : str
        Where an operation runs whose operands are held by several backends: ``"largest"`` (with the
        operand that has most bytes, but never away from a library that differentiates), or ``"error"``.
    check : bool
        Whether every pass is followed by a check that it left a legal graph.
    """

    backend: str | None = None
    device: str | None = None
    memory: int | None = None
    optimizer: str = "auto"
    mixed: str = "largest"
    check: bool = False

    def __post_init__(self) -> None:
        if self.mixed not in ("largest", "error"):
            raise OptionError(f"mixed={self.mixed!r}: choose 'largest' or 'error'")


def _from_environment() -> Options:
    return Options(backend=os.environ.get("TENSORLAYER_BACKEND") or None)


_current: ContextVar[Options | None] = ContextVar("tensorlayer_options", default=None)
_initial = _from_environment()


def current_options() -> Options:
    """The options in force here."""
    return _current.get() or _initial


@contextmanager
def options(**choices: Any) -> Iterator[Options]:
    """Set options for a scope (of this thread or task).

    Parameters
    ----------
    **choices
        Fields of `Options`; `memory` may be text such as ``"2 GiB"``.

    Yields
    ------
    Options
        The options in force inside.

    Raises
    ------
    OptionError
        If there is no such option, or it cannot take the value.
    BackendNotFoundError
        If there is no such backend.

    Examples
    --------
    >>> with options(memory="1 MiB") as inside:
    ...     inside.memory
    1048576
    """
    known = {field.name for field in fields(Options)}
    if unknown := sorted(choices.keys() - known):
        named = ", ".join(f"{name}{did_you_mean(name, known)}" for name in unknown)
        raise OptionError(f"no option {named}: there are {', '.join(sorted(known))}")
    if "memory" in choices:
        choices["memory"] = parse_bytes(choices["memory"])
    if choices.get("backend") is not None:
        get_backend(choices["backend"])
    token = _current.set(replace(current_options(), **choices))
    try:
        yield current_options()
    finally:
        _current.reset(token)


@contextmanager
def use(backend: str, device: str | None = None) -> Iterator[Options]:
    """Compute everything in a scope on one backend.

    Parameters
    ----------
    backend : str
        Name of a backend, as listed by `tensorlayer.backends`.
    device : str, optional
        Device as the backend spells it; its default when left out.

    Yields
    ------
    Options
        The options in force inside.

    Raises
    ------
    BackendNotFoundError
        If there is no such backend; the message lists those there are.
    """
    with options(backend=backend, device=device) as inside:
        yield inside
