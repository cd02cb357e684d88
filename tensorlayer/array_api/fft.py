"""Fourier transforms: computed at once by the library that holds the elements; ``tensorlayer.array_api.fft``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from tensorlayer.array_api.arguments import as_axes, checked_axis
from tensorlayer.array_api.creation import placed
from tensorlayer.array_api.eager import eagerly
from tensorlayer.array_api.repetition import roll
from tensorlayer.errors import DtypeError, ShapeError
from tensorlayer.language.construction import checked_dtype
from tensorlayer.language.operand import as_node
from tensorlayer.language.tensor import Tensor

__all__ = [
    "fft",
    "fftfreq",
    "fftn",
    "fftshift",
    "hfft",
    "ifft",
    "ifftn",
    "ifftshift",
    "ihfft",
    "irfft",
    "irfftn",
    "rfft",
    "rfftfreq",
    "rfftn",
]

Norm = Literal["backward", "ortho", "forward"]
_NORMS = ("backward", "ortho", "forward")


def _checked(name: str, x: Any, kinds: str, norm: str) -> None:
    dtype = as_node(x).dtype
    if dtype.kind not in kinds:
        raise DtypeError(
            f"{name} of {dtype}: convert first, as by astype(x, {'complex128' if 'c' in kinds else 'float64'})"
        )
    if norm not in _NORMS:
        raise ShapeError(f"{name}: norm must be one of {', '.join(_NORMS)}, got {norm!r}")


def _along(name: str, x: Any, n: int | None, axis: int, norm: str, kinds: str) -> Tensor:
    _checked(name, x, kinds, norm)
    place = checked_axis(axis, as_node(x).ndim, name)
    return eagerly(f"fft.{name}", x, n=n, axis=place, norm=norm)


def _over(name: str, x: Any, s: Sequence[int] | None, axes: Sequence[int] | None, norm: str, kinds: str) -> Tensor:
    _checked(name, x, kinds, norm)
    rank = as_node(x).ndim
    if axes is None:
        axes = range(rank) if s is None else range(rank - len(s), rank)
    places = tuple(checked_axis(axis, rank, name) for axis in axes)
    return eagerly(f"fft.{name}", x, s=s, axes=places, norm=norm)


def fft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Fourier transform along an axis, cut or padded with zeros to `n` elements."""
    return _along("fft", x, n, axis, norm, "c")


def ifft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Inverse of `fft`."""
    return _along("ifft", x, n, axis, norm, "c")


def fftn(
    x: Any, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Tensor:
    """Fourier transform along several axes, cut or padded with zeros to the extents `s`."""
    return _over("fftn", x, s, axes, norm, "c")


def ifftn(
    x: Any, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Tensor:
    """Inverse of `fftn`."""
    return _over("ifftn", x, s, axes, norm, "c")


def rfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Fourier transform of real elements along an axis; the half that the other half follows from."""
    return _along("rfft", x, n, axis, norm, "f")


def irfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Inverse of `rfft`, of `n` elements along the axis (an even number when left out)."""
    return _along("irfft", x, n, axis, norm, "c")


def rfftn(
    x: Any, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Tensor:
    """Fourier transform of real elements along several axes; half of the last one."""
    return _over("rfftn", x, s, axes, norm, "f")


def irfftn(
    x: Any, /, *, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: Norm = "backward"
) -> Tensor:
    """Inverse of `rfftn`."""
    return _over("irfftn", x, s, axes, norm, "c")


def hfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Fourier transform along an axis of elements with Hermitian symmetry, of which half is given; real."""
    return _along("hfft", x, n, axis, norm, "c")


def ihfft(x: Any, /, *, n: int | None = None, axis: int = -1, norm: Norm = "backward") -> Tensor:
    """Inverse of `hfft`."""
    return _along("ihfft", x, n, axis, norm, "f")


def fftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: str | None = None) -> Tensor:
    """The frequencies that the `n` results of `fft` belong to, in cycles per unit of the spacing `d`."""
    return placed(np.fft.fftfreq(n, d).astype(checked_dtype(dtype)), device)


def rfftfreq(n: int, /, *, d: float = 1.0, dtype: Any = None, device: str | None = None) -> Tensor:
    """The frequencies that the results of `rfft` of `n` elements belong to, for the spacing `d`."""
    return placed(np.fft.rfftfreq(n, d).astype(checked_dtype(dtype)), device)


def _shifts(x: Any, axes: int | Sequence[int] | None, sign: int) -> Tensor:
    shape = as_node(x).shape
    given = range(len(shape)) if axes is None else as_axes(axes)
    places = tuple(checked_axis(axis, len(shape), "fftshift") for axis in given)
    return roll(x, tuple(sign * (shape[place] // 2) for place in places), axis=places)


def fftshift(x: Any, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """The frequency zero moved to the middle; recorded."""
    return _shifts(x, axes, 1)


def ifftshift(x: Any, /, *, axes: int | Sequence[int] | None = None) -> Tensor:
    """Inverse of `fftshift`; recorded."""
    return _shifts(x, axes, -1)
