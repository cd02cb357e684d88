"""What libraries raise while a plan runs reaches the user as an error of this package."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.errors import AllocationError, BackendError

#: Its square is more bytes than a process can address.
x = np.ones(2**24, np.int8)


@pytest.mark.parametrize("backend", ["numpy", "torch", "reference"])
def test_a_result_that_fits_nowhere(backend: str) -> None:
    A = tl.tensor(x, backend=backend)
    with pytest.raises(AllocationError, match=rf"the plan needs .* TiB on {backend}:cpu: .* free. .*memory=") as caught:
        (A["i"] * A["j"])["i,j"].compute()
    assert isinstance(caught.value, MemoryError)


def test_what_a_library_cannot_do() -> None:
    labels = [f"m{i}" for i in range(40)]
    A = tl.tensor(np.ones((1,) * 40))
    left, right = A[",".join(labels)], A[",".join(f"{x}'" for x in labels)]
    with pytest.raises(BackendError, match=r"failed on numpy:cpu: ValueError: .*64") as caught:
        (left * right)[",".join(labels + [f"{x}'" for x in labels])].compute()
    assert isinstance(caught.value.__cause__, ValueError)


def test_programs_do_likewise_when_run_again() -> None:
    outer = tl.program("C[i,j] = x[i] * y[j]")
    outer(x=x[:2], y=x[:2])
    for _ in range(2):
        with pytest.raises(AllocationError):
            outer(x=x, y=x)


def test_errors_that_users_asked_numpy_for_are_theirs() -> None:
    zeros = tl.tensor(np.zeros(2))
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        (1.0 / zeros["i"])["i"].compute()
