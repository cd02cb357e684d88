"""What has no operation in the graph is computed at once, by the library that holds the elements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import array_api_compat

from tensorlayer.array_api.arguments import as_tensor
from tensorlayer.errors import BackendError, TensorlayerError, UnsupportedOperationError
from tensorlayer.language.tensor import Tensor
from tensorlayer.language.value import Value

__all__ = ["eagerly", "eagerly_several", "extension"]

R = TypeVar("R")


def eagerly(name: str, x: Any, *others: Any, **options: Any) -> Tensor:
    """Compute the array API's function `name`, which gives one array, where the elements of `x` are.

    Parameters
    ----------
    name : str
        In the standard's namespace, dots included, as in ``"fft.rfft"``.
    x : tensor or array
        First argument; its backend computes.
    *others
        Positional arguments after it; tensors among them go to the backend of `x` first.
    **options
        Keyword arguments.

    Raises
    ------
    UnsupportedOperationError
        If the library has no such function.
    BackendError
        If the library refuses the elements.
    """
    return _computed(name, x, others, options, _wrapped)


def eagerly_several(name: str, x: Any, *others: Any, **options: Any) -> tuple[Tensor, ...]:
    """As `eagerly`, for functions that give a tuple of arrays; named fields keep their names."""
    return _computed(name, x, others, options, _all_wrapped)


def _computed(name: str, x: Any, others: Sequence[Any], options: dict[str, Any], wrapped: Callable[[Any, str], R]) -> R:
    tensor = as_tensor(x)
    native = tensor.unwrap()
    function = extension(native, name, tensor.backend)
    arguments = [y.to(*tensor.place).unwrap() if isinstance(y, Tensor) else y for y in others]
    try:
        return wrapped(function(native, *arguments, **options), name)
    except TensorlayerError:
        raise
    except NotImplementedError as error:
        raise UnsupportedOperationError(f"{error}: convert the tensor by .to('numpy') first") from None
    except Exception as error:
        raise BackendError(f"{name} of {tensor.dtype} {list(tensor.shape)} on {tensor.backend!r}: {error}") from error


def extension(native: Any, name: str, backend: str) -> Any:
    """The function `name`, dots included, of the standard namespace that goes with a native array."""
    try:
        found: Any = array_api_compat.array_namespace(native)
        for part in name.split("."):
            found = getattr(found, part)
    except (AttributeError, TypeError):
        raise UnsupportedOperationError(
            f"backend {backend!r} has no function {name!r}: convert the tensor by .to('numpy') first"
        ) from None
    return found


def _all_wrapped(results: tuple[Any, ...], name: str) -> tuple[Tensor, ...]:
    tensors = [_wrapped(result, name) for result in results]
    return type(results)(*tensors) if hasattr(results, "_fields") else tuple(tensors)


def _wrapped(result: Any, name: str) -> Tensor:
    if any(extent != extent for extent in result.shape):  # noqa: PLR0124  # dask writes nan for "not known yet"
        raise UnsupportedOperationError(
            f"{name}: the shape of the result depends on the elements, which are not here yet: "
            "convert the tensor by .to('numpy') first"
        )
    return Tensor.from_value(Value.given(result))
