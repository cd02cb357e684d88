"""Analog in-memory computing: crossbars of simulated devices."""

import importlib as _importlib
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import Any as _Any

from analog import errors as errors

if _TYPE_CHECKING:
    from analog.crossbar import Crossbar as Crossbar

__all__ = ["Crossbar", "errors"]

#: Loaded when first used, so that a part of this floor loads without the others.
_LATER = {"Crossbar": "analog.crossbar"}


def __getattr__(name: str) -> _Any:
    if name not in _LATER:
        raise AttributeError(f"module 'analog' has no attribute {name!r}")
    value = globals()[name] = getattr(_importlib.import_module(_LATER[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LATER})
