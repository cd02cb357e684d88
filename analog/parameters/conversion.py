"""What a field takes, by its annotation. Only what cannot be misunderstood is converted."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np

from analog.errors import ConfigError
from analog.parameters.ranges import Range
from analog.parameters.table import Table

__all__ = ["closest", "convert"]

#: The sizes that are neither zero nor infinite in float32.
SMALLEST, LARGEST = float(np.finfo(np.float32).smallest_subnormal), float(np.finfo(np.float32).max)


def convert(value: Any, hint: Any, where: str) -> Any:
    """The value as a field with that annotation holds it.

    Parameters
    ----------
    value : object
        What the user gave.
    hint : type or annotation
        What the field is: a number, `Range` included, text, an enum, a class of parameters, a tuple or a mapping of
        such, or a union.
    where : str
        Class and field, for the message.

    Returns
    -------
    object
        Integers become floats where floats are wanted, sequences tuples, names of members the members of an enum.

    Raises
    ------
    ConfigError
        If the field cannot take it.
    """
    special = SPECIAL.get(get_origin(hint))
    if special is not None:
        return special(value, get_args(hint), where)
    if hint is Any or not isinstance(hint, type):
        return value
    if issubclass(hint, Enum):
        return _member(value, hint, where)
    return SCALARS.get(hint, _instance)(value, hint, where)


def closest(name: str, known: list[str]) -> str:
    """Advice about a name that does not exist."""
    close = difflib.get_close_matches(name, known, 1, 0.5)
    return f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known) or 'none'}"


def _number(value: Any, hint: type, where: str) -> float:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise ConfigError(f"{where} is a number, not {_shown(value)}")
    # An integer may be too large for a float, and a number of half precision takes others for its own kind.
    exact = value if isinstance(value, int) else float(value)
    if exact and not SMALLEST <= abs(exact) <= LARGEST:
        raise ConfigError(
            f"{where} is a number that float32 holds, 0 or of a size from {SMALLEST:.2g} to {LARGEST:.2g}, not "
            f"{_shown(value)}"
        )
    return hint(value)  # type: ignore[no-any-return]


def _integer(value: Any, hint: type, where: str) -> int:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise ConfigError(f"{where} is an integer, not {_shown(value)}")
    return hint(value)  # type: ignore[no-any-return]


def _truth(value: Any, hint: type, where: str) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise ConfigError(f"{where} is True or False, not {_shown(value)}")
    return hint(value)  # type: ignore[no-any-return]


def _instance(value: Any, hint: type, where: str) -> Any:
    if isinstance(value, type) and issubclass(value, hint):
        raise ConfigError(f"{where} is an instance: write {value.__name__}()")
    if not isinstance(value, hint):
        raise ConfigError(f"{where} is {'None' if hint is NoneType else hint.__name__}, not {_shown(value)}")
    return value


SCALARS: Mapping[type, Callable[[Any, type, str], Any]] = {float: _number, int: _integer, bool: _truth}


def _member(value: Any, hint: type[Enum], where: str) -> Enum:
    if isinstance(value, hint):
        return value
    names = list(hint.__members__)
    if isinstance(value, str) and value in names:
        return hint[value]
    advice = closest(value, names) if isinstance(value, str) else f"there are {', '.join(names)}"
    raise ConfigError(f"{where} is a member of {hint.__name__}, not {_shown(value)}: {advice}")


def _tuple(value: Any, hints: tuple[Any, ...], where: str) -> tuple[Any, ...]:
    items = value.tolist() if isinstance(value, np.ndarray) else value
    if not isinstance(items, list | tuple):
        raise ConfigError(f"{where} is a sequence, not {_shown(value)}")
    if hints[-1] is Ellipsis:
        return tuple(convert(item, hints[0], f"{where}[{i}]") for i, item in enumerate(items))
    if len(items) != len(hints):
        raise ConfigError(f"{where} has {len(hints)} elements, not {len(items)}")
    return tuple(convert(item, each, f"{where}[{i}]") for i, (item, each) in enumerate(zip(items, hints, strict=True)))


def _table(value: Any, hints: tuple[Any, ...], where: str) -> Table[Any]:
    try:
        pairs = dict(value)
    except (TypeError, ValueError):
        raise ConfigError(f"{where} is a mapping, not {_shown(value)}") from None
    key, content = hints
    return Table(
        {convert(k, key, f"{where}: a name"): convert(v, content, f"{where}[{k!r}]") for k, v in pairs.items()}
    )


def _of_union(value: Any, hints: tuple[Any, ...], where: str) -> Any:
    errors = []
    for hint in hints:
        try:
            return convert(value, hint, where)
        except ConfigError as error:
            errors.append(error)
    reasons = dict.fromkeys(str(error).removeprefix(f"{where} ") for error in errors)
    raise ConfigError(f"{where} {'; or '.join(reasons)}")


def _of_literal(value: Any, allowed: tuple[Any, ...], where: str) -> Any:
    if not any(value == each and type(value) is type(each) for each in allowed):
        raise ConfigError(f"{where} is one of {', '.join(map(repr, allowed))}, not {_shown(value)}")
    return value


def _within(value: Any, hints: tuple[Any, ...], where: str) -> Any:
    converted = convert(value, hints[0], where)
    for bound in hints[1:]:
        if isinstance(bound, Range) and converted not in bound:
            raise ConfigError(f"{where} is {converted!r}: it must be {bound}")
    return converted


SPECIAL: Mapping[Any, Callable[[Any, tuple[Any, ...], str], Any]] = {
    Annotated: _within,
    Union: _of_union,
    UnionType: _of_union,
    tuple: _tuple,
    Mapping: _table,
    Literal: _of_literal,
}


def _shown(value: Any) -> str:
    """A value in a message."""
    text = repr(value)
    return f"{text if len(text) < 60 else text[:57] + '...'} ({type(value).__name__})"
