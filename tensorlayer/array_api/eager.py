"""What has no operation in the graph is computed at once, by the library that holds the elements."""

from __future__ import annotations

from typing import Any

import array_api_compat

from tensorlayer.errors import BackendError, ShapeError, TensorlayerError, UnsupportedOperationError
from tensorlayer.language.tensor import Tensor
from tensorlayer.language.value import Value

__all__ = ["checked_axis", "eagerly", "extension"]


def checked_axis(axis: int | None, rank: int, what: str) -> int | None:
    """The axis, counted from the front; None stays None.

    Raises
    ------
    ShapeError
        If there is no such axis.
    """
    if axis is None:
        return None
    if not -rank <= axis < rank:
        raise ShapeError(f"{what}: axis {axis} of a tensor of rank {rank}")
    return axis % rank


def eagerly(name: str, x: Any, *others: Any, **options: Any) -> Any:
    """Compute the array API's function `name`; tensors among `others` go to the backend of `x` first.

    Raises
    ------
    UnsupportedOperationError
        If the library has no such function.
    BackendError
        If the library refuses the elements.
    """
    tensor = x if isinstance(x, Tensor) else Tensor(x)
    native = tensor.unwrap()
    function = extension(native, name, tensor.backend)
    arguments = [y.to(*tensor.place).unwrap() if isinstance(y, Tensor) else y for y in others]
    try:
        return _wrapped(function(native, *arguments, **options), name)
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


def _wrapped(result: Any, name: str) -> Any:
    if isinstance(result, tuple):
        parts = [_wrapped(part, name) for part in result]
        return type(result)(*parts) if hasattr(result, "_fields") else tuple(parts)
    if any(extent != extent for extent in result.shape):  # noqa: PLR0124  # dask writes nan for "not known yet"
        raise UnsupportedOperationError(
            f"{name}: the shape of the result depends on the elements, which are not here yet: "
            "convert the tensor by .to('numpy') first"
        )
    return Tensor.from_value(Value.given(result))
