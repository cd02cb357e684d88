"""Threads of OpenMP that wait: they spin beside torch alone, and sleep beside crossbars."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("torch")

#: Prints the median processor time, in microseconds, that the process spends while it sleeps after a loop of torch.
SPENT = """
import os, sys, time, torch
from statistics import median
from analog.config import SingleRPUConfig
from analog.nn import AnalogLinear, openmp

torch.set_num_threads(os.cpu_count())
layer, x, numbers = AnalogLinear(4, 4, rpu_config=SingleRPUConfig()), torch.ones(2, 4), torch.ones(1 << 17)

def spent():
    if "beside" in sys.argv:
        layer(x)
    numbers.add_(1)
    start = time.process_time_ns()
    time.sleep(0.03)
    return (time.process_time_ns() - start) / 1000

layer(x)
if "after" in sys.argv:
    time.sleep(3 * openmp.LEASE)
print(median(spent() for _ in range(9)))
"""


def spent(mode: str, **environment: str) -> float:
    clean = {name: value for name, value in os.environ.items() if name not in {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT"}}
    call = [sys.executable, "-c", SPENT, mode]
    done = subprocess.run(call, env=clean | environment, capture_output=True, text=True, timeout=120, check=True)
    return float(done.stdout)


@pytest.fixture(scope="module")
def spinning() -> float:
    """What is spent where nobody asks OpenMP to sleep: after crossbars were used, and no longer are."""
    found = spent("after")
    if found < 600:
        pytest.skip(f"OpenMP spins for {found} us here: too little to see it stop")
    return found


def test_it_sleeps_beside_crossbars_and_spins_again_after_them(spinning: float) -> None:
    assert spent("beside") < spinning / 3


def test_what_the_user_decides_stays(spinning: float) -> None:
    assert spent("beside", OMP_WAIT_POLICY="active") > spinning / 3
