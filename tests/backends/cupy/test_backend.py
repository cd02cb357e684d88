"""The backend without a GPU: declared, honest, and importing nothing before it must."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import backends.cupy.device as device
import tensorlayer as tl
from backends.cupy import CupyBackend, backend
from backends.cupy.pool import share_memory
from backends.cupy.source import kernel_source
from backends.cupy.traversal import plan_traversal
from backends.numpy import NumpyBackend
from tensorlayer.backend import ArrayBackend, backends
from tensorlayer.codegen import CPP, loop_of
from tensorlayer.errors import BackendError, BackendNotInstalledError, ConversionError
from tensorlayer.graph import Fused, Input, Map, OpGraph
from tensorlayer.options import Options
from tensorlayer.plan import make_plan
from tensorlayer.plan.explain import explain
from tensorlayer.scalar import argument, call, constant
from tests.backends.cupy.emulated import EmulatedBackend
from tests.backends.cupy.emulation import Emulator

#: The module, which the package's instance of the same name hides.
MODULE = importlib.import_module("backends.cupy.backend")


@pytest.fixture
def without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device, "missing_device", lambda: "no driver")
    monkeypatch.setattr(MODULE, "missing_device", lambda: "no driver")


@pytest.fixture
def with_two_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MODULE, "device_count", lambda: 2)


def test_declaring_the_backend_does_not_import_cupy() -> None:
    program = (
        "import sys; from tensorlayer.backend import get_backend, backend_of; backend_of([1.0]);"
        "b = get_backend('cupy'); b.version, b.recording_state(), b.holds, b.install; print('cupy' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "False"


def test_arrays_are_recognised_by_name() -> None:
    assert backend.recognises(type("ndarray", (), {"__module__": "cupy"}))
    assert not backend.recognises(np.ndarray)


def computed_by_cupy(array: np.ndarray[Any, Any]) -> float:
    with tl.use("cupy"):
        return float((tl.tensor(array)["i"] * 2.0)[""])


@pytest.mark.usefixtures("without_a_gpu")
def test_a_machine_without_a_gpu_is_told_so() -> None:
    (row,) = (row for row in backends() if row.name == "cupy")
    assert row.version
    assert row.devices == ()
    array = np.ones(3)
    for refused in (
        lambda: tl.tensor(array, backend="cupy"),
        lambda: tl.tensor(array).to("cupy").numpy(),
        lambda: computed_by_cupy(array),
        backend.allocator,
        lambda: backend.empty((2,), np.dtype("float64")),
        lambda: backend.kernel(Map.of([Input.of(0, (3,), "float64")], [(0,)], (3,), call("exp", argument(0)))),
    ):
        with pytest.raises(BackendError, match=r"needs an NVIDIA GPU.*no driver.*numba"):
            refused()


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(BackendNotInstalledError, match=r"tensorlayer-graph\[cupy\]"):
        tl.tensor(np.ones(3), backend="cupy")


@pytest.mark.usefixtures("with_two_gpus")
def test_devices_are_spelled_as_in_torch() -> None:
    assert backend.devices == ("cuda:0", "cuda:1")
    with pytest.raises(ConversionError, match=r"'cuda:2': there are cuda:0, cuda:1"):
        backend.require_device("cuda:2")
    assert backend.at("cuda:1").device == "cuda:1"
    assert [device.index_of(name) for name in ("cuda", "cuda:0", "cuda:1")] == [0, 0, 1]
    with pytest.raises(ValueError, match="'gpu'"):
        device.index_of("gpu")


@pytest.mark.usefixtures("with_two_gpus")
def test_a_device_left_out_is_the_first_gpu() -> None:
    """Not the processor, where this backend holds nothing."""
    x = Input.of(0, (3,), "float64", ("cupy", "cuda:0"))
    with tl.use("cupy"):
        moved = tl.tensor(np.ones(3)).to("cupy")
        assert moved.place == ("cupy", "cuda:0")
    assert x.place == ("cupy", "cuda:0")


def test_explain_shows_the_kernel(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    emulated = EmulatedBackend(emulator)
    monkeypatch.setattr("tensorlayer.plan.plan.get_backend", lambda name: emulated)
    x, y = (Input.of(i, (64, 64), "float32") for i in range(2))
    squares = Map.of([x, y], [(0, 1), (0, 1)], (64, 64), call("square", call("subtract", argument(0), argument(1))))
    plan = make_plan(OpGraph([Fused.of(squares, "sum", (1,))], ["E"]), [x, y], Options())
    shown = str(explain(plan))
    assert "kernel, compiled at its first call" in shown
    assert "\nkernel of " in shown
    assert "const float t0 = v0 - v1;" in shown
    plan.run(np.ones((64, 64), "float32"), np.zeros((64, 64), "float32"))
    assert "kernel, compiled in" in str(explain(plan))


# -- arrays that change hands on a device ---------------------------------------------------------------------


class Elsewhere(NumpyBackend):
    """Holds NumPy arrays as if they were on a GPU."""

    def device_of(self, array: Any) -> str:
        return "cuda:0"

    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        raise AssertionError("the elements pass through the host")

    def exportable(self, array: Any) -> Any:
        return np.ascontiguousarray(array)

    adopt = ArrayBackend.adopt


def test_elements_on_one_device_do_not_pass_through_the_host() -> None:
    array = np.arange(4.0)
    taken = Elsewhere().adopt(array, Elsewhere(), "cuda:0")
    assert np.shares_memory(taken, array)
    assert not np.shares_memory(Elsewhere().adopt(array, Elsewhere(), "cuda:0", copy=True), array)
    np.testing.assert_array_equal(Elsewhere().adopt(array[::-1], Elsewhere(), "cuda:0"), array[::-1])


# -- memory shared with torch -----------------------------------------------------------------------------------


class Recorder:
    """Stands for the parts of CuPy and torch that manage memory."""

    def __init__(self) -> None:
        self.calls: list[Any] = []
        self.malloc = object()
        self.allocator: Any = self.malloc

    def modules(self, *, initialised: bool) -> dict[str, Any]:
        cuda = SimpleNamespace(
            is_initialized=lambda: initialised,
            caching_allocator_alloc=lambda *asked: self.calls.append(asked) or 0xBEEF,
            caching_allocator_delete=self.calls.append,
        )
        cupy_cuda = SimpleNamespace(
            get_allocator=lambda: self.allocator,
            set_allocator=lambda allocator: setattr(self, "allocator", allocator),
            get_current_stream=lambda: SimpleNamespace(ptr=7),
            PythonFunctionAllocator=lambda take, give: SimpleNamespace(malloc=(take, give)),
        )
        cupy = SimpleNamespace(cuda=cupy_cuda, get_default_memory_pool=lambda: SimpleNamespace(malloc=self.malloc))
        return {"torch": SimpleNamespace(cuda=cuda), "cupy": cupy}


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    for name, module in recorder.modules(initialised=True).items():
        monkeypatch.setitem(sys.modules, name, module)
    return recorder


def test_memory_comes_from_torchs_pool_on_cupys_stream(recorder: Recorder) -> None:
    assert share_memory()
    take, give_back = recorder.allocator
    assert take(100, 0) == 0xBEEF
    give_back(0xBEEF, 0)
    assert recorder.calls == [(100, 0, 7), 0xBEEF]
    assert not share_memory()


def test_a_pool_that_was_chosen_is_left_alone(recorder: Recorder) -> None:
    recorder.allocator = chosen = object()
    assert not share_memory()
    assert recorder.allocator is chosen


def test_torch_without_a_gpu_has_no_pool(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", recorder.modules(initialised=False)["torch"])
    assert not share_memory()
    monkeypatch.delitem(sys.modules, "torch")
    assert not share_memory()


def test_the_page_shows_a_kernel_as_it_is() -> None:
    x = Input.of(0, (1024, 1024), "float32")
    body = call("add", constant(1), call("exp", argument(0)))
    loop = loop_of(Map.of([x], [(0, 1)], x.shape, body), CPP)
    page = Path(__file__).parents[3] / "docs" / "gpu.md"
    assert kernel_source(loop, plan_traversal(loop, [(1024, 1)], [16])) in page.read_text("utf-8")


def test_the_instance_is_the_one_that_is_declared() -> None:
    assert isinstance(backend, CupyBackend)
    assert tl.backend.get_backend("cupy") is backend
