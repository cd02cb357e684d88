"""The digest of a function follows what it computes: everything it reaches, and nothing else."""

from __future__ import annotations

from types import FunctionType
from typing import Any

import numpy as np
import pytest

from analog.kernels.content import digest_of

SOURCE = """
from enum import IntEnum
import numpy as np

FACTOR = np.float32(2.5)
TABLE = np.arange(3)

class Kind(IntEnum):
    FIRST = 1

def called(x, shift=1):
    return x * FACTOR + shift

def body(x):
    return called(x) + TABLE[Kind.FIRST] + np.sqrt(x)
"""
EDITS = {
    "a called function": ("x * FACTOR", "x / FACTOR"),
    "a constant": ("2.5", "2.50001"),
    "its type": ("float32", "float64"),
    "a default": ("shift=1", "shift=2"),
    "an array": ("arange(3)", "arange(4)"),
    "an enum": ("FIRST = 1", "FIRST = 2"),
    "a library function": ("np.sqrt", "np.cbrt"),
    "a literal": ("called(x) +", "called(x) + 1 +"),
}


def body_of(source: str) -> Any:
    scope: dict[str, Any] = {"__name__": "somewhere"}
    exec(source, scope)
    return scope["body"]


@pytest.mark.parametrize("edit", EDITS)
def test_edits_change_the_digest(edit: str) -> None:
    assert digest_of(body_of(SOURCE)) not in (None, digest_of(body_of(SOURCE.replace(*EDITS[edit]))))


def test_lines_and_comments_do_not() -> None:
    moved = "\n# moved\n" + SOURCE.replace("def body", "# a comment\ndef body")
    assert digest_of(body_of(moved)) == digest_of(body_of(SOURCE)) is not None


def test_closures_count() -> None:
    def made(law: Any) -> FunctionType:
        def body(x: float) -> float:
            return law(x)

        return body

    assert digest_of(made(lambda x: x + 1)) == digest_of(made(lambda x: x + 1))
    assert digest_of(made(lambda x: x + 1)) != digest_of(made(lambda x: x + 2))
    assert digest_of(made(np.float32(1))) != digest_of(made(np.float64(1)))


@pytest.mark.parametrize("unknown", [{"a": 1}, [1], object(), pytest])
def test_what_cannot_be_told_has_no_digest(unknown: Any) -> None:
    def body(x: float) -> Any:
        return x, unknown

    assert digest_of(body) is None


def test_attributes_are_no_globals() -> None:
    source = "called = {}\ndef body(x):\n    return x.called"
    assert digest_of(body_of(source.format(1))) == digest_of(body_of(source.format(2)))


def test_recursion_ends() -> None:
    first = "def body(x):\n    return body(x - 1) if x > 0 else {}"
    assert digest_of(body_of(first.format(0))) != digest_of(body_of(first.format(1)))
