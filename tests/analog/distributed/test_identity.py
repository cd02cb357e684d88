"""What runs of a sweep are known by: equal content is, other content is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analog.config import ConstantStepDevice, SingleRPUConfig
from analog.distributed.identity import home_of, identity_of

#: A function of a user's script, and what it refers to.
SCRIPT = """
import numpy as np
from analog.config import ConstantStepDevice, SingleRPUConfig
STEPS = 10
NAMES = {"b", "a"}
TABLE = np.arange(5000.0)
class Device(ConstantStepDevice):
    factor = 2.0
    def turned(self):
        return -self.dw_min
def helper(x):
    return x + 1
def run(seed, lr=0.5):
    return {"a": helper(seed) * lr + STEPS + TABLE.sum(), "b": sorted(NAMES)}
config = SingleRPUConfig(device=Device(dw_min=0.002))
"""


def identities(script: str) -> tuple[str, str]:
    """Of the function and of the value that a script defines."""
    names: dict[str, Any] = {"__name__": "script"}
    exec(script, names)
    home = home_of(names["run"])
    assert home == "script"
    return identity_of(names["run"], home), identity_of(names["config"], home)


def test_the_same_in_every_process() -> None:
    code = "from tests.analog.distributed.test_identity import SCRIPT, identities; print(*identities(SCRIPT))"
    root = Path(__file__).parents[3]
    environment = {"PYTHONHASHSEED": "1", "PYTHONPATH": str(root)}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert tuple(found.stdout.split()) == identities(SCRIPT)


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("x + 1", "x + 2", "function"),
        ("lr=0.5", "lr=0.4", "function"),
        ("STEPS = 10", "STEPS = 20", "function"),
        ("{\"b\", \"a\"}", "{\"b\", \"c\"}", "function"),
        ("arange(5000.0)", "arange(5000.0)[::-1] % 4999", "function"),
        ("* lr", "/ lr", "function"),
        ("0.002", "0.003", "value"),
        ("factor = 2.0", "factor = 3.0", "value"),
        ("-self.dw_min", "+self.dw_min", "value"),
        ("def helper", "\n\n# a comment\ndef helper", "nothing"),
    ],
)  # fmt: skip
def test_what_counts(old: str, new: str, changes: str) -> None:
    assert old in SCRIPT
    before, after = identities(SCRIPT), identities(SCRIPT.replace(old, new))
    assert [one != other for one, other in zip(before, after, strict=True)] == [
        changes == "function",
        changes == "value",
    ]


def large(place: int) -> np.ndarray[Any, Any]:
    array = np.zeros(5000)
    array[place] = 1
    return array


@dataclass
class Point:
    x: float
    y: list[int]


VALUES: list[Callable[[], Any]] = [
    lambda: 1, lambda: 1.0, lambda: True, lambda: "1", lambda: None, lambda: b"1",
    lambda: large(2500), lambda: large(2501), lambda: large(2500).astype("float32"),
    lambda: large(2500).reshape(50, 100),
    lambda: [1, 2], lambda: (1, 2), lambda: [2, 1], lambda: [[1], 2], lambda: {1: 2}, lambda: {2: 1},
    lambda: Point(1.0, [2]), lambda: Point(1.0, [3]), lambda: Path("a"), lambda: Path("b"),
    lambda: partial(large, 1), lambda: partial(large, 2), lambda: partial(large, place=1),
    SingleRPUConfig, lambda: SingleRPUConfig(device=ConstantStepDevice(dw_min=0.1)),
]  # fmt: skip


def test_values_are_known_by_all_they_are() -> None:
    known = [identity_of(make(), __name__) for make in VALUES]
    assert known == [identity_of(make(), __name__) for make in VALUES]
    assert len(set(known)) == len(known)


def test_what_contains_itself() -> None:
    endless: list[Any] = [1]
    endless.append(endless)
    assert identity_of(endless, None) == identity_of(endless, None)
    assert identity_of(recursive, __name__) == identity_of(recursive, __name__)


def recursive(depth: int) -> Any:
    return recursive(depth - 1) if depth else None
