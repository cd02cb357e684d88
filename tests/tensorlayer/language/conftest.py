"""`wrap`: arrays as tensors of every backend, of dask also in several chunks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import tensorlayer as tl

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
