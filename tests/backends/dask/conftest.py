"""Two worker processes, started once for every test that wants them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tensorlayer.runtime import Runtime


@pytest.fixture(scope="session")
def workers() -> Iterator[Runtime]:
    with Runtime.local(processes=2) as runtime:
        yield runtime
