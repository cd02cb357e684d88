"""Copies of blocks in every worker process, and whether they are equal."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from backends.dask.cluster import awaited, futures_of, keys_of
from tensorlayer.errors import LayoutError

__all__ = ["replicate", "require_equal_copies"]


def replicate(client: Any, array: Any) -> None:
    """Copy every block of an array of futures to every worker, and make sure that the copies are equal.

    dask's active memory manager takes superfluous copies away again, so it is stopped on that cluster.

    Raises
    ------
    LayoutError
        If the copies differ.
    WorkerLostError
        If the blocks cannot be computed.
    """
    futures = futures_of(array) or []
    awaited(futures)
    if client.amm.running():
        client.amm.stop()
    client.replicate(futures)
    require_equal_copies(client, keys_of(array))


def require_equal_copies(client: Any, keys: Sequence[Any]) -> None:
    """Refuse blocks that are missing or different in a worker process.

    Raises
    ------
    LayoutError
        Naming the processes.
    """
    sums: dict[str, list[str | None]] = client.run(_checksums, list(keys))
    missing = sorted(address for address, found in sums.items() if None in found)
    if missing:
        raise LayoutError(f"no copy in the process{'es' * (len(missing) > 1)} {', '.join(missing)}: construct it again")
    if len({tuple(found) for found in sums.values()}) > 1:
        named = "; ".join(f"{address} has {'+'.join(map(str, found))}" for address, found in sorted(sums.items()))
        raise LayoutError(f"the copies of a replicated buffer differ (checksums of the blocks): {named}")


def _checksums(keys: list[Any], dask_worker: Any) -> list[str | None]:
    """Checksums of the blocks that a worker holds; None for one that it has not."""
    return [_checksum(dask_worker.data[key]) if key in dask_worker.data else None for key in keys]


def _checksum(block: Any) -> str:
    array = np.ascontiguousarray(block)
    return blake2b(f"{array.dtype.str}{array.shape}".encode() + array.tobytes(), digest_size=8).hexdigest()
