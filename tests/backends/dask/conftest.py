"""Two worker processes, started once for every module of tests that wants them: their client is the active one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tensorlayer.runtime import Runtime


@pytest.fixture(scope="module")
def workers() -> Iterator[Runtime]:
    with Runtime.local(processes=2) as runtime:
        yield runtime
