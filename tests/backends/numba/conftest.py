from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def folder_of_kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(autouse=True, scope="module")
def own_cache(folder_of_kernels: Path) -> Iterator[Path]:
    """Compile into a folder of this run; what other folders test keeps its own."""
    folder = folder_of_kernels
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TENSORLAYER_CACHE", str(folder))
        yield folder
