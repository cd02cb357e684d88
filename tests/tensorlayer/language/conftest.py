"""`wrap`: arrays as tensors of every backend, of dask also in several chunks. `counting`: what was run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

import tensorlayer as tl
from tensorlayer.backend import ArrayBackend, register, registry
from tensorlayer.graph import Node
from tensorlayer.language.evaluation import plan_cache

Wrap = Callable[[Any], tl.Tensor]
#: What `tl.tensor` is given beside the backend's name: an id -> its options.
VARIANTS: dict[str, dict[str, dict[str, Any]]] = {"dask": {"one chunk": {}, "chunks of 2": {"chunks": 2}}}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "wrap" in metafunc.fixturenames:
        names = metafunc.config.getoption("--backends").split(",")
        variants = [(name, variant) for name in names for variant in VARIANTS.get(name, {"": {}})]
        ids = [f"{name} {variant}".strip() for name, variant in variants]
        metafunc.parametrize("wrap", variants, ids=ids, indirect=True)


@pytest.fixture
def wrap(request: pytest.FixtureRequest) -> Wrap:
    name, variant = request.param
    options = VARIANTS.get(name, {"": {}})[variant]
    return lambda array: tl.tensor(array, backend=name, **options)


class CountingBackend(ArrayBackend):
    """NumPy through the shared interpreter; remembers every node that is run."""

    name = "counting"
    library = "numpy"

    def __init__(self) -> None:
        self.ran: list[Node] = []

    def recognises(self, cls: type) -> bool:
        return False

    def to_numpy(self, array: Any) -> Any:
        return array

    def kernel(self, node: Node, device: str = "cpu") -> Any:
        inner = super().kernel(node, device)

        def run(*arrays: Any) -> Any:
            self.ran.append(node)
            return inner(*arrays)

        return run

    def count(self, operation: type[Node]) -> int:
        return sum(isinstance(node, operation) for node in self.ran)


@pytest.fixture
def counting() -> Iterator[CountingBackend]:
    """Everything in the test runs on a backend that counts."""
    backend = CountingBackend()
    register(backend)
    plan_cache.clear()
    with tl.use("counting"):
        yield backend
    del registry._loaded["counting"]
    plan_cache.clear()
