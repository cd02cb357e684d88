from __future__ import annotations

import pytest

from backends.cupy.traversal import BlockShape
from tests.backends.cupy.collected import collected
from tests.backends.cupy.emulated import EmulatedBackend
from tests.backends.cupy.emulation import Emulator


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Emulator:
    return Emulator(tmp_path_factory.mktemp("kernels"))


@pytest.fixture(scope="session")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> EmulatedBackend:
    """Blocks so small that few elements are several tiles, and several parts of a sum."""
    shape = BlockShape(threads=8, tile=4, folded=2)
    return EmulatedBackend(Emulator(tmp_path_factory.mktemp("narrow"), shape))


@pytest.fixture(scope="session")
def kernels() -> list[str]:
    """The texts of the contract's kernels."""
    return collected()
