"""Names and signatures of the namespace against those of `array_api_strict`, for the version that is declared."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import array_api_strict
import pytest

import tensorlayer as tl
from tensorlayer import array_api

#: Names of array_api_strict that are its own.
OWN = {"Device", "__version__", "ArrayAPIStrictFlags"}
#: array_api_strict has the signature of 2025.12, where axis is required and positional too.
NEWER = {"expand_dims"}


def names(module: Any) -> list[str]:
    return sorted(name for name in module.__all__ if name not in OWN and "array_api_strict_flags" not in name)


def functions() -> Iterator[Any]:
    for prefix, ours, theirs in (
        ("", array_api, array_api_strict),
        ("linalg.", array_api.linalg, array_api_strict.linalg),
        ("fft.", array_api.fft, array_api_strict.fft),
    ):
        for name in names(theirs):
            function = getattr(theirs, name)
            if inspect.isfunction(function) and name not in NEWER:
                yield pytest.param(getattr(ours, name, None), function, id=prefix + name)


def test_no_name_of_the_standard_is_missing() -> None:
    missing = [name for name in names(array_api_strict) if not hasattr(array_api, name)]
    missing += [name for name in names(array_api_strict.linalg) if not hasattr(array_api.linalg, name)]
    missing += [name for name in names(array_api_strict.fft) if not hasattr(array_api.fft, name)]
    assert missing == []


def test_what_is_exported_is_there() -> None:
    assert [name for name in array_api.__all__ if not hasattr(array_api, name)] == []
    assert len(set(array_api.__all__)) == len(array_api.__all__)


@pytest.mark.parametrize(("ours", "theirs"), list(functions()))
def test_signature(ours: Any, theirs: Any) -> None:
    mine, standard = inspect.signature(ours).parameters, inspect.signature(theirs).parameters
    assert [(p.name, p.kind) for p in mine.values()] == [(p.name, p.kind) for p in standard.values()]
    for name, parameter in standard.items():
        if "Undef" not in repr(parameter.default):
            assert mine[name].default == parameter.default, name


@pytest.mark.parametrize(("ours", "theirs"), list(functions()))
def test_every_function_is_documented(ours: Any, theirs: Any) -> None:
    assert ours.__name__ == theirs.__name__
    assert (ours.__doc__ or "").strip().splitlines()[0].endswith(".")


def test_the_array_object_has_what_the_standard_asks() -> None:
    theirs = {name for name in dir(type(array_api_strict.asarray(1.0))) if not name.startswith("_") or "__" in name}
    # In-place operators are Python's own: `x += y` is `x = x + y` for values that never change.
    kept = {"__index__", "__init__", "__init_subclass__", "__int__", "__invert__", "__iter__"}
    inplace = {name for name in theirs if name.startswith("__i") and name not in kept}
    assert {name for name in theirs - inplace if not hasattr(tl.Tensor, name)} <= {"__buffer__"}
    assert len(inplace) == 13


def test_every_tensor_leads_to_the_namespace() -> None:
    x = tl.tensor([1.0])
    assert x.__array_namespace__() is array_api
    assert x.__array_namespace__(api_version="2024.12") is array_api
    assert array_api.__array_api_version__ == "2024.12"
    with pytest.raises(ValueError, match=r"2022\.12.*2024\.12"):
        x.__array_namespace__(api_version="2022.12.x")
