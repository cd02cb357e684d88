"""One fixture, `backend_name`, runs a test on every backend; the ones asked for must be present, else it fails."""

from __future__ import annotations

import importlib.util
import sys
from types import FrameType

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does.
settings.register_profile("tensorlayer", deadline=None)
settings.load_profile("tensorlayer")

BACKENDS = "reference,numpy,numba,torch,dask"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backends", default=BACKENDS, help=f"comma separated names, {BACKENDS} when not given")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend_name" in metafunc.fixturenames:
        metafunc.parametrize("backend_name", metafunc.config.getoption("--backends").split(","))


def gpu_present(library: str) -> bool:
    if importlib.util.find_spec(library) is None:
        return False
    return importlib.import_module(f"{library}.cuda").is_available()


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("gpu"):
        library = marker.args[0] if marker.args else "torch"
        if not gpu_present(library):
            pytest.skip(f"needs an NVIDIA GPU that {library} can use")


@pytest.fixture
def own_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the thread by which a worker of pytest-xdist hears from the others: it is in a library for ever."""
    frames = sys._current_frames

    def own() -> dict[int, FrameType]:
        found = frames().items()
        return {thread: frame for thread, frame in found if not frame.f_globals["__name__"].startswith("execnet.")}

    monkeypatch.setattr(sys, "_current_frames", own)
