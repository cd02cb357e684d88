"""Beginnings of the right factor of a low-rank product."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from analog.cell import Site
from analog.random import Stream, normals

__all__ = ["Start", "right_factor"]

Start = Literal["normal", "orthonormal", "identity"]


def right_factor(site: Site, start: Start, gain: float, step: int) -> Any:
    """A new right factor, (rank, inputs).

    Parameters
    ----------
    site : Site
        Where it is, with its shape.
    start : {"normal", "orthonormal", "identity"}
        Normal numbers with the standard deviation ``gain * sqrt(2 / inputs)`` (He et al., ICCV 2015); random
        orthonormal rows; rows of the identity.
    gain : float
        For normal numbers.
    step : int
        Counts beginnings.
    """
    rank, inputs = site.shape
    if start == "identity":
        return site.storage.take(np.eye(rank, inputs, dtype=np.float32))
    drawn = normals(site.storage, site.key, Stream.REINITIALISATION, step, site.shape)
    if start == "orthonormal":
        return site.storage.take(orthonormal(site.storage.give(drawn).T).T)
    return float(gain * np.sqrt(2.0 / inputs)) * drawn


def orthonormal(columns: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Orthonormal columns, uniformly distributed when those given are normal (Mezzadri, Notices AMS 54, 592, 2007)."""
    q, r = np.linalg.qr(columns.astype(np.float64))
    signs = np.where(np.diagonal(r) < 0, -1.0, 1.0)
    return np.asarray(q * signs, np.float32)
