"""Every kernel of this floor: the simulator of CUDA gives what the CPU gives, and NVIDIA's compiler takes it."""

from __future__ import annotations

import gc
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import pytest

from analog.kernels import Kernel, recording
from tests.analog.ptx import Launch, distinct, ptx
from tests.analog.workloads import names, run

ALL = pytest.mark.parametrize("name", names())


@cache
def done(name: str) -> tuple[dict[str, Any], list[Launch]]:
    """What a job gives on the CPU, and what it launches."""
    with recording() as launches:
        return run(name), launches


@ALL
def test_the_simulator_gives_what_the_cpu_gives(simulator, name: str) -> None:
    here, there = done(name)[0], simulator(run, name)
    for key in here:
        np.testing.assert_allclose(there[key], here[key], rtol=1e-6, atol=1e-7, err_msg=key)


compiled = cache(ptx)


@ALL
def test_kernels_compile_for_a_gpu(name: str) -> None:
    found = distinct(done(name)[1])
    for kernel, types in found.values():
        assert ".target sm_90" in compiled(kernel, types)


def sources(kernels: Iterable[Kernel]) -> set[str]:
    """Where the bodies are written; one place makes many kernels, by closures."""
    bodies = [body for kernel in kernels for body in (kernel.body, kernel.cuda) if body is not None]
    return {f"{body.__module__}.{body.__qualname__}" for body in bodies}


def test_the_jobs_leave_no_kernel_out() -> None:
    launched = sources(kernel for name in names() for kernel, _ in done(name)[1])
    there = sources(found for found in gc.get_objects() if type(found) is Kernel)
    assert {source for source in there if source.startswith("analog.")} - launched == set()
