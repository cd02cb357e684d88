"""What a run is known by: the content of its values, and what the function does, in any process."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import partial
from hashlib import sha256
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from analog.kernels.content import PLAIN, code_parts, globals_of

__all__ = ["home_of", "identity_of"]

#: What counts by its name.
NAMED = (type, ModuleType, BuiltinFunctionType, np.ufunc)


def home_of(function: Any) -> str | None:
    """The module that a function is defined in; that of the first one, of a partial call."""
    while isinstance(function, partial):
        function = function.func
    return getattr(function, "__module__", None)


def identity_of(value: Any, home: str | None) -> str:
    """A digest that is the same for equal content: of arrays all elements, of functions the code.

    Where content cannot be told, the digest is another one each time: work is then done again.

    Parameters
    ----------
    value : object
        Anything that can be sent to a worker. Of a function count its code, defaults, closure, and the data among the
        globals it reads.
    home : str or None
        The module whose functions and classes count so; what others define counts by its name.
    """
    digest = sha256()
    for part in _Walk(home).content(value, _pickled):
        digest.update(f"{len(part)}:{part}".encode())
    return digest.hexdigest()


#: Says what a value is that has no pieces.
Rest = Callable[[Any], str]


class _Walk:
    """Through a value, and what it refers to."""

    def __init__(self, home: str | None) -> None:
        self._home = home
        self._above: list[Any] = []

    def content(self, value: Any, rest: Rest) -> Iterator[str]:
        if isinstance(value, PLAIN) and not isinstance(value, Enum):
            yield f"{type(value).__qualname__} {value!r}"
            return
        above = next((place for place, one in enumerate(self._above) if one is value), None)
        if above is not None:
            yield f"again {above}"
            return
        self._above.append(value)
        if isinstance(value, FunctionType):
            yield f"{value.__module__} {value.__qualname__}"
            if value.__module__ == self._home:
                yield from code_parts(value.__code__)
                yield from self._each(_references(value), _named)
        elif isinstance(value, NAMED):
            yield f"{getattr(value, '__module__', '')} {value.__name__}"
            if isinstance(value, type) and value.__module__ == self._home:
                yield from self._each(_members(value), _named)
        else:
            yield from self.content(type(value), _named)
            pieces = _pieces(value)
            yield from [_whole(value) or rest(value)] if pieces is None else self._each(pieces, rest)
        self._above.pop()

    def _each(self, values: Sequence[Any], rest: Rest) -> Iterator[str]:
        yield str(len(values))
        for value in values:
            yield from self.content(value, rest)


def _references(function: FunctionType) -> list[Any]:
    """What a function finds outside its code."""
    names = sorted(globals_of(function.__code__) & function.__globals__.keys())
    found = [part for name in names for part in (name, function.__globals__[name])]
    cells = [cell.cell_contents for cell in function.__closure__ or ()]
    return [function.__defaults__, function.__kwdefaults__, *found, *cells]


def _members(cls: type) -> list[Any]:
    """Methods and constants of a class; not what Python notes down of it."""
    found = [
        (name, one)
        for name, one in sorted(vars(cls).items(), key=lambda item: item[0])
        if isinstance(one, FunctionType) or (isinstance(one, PLAIN) and not name.startswith("__"))
    ]
    return [part for item in found for part in item]


def _pieces(value: Any) -> Sequence[Any] | None:
    """What a value is made of; None if it is one."""
    if isinstance(value, partial):
        return (value.func, value.args, value.keywords)
    if isinstance(value, MethodType):
        return (value.__func__, value.__self__)
    if is_dataclass(value):
        return [part for one in fields(value) for part in (one.name, getattr(value, one.name))]
    if isinstance(value, Mapping):
        return [part for item in value.items() for part in item]
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    return value if isinstance(value, list | tuple) else None


def _whole(value: Any) -> str | None:
    """A value in words; None if they do not say all."""
    if isinstance(value, Enum | np.dtype):
        return repr(value)
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return f"{value.dtype.str} {value.shape} {sha256(value.tobytes()).hexdigest()}"
    return None


def _pickled(value: Any) -> str:
    """Of a value that is given to a run."""
    try:
        return sha256(pickle.dumps(value)).hexdigest()
    except Exception:  # noqa: BLE001  # only cloudpickle can, and what it makes is another one each time
        return repr(value)


def _named(value: Any) -> str:
    """Of what a function refers to, which may be a connection or a compiled function: its kind says enough."""
    return type(value).__qualname__
