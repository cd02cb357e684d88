"""Parameters as dictionaries, lists, numbers and text, and back."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any

from analog.errors import ConfigError
from analog.parameters.registry import class_of, tag_of

__all__ = ["from_plain", "own_values", "to_plain"]

#: The key under which a dictionary says what class it was.
TAG = "class"
NONE = {TAG: "None"}


def to_plain(value: Any, *, defaults: bool) -> Any:
    """Dictionaries with class names for parameters, lists for tuples, names for members of enums.

    Parameters
    ----------
    value : object
        What a field holds, or parameters.
    defaults : bool
        Whether fields that have their default are written.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = own_values(value, defaults=defaults)
        return {TAG: tag_of(type(value))} | {name: to_plain(each, defaults=defaults) for name, each in named.items()}
    if isinstance(value, tuple | list):
        return [to_plain(each, defaults=defaults) for each in value]
    if isinstance(value, Mapping):  # as pairs: a table names its class
        return [[name, to_plain(each, defaults=defaults)] for name, each in value.items()]
    if isinstance(value, Enum):
        return value.name
    return dict(NONE) if value is None else value


def from_plain(value: Any) -> Any:
    """The inverse of `to_plain`; names of members stay text, which constructors take.

    Raises
    ------
    ConfigError
        If a class is unknown, or a field does not exist or cannot take its value.
    """
    if isinstance(value, list):
        return tuple(from_plain(each) for each in value)
    if not isinstance(value, Mapping) or value == NONE:
        return None if value == NONE else value
    if not isinstance(value.get(TAG), str):
        raise ConfigError(f"a table of parameters names its class under {TAG!r}; this one has {', '.join(value)}")
    fields = {name: from_plain(each) for name, each in value.items() if name != TAG}
    return class_of(value[TAG])(**fields)


def own_values(parameters: Any, *, defaults: bool) -> dict[str, Any]:
    """Field by field what a constructor was given, with or without what it would take by itself."""
    fields = [field for field in dataclasses.fields(parameters) if field.init]
    values = {field.name: getattr(parameters, field.name) for field in fields}
    return {field.name: values[field.name] for field in fields if defaults or values[field.name] != _default(field)}


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default
