"""What the lab is told: checked before anything is measured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from analog.crossbar.arguments import as_integer
from analog.errors import ConfigError

__all__ = ["as_mapping", "as_names", "as_path", "require_count", "require_instance"]

#: More readings than fit into the memory of any machine.
MOST = 1 << 40


def require_count(name: str, value: Any) -> None:
    """Refuse what is no integer that is at least 1."""
    number = as_integer(name, value, MOST)
    if number < 1:
        raise ConfigError(f"{name} is {number}: it must be at least 1")


def require_instance(name: str, value: Any, kind: type[Any]) -> None:
    """Refuse objects of other classes."""
    if not isinstance(value, kind):
        hint = f": write {value.__name__}()" if isinstance(value, type) and issubclass(value, kind) else ""
        raise ConfigError(f"{name} must be of class {kind.__name__}, not {type(value).__name__}{hint}")


def as_mapping(name: str, value: Any) -> Mapping[str, Any]:
    """Things by their names."""
    if not isinstance(value, Mapping):
        raise ConfigError(f"{name} must be a mapping of names to what they stand for, not {type(value).__name__}")
    return value


def as_names(name: str, value: Any) -> list[str]:
    """One name or several."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, Iterable):
        raise ConfigError(f"{name} must be names, not {value!r}")
    return list(names)


def as_path(name: str, value: Any) -> Path:
    """Where a file is."""
    if not isinstance(value, str | Path):
        raise ConfigError(f"{name} must be a path, not {type(value).__name__}")
    return Path(value)
