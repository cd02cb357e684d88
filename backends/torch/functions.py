"""Torch's elementwise functions, mended where their values differ from NumPy's, which are the definition."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tensorlayer.graph import DType

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["has_function", "torch_function"]

#: Torch's names where they are not those of the array API standard.
_NAMES = {"bitwise_invert": "bitwise_not", "clip": "clamp", "equal": "eq"}
#: NumPy orders complex numbers lexicographically; torch does not order them.
_ORDERED = frozenset({"clip", "greater", "greater_equal", "less", "less_equal", "maximum", "minimum"})


def has_function(name: str, dtype: DType) -> bool:
    """Whether there is an elementwise function `name` for operands of `dtype`."""
    return not (dtype.kind == "c" and name in _ORDERED)


def torch_function(name: str, dtype: DType) -> Callable[..., Any]:
    """The function `name` of tensors that all have elements of `dtype`."""
    import torch

    own: Callable[..., Any] = getattr(torch, _NAMES.get(name, name))
    return _MENDED.get((name, dtype.kind), own)


def _same(x: Tensor) -> Tensor:
    return x


def _sign(x: Tensor) -> Tensor:
    # Torch gives zero for nan.
    return x.sign().where(~x.isnan(), x)


def _sign_complex(x: Tensor) -> Tensor:
    return x.sgn()


def _round_complex(x: Tensor) -> Tensor:
    import torch

    return torch.complex(x.real.round(), x.imag.round())


def _pow_complex(x: Tensor, y: Tensor) -> Tensor:
    # torch has nan for 0j**0, NumPy has 1.
    import torch

    return torch.pow(torch.where(y == 0, torch.ones_like(x), x), y)


def _clip_bool(x: Tensor, low: Tensor, high: Tensor) -> Tensor:
    return (x | low) & high


def _dividing(name: str, **options: str) -> Callable[[Tensor, Tensor], Tensor]:
    """An integer division; torch raises where the divisor is zero, NumPy gives zero."""

    def divide(x: Tensor, y: Tensor) -> Tensor:
        import torch

        zero = y == 0
        quotient: Tensor = getattr(torch, name)(x, y.masked_fill(zero, 1), **options)
        return quotient.masked_fill(zero, 0)

    return divide


_floor_divide = _dividing("div", rounding_mode="floor")
_truncated = _dividing("div", rounding_mode="trunc")
_remainder = _dividing("remainder")


def _integer_reciprocal(x: Tensor) -> Tensor:
    return _truncated(x.new_ones(()), x)


def integer_matmul(x: Tensor, y: Tensor) -> Tensor:
    """A matrix product of integers; CUDA has none, so there it is a sum of products."""
    import torch

    return summed_products(x, y) if x.is_cuda else torch.matmul(x, y)


def summed_products(x: Tensor, y: Tensor) -> Tensor:
    """A matrix product of vectors, matrices or stacks of matrices by multiplication and summation."""
    if y.ndim == 1:
        return (x * y).sum(-1)
    rows = y.unsqueeze(-3) if x.ndim > 1 else y
    return (x.unsqueeze(-1) * rows).sum(-2)


_MENDED: dict[tuple[str, str], Callable[..., Any]] = {
    **{(name, "b"): _same for name in ("abs", "ceil", "floor", "trunc")},
    **{("floor_divide", kind): _floor_divide for kind in "iu"},
    **{("remainder", kind): _remainder for kind in "iu"},
    **{("reciprocal", kind): _integer_reciprocal for kind in "iu"},
    **{("matmul", kind): integer_matmul for kind in "iu"},
    ("clip", "b"): _clip_bool,
    ("pow", "c"): _pow_complex,
    ("round", "c"): _round_complex,
    ("sign", "c"): _sign_complex,
    ("sign", "f"): _sign,
}
