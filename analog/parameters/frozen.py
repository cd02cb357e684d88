"""Classes of parameters: what is common to all of them and said nowhere else."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from abc import ABCMeta
from typing import Any, dataclass_transform

from analog.errors import ConfigError
from analog.parameters.conversion import closest, convert
from analog.parameters.registry import register

__all__ = ["Frozen", "as_code", "field_names", "unknown_name"]


def _refuse_assignment(self: Any, name: str, value: Any) -> None:
    owner = type(self)
    if name not in {field.name for field in dataclasses.fields(owner)}:
        raise ConfigError(unknown_name(owner, name))
    raise ConfigError(f"{owner.__name__} is immutable: use its .replace({name}={as_code(value)}), which gives a copy")


def _refuse_deletion(self: Any, name: str) -> None:
    raise ConfigError(f"{type(self).__name__} is immutable: .replace({name}=...) gives a copy with another value")


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
class Frozen(ABCMeta):
    """Makes every subclass a frozen dataclass, whose constructor refuses what its fields cannot take."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> Frozen:
        """Make a class."""
        cls: Any = super().__new__(mcs, name, bases, namespace, **options)
        cls = dataclasses.dataclass(frozen=True, repr=False)(cls)
        cls.__setattr__, cls.__delattr__ = _refuse_assignment, _refuse_deletion
        register(cls)
        return cls  # type: ignore[no-any-return]

    def __call__(cls, *values: Any, **named: Any) -> Any:
        """Make an instance, of values that its fields take."""
        names = field_names(cls)
        if len(values) > len(names):
            raise ConfigError(f"{cls.__name__} has {len(names)} fields, not {len(values)}: {', '.join(names)}")
        given = dict(zip(names, values, strict=False))
        for name in named:
            if name not in names:
                raise ConfigError(unknown_name(cls, name))
            if name in given:
                raise ConfigError(f"{cls.__name__}.{name} is given twice: by position and by name")
        hints = _hints(cls)
        checked = {name: convert(each, hints[name], f"{cls.__name__}.{name}") for name, each in (given | named).items()}
        return super().__call__(**checked)

    @property
    def __signature__(cls) -> inspect.Signature:
        """What the constructor takes: the fields."""
        own = inspect.signature(cls.__init__)  # type: ignore[misc]
        return own.replace(parameters=list(own.parameters.values())[1:], return_annotation=inspect.Signature.empty)


def unknown_name(owner: type, name: str) -> str:
    """The message about a field that does not exist."""
    return f"{owner.__name__} has no field {name!r}: {closest(name, field_names(owner))}"


def field_names(cls: Any) -> list[str]:
    """What the constructor takes, in its order."""
    return [field.name for field in dataclasses.fields(cls) if field.init]


def _hints(cls: Any) -> dict[str, Any]:
    """The annotations, resolved once per class."""
    if "_hints" not in cls.__dict__:
        type.__setattr__(cls, "_hints", _resolved(cls))
    found: dict[str, Any] = cls.__dict__["_hints"]
    return found


def _resolved(cls: type) -> dict[str, Any]:
    """Annotations as objects; names that only a function or a type checker knows stand for anything."""
    unknown: dict[str, Any] = {}
    while True:
        try:
            return typing.get_type_hints(cls, localns=unknown, include_extras=True)
        except NameError as error:
            unknown[str(error.name)] = Any


def as_code(value: Any) -> str:
    """A value as code that makes it."""
    return f"{type(value).__name__}.{value.name}" if hasattr(value, "_member_map_") else repr(value)
