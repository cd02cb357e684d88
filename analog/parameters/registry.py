"""The classes of parameters there are in this process, by the names that files use for them."""

from __future__ import annotations

from weakref import WeakValueDictionary

from analog.errors import ConfigError
from analog.parameters.conversion import closest

__all__ = ["class_of", "register", "tag_of"]

_known: WeakValueDictionary[str, type] = WeakValueDictionary()


def tag_of(cls: type) -> str:
    """What a file calls a class: the bare name of one of this package, the module and name of any other."""
    own = cls.__module__.partition(".")[0] == __name__.partition(".")[0]
    return cls.__name__ if own else f"{cls.__module__}.{cls.__qualname__}"


def register(cls: type) -> None:
    """Make a class known; one that was defined again takes the place of the old one."""
    _known[tag_of(cls)] = cls


def class_of(tag: str) -> type:
    """The class that a file means. Nothing is imported: a file never chooses which code runs.

    A script that saved from ``__main__`` and is imported under its own name later is found by the class's name, if
    only one class has it.

    Raises
    ------
    ConfigError
        If there is no such class in this process.
    """
    found = _known.get(tag)
    if found is not None:
        return found
    name = tag.rpartition(".")[2]
    same_name = [cls for known, cls in _known.items() if known.rpartition(".")[2] == name]
    if "." in tag and len(same_name) == 1:
        return same_name[0]
    raise ConfigError(f"no class of parameters {tag!r} is known: import or define it first; {closest(name, _names())}")


def _names() -> list[str]:
    return sorted(name.rpartition(".")[2] for name in list(_known))
