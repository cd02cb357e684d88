"""The base of everything that a user configures."""

from __future__ import annotations

import dataclasses
import json
import tomllib
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Self

from analog.errors import ConfigError
from analog.parameters.frozen import Frozen, as_code, field_names, unknown_name
from analog.parameters.plain import from_plain, own_values, to_plain
from tensorlayer.errors import LibraryNotInstalledError

__all__ = ["Parameters"]


class Parameters(metaclass=Frozen):
    """Parameters with units and defaults: immutable, checked when made, equal by value.

    A subclass is a dataclass without a decorator. The annotation of a field says what it takes: `float` takes
    integers too, an enum the name of a member, ``tuple[float, ...]`` any sequence, and the names of
    `analog.parameters.ranges` bound a number. `replace` gives a changed copy.

    Examples
    --------
    >>> class Leak(Parameters):
    ...     rate: float = 0.1
    ...     exponent: float = 1.0
    >>> leak = Leak(rate=2)
    >>> leak
    Leak(rate=2.0)
    >>> leak.replace(rate=0.1) == Leak()
    True
    >>> Leak(rat=1)
    Traceback (most recent call last):
    analog.errors.ConfigError: Leak has no field 'rat': did you mean 'rate'?
    >>> Leak(rate=True)
    Traceback (most recent call last):
    analog.errors.ConfigError: Leak.rate is a number, not True (bool)
    """

    def replace(self, **changes: Any) -> Self:
        """A copy with some fields changed.

        Parameters
        ----------
        **changes
            New values by field; a dotted name reaches into a field: ``replace(**{"forward.out_noise": 0.0})``.

        Raises
        ------
        ConfigError
            If there is no such field, or it cannot take that value.
        """
        inner: dict[str, dict[str, Any]] = {}
        for path in [path for path in changes if "." in path]:
            name, _, rest = path.partition(".")
            inner.setdefault(name, {})[rest] = changes.pop(path)
        for name in (*inner, *changes):
            if name not in field_names(type(self)):
                raise ConfigError(unknown_name(type(self), name))
        for name, deeper in inner.items():
            held = changes.get(name, getattr(self, name))
            if not isinstance(held, Parameters):
                raise ConfigError(f"{type(self).__name__}.{name} has no fields of its own: it is {held!r}")
            changes[name] = held.replace(**deeper)
        return dataclasses.replace(self, **changes)

    def to_dict(self, *, defaults: bool = True) -> dict[str, Any]:
        """Plain numbers, text, lists and dictionaries; the class's name is under ``"class"``.

        Parameters
        ----------
        defaults : bool, optional
            Whether fields that have their default are written, so that another version with other defaults
            reads the same.
        """
        plain: dict[str, Any] = to_plain(self, defaults=defaults)
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """The inverse of `to_dict`.

        Parameters
        ----------
        plain : mapping
            Values by field, and the class's name under ``"class"``.

        Raises
        ------
        ConfigError
            If it is no table of this class or one derived from it, if a class in it is not known in this
            process (nothing is imported), or a field does not exist or cannot take its value.
        """
        made = from_plain(plain)
        if not isinstance(made, cls):
            raise ConfigError(f"{cls.__name__} was to be read, found {type(made).__name__}")
        return made

    def to_json(self, *, defaults: bool = True) -> str:
        """As JSON text.

        Parameters
        ----------
        defaults : bool, optional
            As of `to_dict`.
        """
        return json.dumps(self.to_dict(defaults=defaults), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """From JSON text.

        Parameters
        ----------
        text : str
            As from `to_json`.

        Raises
        ------
        ConfigError
            If it is no JSON, or as of `from_dict`.
        """
        try:
            plain = json.loads(text)
        except (TypeError, ValueError) as error:
            raise ConfigError(f"no JSON: {error}") from None
        return cls.from_dict(plain)

    def to_toml(self, *, defaults: bool = True) -> str:
        """As TOML text.

        Parameters
        ----------
        defaults : bool, optional
            As of `to_dict`.

        Raises
        ------
        LibraryNotInstalledError
            If `tomli_w` is missing.
        """
        try:
            text: str = import_module("tomli_w").dumps(self.to_dict(defaults=defaults))
        except ImportError:
            raise LibraryNotInstalledError(
                "TOML is written by the library tomli_w: pip install 'tensorlayer-graph[analog]'"
            ) from None
        return text

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """From TOML text.

        Parameters
        ----------
        text : str
            As from `to_toml`.

        Raises
        ------
        ConfigError
            If it is no TOML, or as of `from_dict`.
        """
        try:
            plain = tomllib.loads(text)
        except (AttributeError, TypeError, ValueError) as error:  # of what is no text
            raise ConfigError(f"no TOML: {error}") from None
        return cls.from_dict(plain)

    def __repr__(self) -> str:
        """The call that makes it; what has its default is left out."""
        own = own_values(self, defaults=False)
        return f"{type(self).__name__}({', '.join(f'{name}={as_code(value)}' for name, value in own.items())})"
