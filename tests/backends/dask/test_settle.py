"""What workers do first: they keep memory that they free, and a processor if there is a worker for each."""

from __future__ import annotations

import os
import sys
from typing import Any

import pytest

from backends.dask import engine

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="other systems are left as they are"),
]


def state(dask_worker: Any) -> tuple[int, set[int], int]:
    """In a worker: its number, the processors it may use, and page faults of making and dropping arrays of 2 MB."""
    import os
    import resource

    import numpy as np

    np.ones(1 << 18), np.ones(1 << 18)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(5):
        np.ones(1 << 18)
    return dask_worker.name, os.sched_getaffinity(0), resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def sampling(dask_worker: Any) -> tuple[bool, bool]:
    """In a worker: whether it looks up where its threads are, and measures often whether it is late."""
    return "profile" in dask_worker.periodic_callbacks, dask_worker.periodic_callbacks["tick"].callback_time < 500


def test_workers_keep_memory_and_a_processor_and_so_do_those_that_come_later() -> None:
    processors = sorted(os.sched_getaffinity(0))
    with engine.start(2) as runtime:
        runtime.client.cluster.scale(3)
        runtime.client.wait_for_workers(3, timeout=30)
        states = runtime.client.run(state).values()
        assert set(runtime.client.run(sampling).values()) == {(False, False)}
    assert sorted(name for name, _, _ in states) == [0, 1, 2]
    for name, allowed, faults in states:
        if len(processors) <= 2:
            assert allowed == {processors[name % len(processors)]}
        else:
            assert allowed == set(processors)
        assert faults < 500  # 512 for each array, if its memory were given back every time
