"""All cases of all topics."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from benchmarks import topics
from benchmarks.case import Case

__all__ = ["cases"]


def cases() -> Iterator[tuple[str, Case]]:
    """Topic and case, in the order of the topics' names."""
    for module in sorted(pkgutil.iter_modules(topics.__path__), key=lambda found: found.name):
        for case in importlib.import_module(f"{topics.__name__}.{module.name}").CASES:
            yield module.name, case
