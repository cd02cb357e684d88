"""The contract: on a GPU where there is one, and everywhere the kernels of its loops, run by this machine."""

from __future__ import annotations

from typing import Any

import pytest

from backends.cupy.loop import CompiledLoop
from tensorlayer.backend import Backend
from tensorlayer.testing import BackendContract, Case, compute
from tests.backends.cupy.collected import CASES
from tests.backends.cupy.emulated import EmulatedBackend
from tests.backends.cupy.emulation import Emulator


@pytest.mark.gpu("cupy")
class TestCupy(BackendContract):
    backend = "cupy"
    device = "cuda:0"


class Emulated(BackendContract):
    """The contract's checks of an `EmulatedBackend`."""

    def __init__(self, backend: Backend) -> None:
        self._subject = backend

    @property
    def subject(self) -> Backend:
        return self._subject

    def _computed(self, sinks: Any, operands: Any) -> list[Any]:
        return compute(self._subject, sinks, operands)


@pytest.fixture(scope="module")
def emulated(kernels: list[str], emulator: Emulator) -> EmulatedBackend:
    emulator.prepare(kernels)
    return EmulatedBackend(emulator)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_loop(case: Case, emulated: EmulatedBackend) -> None:
    Emulated(emulated)._check(case)


def test_most_cases_are_generated_kernels(kernels: list[str], emulated: EmulatedBackend) -> None:
    nodes = [case.sinks[0] for case in CASES]
    compiled = sum(isinstance(emulated.kernel(node), CompiledLoop) for node in nodes)
    assert compiled > 0.7 * len(nodes)
    assert len(kernels) > 200
