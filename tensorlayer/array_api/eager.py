"""Functions without an operation in the graph: computed at once by the library that holds the elements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlayer.backend import ArrayBackend, get_backend
from tensorlayer.errors import UnsupportedOperationError
from tensorlayer.language.tensor import Tensor
from tensorlayer.language.value import Value

__all__ = [
    "argmax",
    "argmin",
    "argsort",
    "count_nonzero",
    "cumulative_prod",
    "cumulative_sum",
    "nonzero",
    "repeat",
    "roll",
    "searchsorted",
    "sort",
    "take",
    "tril",
    "triu",
    "unique_all",
    "unique_counts",
    "unique_inverse",
    "unique_values",
]


def _eager(name: str) -> Callable[..., Any]:
    def function(x: Any, /, *others: Any, **options: Any) -> Any:
        tensor = x if isinstance(x, Tensor) else Tensor(x)
        native = tensor.unwrap()
        backend = get_backend(tensor.backend)
        implementation = getattr(backend.namespace, name, None) if isinstance(backend, ArrayBackend) else None
        if implementation is None:
            raise UnsupportedOperationError(
                f"backend {backend.name!r} has no function {name!r}: convert the tensor by .to('numpy') first"
            )
        result = implementation(native, *(_native(y, backend.name) for y in others), **options)
        return _wrapped(result)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"The array API's ``{name}``, computed at once by the library that holds the elements."
    return function


def _native(operand: Any, backend: str) -> Any:
    return operand.to(backend).unwrap() if isinstance(operand, Tensor) else operand


def _wrapped(result: Any) -> Any:
    if isinstance(result, tuple):
        parts = [_wrapped(part) for part in result]
        return type(result)(*parts) if hasattr(result, "_fields") else tuple(parts)
    return Tensor.from_value(Value.given(result))


argmax = _eager("argmax")
argmin = _eager("argmin")
argsort = _eager("argsort")
count_nonzero = _eager("count_nonzero")
cumulative_prod = _eager("cumulative_prod")
cumulative_sum = _eager("cumulative_sum")
nonzero = _eager("nonzero")
repeat = _eager("repeat")
roll = _eager("roll")
searchsorted = _eager("searchsorted")
sort = _eager("sort")
take = _eager("take")
tril = _eager("tril")
triu = _eager("triu")
unique_all = _eager("unique_all")
unique_counts = _eager("unique_counts")
unique_inverse = _eager("unique_inverse")
unique_values = _eager("unique_values")
