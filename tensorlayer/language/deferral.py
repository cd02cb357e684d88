"""Computing everything that is assigned in a scope together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from weakref import ref

from tensorlayer.language.evaluation import compute

__all__ = ["assigned", "deferred"]

_handles: ContextVar[dict[int, ref[Any]] | None] = ContextVar("tensorlayer_deferred", default=None)


def assigned(handle: Any) -> None:
    """Note a tensor that was assigned to, if a scope is open."""
    scope = _handles.get()
    if scope is not None:
        scope[id(handle)] = ref(handle)


@contextmanager
def deferred() -> Iterator[None]:
    """Compute everything assigned in a scope together when the scope is left without an error.

    Tensors assigned inside and still alive are computed as one graph, so that what they share is formed once.

    Examples
    --------
    >>> from tensorlayer import Tensor, tensor
    >>> A, C, D = tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor(), Tensor()
    >>> with deferred():
    ...     C["i,j"] = A["i,k"] * A["k,j"]
    ...     D["i,j"] = A["i,k"] * A["k,j"] + A["i,j"]
    >>> C.is_computed and D.is_computed
    True
    """
    handles: dict[int, ref[Any]] = {}
    token = _handles.set(handles)
    try:
        yield
    finally:
        _handles.reset(token)
    alive = [handle for reference in handles.values() if (handle := reference()) is not None]
    compute([handle.value for handle in alive])
