"""One fixture, `backend_name`, runs a test on every backend; the ones asked for must be present, else it fails."""

from __future__ import annotations

import importlib.util

import pytest

BACKENDS = "reference,numpy,numba,torch,dask"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--backends", default=BACKENDS, help=f"comma separated names, {BACKENDS} when not given")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend_name" in metafunc.fixturenames:
        metafunc.parametrize("backend_name", metafunc.config.getoption("--backends").split(","))


def gpu_present() -> bool:
    if importlib.util.find_spec("torch") is None:
        return False
    return importlib.import_module("torch").cuda.is_available()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("gpu") and not gpu_present():
        pytest.skip("needs an NVIDIA GPU that torch can use")
