"""Backends that are declared but broken, missing, or claimed twice: who asks is told, nobody else is stopped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from importlib.metadata import EntryPoint, EntryPoints
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.backend import backends, get_backend, registry
from tensorlayer.errors import BackendError, BackendNotInstalledError, ConversionError


def declare(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """One more entry point, as of a package that somebody installed."""
    there = metadata.entry_points(group=registry.GROUP)
    more = EntryPoints([*there, EntryPoint(name, value, registry.GROUP)])
    monkeypatch.setattr(metadata, "entry_points", lambda **_: more)
    registry._entry_points.cache_clear()


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    yield
    registry._entry_points.cache_clear()


@pytest.mark.parametrize("value", ["no_such_module:backend", "math:no_such_name", "math:pi"])
def test_a_broken_package_stops_only_who_asks_for_it(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    declare(monkeypatch, "broken", value)
    with pytest.raises(BackendError, match=f"broken.*{value}|{value}.*broken"):
        get_backend("broken")
    rows = {row.name: row for row in backends()}
    assert value in rows["broken"].problem
    assert rows["broken"].version is None
    assert rows["numpy"].version == np.__version__
    assert value in repr(backends())
    assert float(tl.tensor([1.0, 2.0])[1]) == 2.0
    with pytest.raises(ConversionError):
        tl.tensor(object())


def test_a_name_that_two_packages_claim(monkeypatch: pytest.MonkeyPatch) -> None:
    declare(monkeypatch, "numpy", "another:backend")
    with pytest.raises(BackendError, match=r"two packages claim the backend 'numpy': .* and another:backend"):
        backends()


@pytest.mark.parametrize("name", ["torch", "dask", "numba"])
@pytest.mark.parametrize("data", [np.ones(3), lambda i: i * 1.0], ids=["array", "function"])
def test_a_library_that_is_missing(monkeypatch: pytest.MonkeyPatch, name: str, data: Any) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(get_backend(name).__dict__, "namespace", raising=False)
    with pytest.raises(BackendNotInstalledError, match=rf"pip install 'tensorlayer-graph\[{name}\]'"), tl.use(name):
        (tl.tensor(data, shape=(3,))["i"] * 2.5)["i"].compute()


def test_a_module_without_a_package_is_no_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    class Local(type(get_backend("reference"))):  # type: ignore[misc]
        library = "a_module_of_a_script"

    assert Local().version is None
    monkeypatch.setitem(sys.modules, "a_module_of_a_script", ModuleType("a_module_of_a_script"))
    assert Local().version == "unknown"
