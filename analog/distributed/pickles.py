"""What can travel between processes."""

from __future__ import annotations

import pickle
from typing import Any

from analog.errors import ConfigError
from tensorlayer.errors import BackendError

__all__ = ["as_sent", "require_pickles"]


def require_pickles(value: Any, name: str) -> None:
    """Refuse what cannot be sent to a worker.

    Raises
    ------
    ConfigError
        Saying why.
    """
    from distributed.protocol.pickle import dumps

    try:
        dumps(value)  # type: ignore[no-untyped-call]
    except Exception as error:  # what a class raises while it is pickled is its own business
        raise ConfigError(
            f"{name} cannot be sent to worker processes ({type(error).__name__}: {error}): make it of plain data, "
            "without open files, locks, generators or connections"
        ) from error


def as_sent(error: Exception) -> Exception:
    """An error that survives the way between processes: the same one if it does, or its words."""
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    except Exception:  # noqa: BLE001  # the constructor of an error may do anything
        return BackendError(f"{type(error).__name__}: {error}")
    return error
