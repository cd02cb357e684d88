"""Three worker processes of one thread each, started once for every module of tests that wants them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tensorlayer.runtime import Runtime


@pytest.fixture(scope="module")
def cluster() -> Iterator[Runtime]:
    with Runtime.local(processes=3) as runtime:
        yield runtime
