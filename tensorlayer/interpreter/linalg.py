"""Linalg on any array namespace with the standard's linalg extension."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlayer.errors import BackendError
from tensorlayer.graph import Linalg, Result

if TYPE_CHECKING:
    from tensorlayer.backend.array import ArrayBackend

__all__ = ["linalg_kernel", "result_kernel"]


def linalg_kernel(backend: ArrayBackend, node: Linalg) -> Callable[..., Any]:
    """Kernel of a decomposition; gives a tuple if it has several results."""
    function = getattr(backend.namespace.linalg, node.name)
    options: dict[str, Any] = {"full_matrices": False} if node.name == "svd" else {}
    operand = backend.caster(_operand_dtype(node))
    # NumPy's eig gives real arrays when all eigenvalues happen to be real.
    produced = [backend.caster(dtype) for _, dtype in node.signatures]

    def kernel(*arrays: Any) -> Any:
        try:
            results = function(*(operand(a) for a in arrays), *node.options, **options)
        except (np.linalg.LinAlgError, RuntimeError) as error:
            raise BackendError(
                f"linalg.{node.name} failed on {node.inputs[0].dtype}{list(node.inputs[0].shape)} in backend "
                f"{backend.name!r}: {error}"
            ) from error
        if len(produced) == 1:
            return produced[0](results)
        return tuple(cast(result) for cast, result in zip(produced, results, strict=True))

    return kernel


def _operand_dtype(node: Linalg) -> np.dtype[Any]:
    joined = np.result_type(*(source.dtype for source in node.inputs))
    return np.dtype(np.float64) if joined.kind in "biu" else joined


def result_kernel(backend: ArrayBackend, node: Result) -> Callable[..., Any]:
    """Kernel of a Result."""
    del backend
    return lambda results: results[node.index] if isinstance(results, tuple | list) else results
