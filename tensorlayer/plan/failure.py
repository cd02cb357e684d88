"""What a library raised while a plan ran, as an error of this package."""

from __future__ import annotations

from collections.abc import Iterable

from tensorlayer.backend import get_backend
from tensorlayer.errors import AllocationError, BackendError, TensorlayerError
from tensorlayer.graph import Place
from tensorlayer.runtime import format_bytes

__all__ = ["translated"]


def translated(error: Exception, places: Iterable[Place], peak_bytes: int) -> Exception:
    """The error to raise instead of `error`, which may be itself.

    Parameters
    ----------
    error : Exception
        What was raised.
    places : iterable of (str, str)
        Where the plan runs.
    peak_bytes : int
        What it needs.

    Returns
    -------
    Exception
        `AllocationError` with sizes if memory ran out, else `BackendError`. Our own errors, warnings that somebody
        turned into errors, and what NumPy raises under ``errstate(all="raise")`` are left alone.
    """
    if isinstance(error, TensorlayerError | Warning | ArithmeticError):
        return error
    where = sorted(set(places))
    for name, device in where:
        if get_backend(name).is_out_of_memory(error):
            memory = get_backend(name).memory(device) or "its memory is unknown"
            return AllocationError(
                f"the plan needs {format_bytes(peak_bytes)} on {name}:{device}: {memory}. It stopped at: {error}. Set "
                "options(memory=...) for a plan in slices, or compute parts of the result one after the other"
            )
    named = ", ".join(f"{name}:{device}" for name, device in where)
    return BackendError(f"the plan failed on {named}: {type(error).__name__}: {error}")
