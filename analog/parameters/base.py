"""The base of everything that a user configures."""

from __future__ import annotations

import dataclasses
import difflib
from abc import ABCMeta
from typing import Any, Self, dataclass_transform

from analog.errors import ConfigError

__all__ = ["Parameters"]


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
class _Frozen(ABCMeta):
    """Makes every subclass a frozen dataclass, and refuses names that are no fields."""

    def __new__(mcs, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any) -> _Frozen:
        cls = super().__new__(mcs, name, bases, namespace, **options)
        return dataclasses.dataclass(frozen=True)(cls)  # type: ignore[arg-type,return-value]

    def __call__(cls, *values: Any, **named: Any) -> Any:
        names = [field.name for field in dataclasses.fields(cls) if field.init]  # type: ignore[arg-type]
        for name in named:
            if name not in names:
                raise ConfigError(unknown_name(cls.__name__, name, names))
        return super().__call__(*values, **named)


class Parameters(metaclass=_Frozen):
    """Parameters with units and defaults: immutable, checked when made, equal by value.

    A subclass is a dataclass without a decorator. `replace` gives a changed copy.
    """

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed.

        Raises
        ------
        ConfigError
            If there is no such field, or it cannot take that value.
        """
        names = [field.name for field in dataclasses.fields(self) if field.init]
        for name in changes:
            if name not in names:
                raise ConfigError(unknown_name(type(self).__name__, name, names))
        return dataclasses.replace(self, **changes)


def unknown_name(owner: str, name: str, known: list[str]) -> str:
    """The message about a field that does not exist."""
    close = difflib.get_close_matches(name, known, 1)
    advice = f"did you mean {close[0]!r}?" if close else f"it has {', '.join(known) or 'none'}"
    return f"{owner} has no field {name!r}: {advice}"
