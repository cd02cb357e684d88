"""Which runtime is in force, what it says there is, and what closing it ends."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from tensorlayer.errors import AllocationError, BackendError, BackendNotInstalledError, OptionError
from tensorlayer.options import current_options, options
from tensorlayer.runtime import Engine, Memory, Runtime, engine, register_devices, register_engine, runtime


class Cluster(Runtime):
    """A runtime that another library would have."""


class ClusterEngine(Engine):
    """An engine whose library the test can pretend to have imported."""

    library: ClassVar[str] = "a_cluster_library"
    found: Runtime | None = None

    def active(self) -> Runtime | None:
        return self.found

    def start(self, processes: int) -> Runtime:
        self.processes = processes
        return Cluster()

    def connect(self, address: str) -> Runtime:
        self.address = address
        return Cluster()


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterEngine]:
    monkeypatch.setattr(engine, "_registered", {})
    return register_engine(ClusterEngine())


# -- which -----------------------------------------------------------------------------------------------------


def test_without_a_choice_it_is_this_process() -> None:
    here = Runtime.current()
    assert here is Runtime.current()
    assert here.processes == 1


def test_the_runtime_that_was_entered_is_current_inside() -> None:
    before = Runtime.current()
    with Runtime.local() as outer, Runtime.local() as inner:
        assert Runtime.current() is inner
        with outer:
            assert Runtime.current() is outer
        assert Runtime.current() is inner
    assert Runtime.current() is before


def test_an_active_cluster_is_picked_up_once_its_library_is_imported(
    cluster: ClusterEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Runtime.current()
    cluster.found = Cluster()
    assert Runtime.current() is before
    monkeypatch.setitem(sys.modules, cluster.library, sys)
    assert Runtime.current() is cluster.found
    cluster.found = None
    assert Runtime.current() is before


def test_several_processes_are_the_engines_work(cluster: ClusterEngine) -> None:
    assert isinstance(Runtime.local(processes=3), Cluster)
    assert isinstance(Runtime.connect("tcp://host:1"), Cluster)
    assert (cluster.processes, cluster.address) == (3, "tcp://host:1")


def test_without_an_engine_the_pip_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_registered", {})
    monkeypatch.setattr(engine, "_entry_points", dict)
    with pytest.raises(BackendNotInstalledError, match=r"pip install 'tensorlayer-graph\[dask\]'"):
        Runtime.local(processes=2)


def test_no_process_is_refused() -> None:
    for count in (0, "2", 1.5):
        with pytest.raises(OptionError, match=f"one process or more, an integer, got processes={count!r}"):
            Runtime.local(processes=count)


def test_asking_for_the_runtime_imports_no_cluster_library() -> None:
    program = (
        "import sys; from tensorlayer.runtime import Runtime; Runtime.current(); print('distributed' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


# -- what there is ---------------------------------------------------------------------------------------------


def test_threads_are_those_this_process_may_use() -> None:
    assert Runtime.current().threads == len(os.sched_getaffinity(0))


def test_devices_are_those_that_backends_bring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_probes", {})
    here = Runtime.local()
    assert here.devices == ("cpu",)
    register_devices("toy", lambda: {"toy:0": Memory(100, 40)})
    assert here.devices == ("cpu", "toy:0")
    assert here.memory("toy:0").used == 60
    assert "cpu, toy:0" in repr(here)
    with pytest.raises(AllocationError, match=r"no device 'toy:1': there are cpu, toy:0"):
        here.memory("toy:1")


# -- work ------------------------------------------------------------------------------------------------------


def test_work_is_done_in_another_thread_under_the_same_options() -> None:
    with Runtime.local() as here, options(memory=77):
        future = here.submit(lambda: (threading.current_thread().name, current_options().memory))
        name, memory = future.result()
    assert name.startswith("tensorlayer")
    assert memory == 77


def test_closing_ends_the_threads_and_may_be_repeated() -> None:
    here = Runtime.local()
    thread = here.submit(threading.current_thread).result()
    here.close()
    here.close()
    assert not thread.is_alive()
    with pytest.raises(BackendError, match=r"this runtime is closed"):
        here.submit(int)


def test_a_closed_runtime_says_so_and_is_not_entered_again() -> None:
    with Runtime.local() as closed:
        pass
    assert repr(closed) == "<runtime, closed>"
    with pytest.raises(BackendError, match="this runtime is closed: start another"), closed:
        pytest.fail("entered")
    assert Runtime.current() is not closed


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("address", ["", None])
def test_what_is_no_address(address: Any) -> None:
    with pytest.raises(OptionError, match="a scheduler has an address, as"):
        Runtime.connect(address)


def test_the_runtime_of_this_process_survives_being_closed() -> None:
    here = Runtime.current()
    here.close()
    assert here.submit(pow, 2, 5).result() == 32
