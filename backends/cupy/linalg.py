"""Decompositions by cuSOLVER, which are told to say when they fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlayer.graph import Linalg
from tensorlayer.interpreter import linalg_kernel as interpreted

if TYPE_CHECKING:
    from backends.cupy.backend import CupyBackend

__all__ = ["linalg_kernel"]


def linalg_kernel(backend: CupyBackend, node: Linalg) -> Callable[..., Any]:
    """Kernel of a Linalg; waits for the device to know whether the decomposition exists."""
    decompose = interpreted(backend, node)

    def kernel(*arrays: Any) -> Any:
        import cupyx

        with cupyx.errstate(linalg="raise"):
            return decompose(*arrays)

    return kernel
