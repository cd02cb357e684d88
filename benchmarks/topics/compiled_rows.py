"""Compiled loops over matrices: normalisations of rows, distances and kernels between points."""

from __future__ import annotations

from functools import partial
from typing import Any

import numexpr
import numpy as np
import torch

from benchmarks.case import OURS, Call, Case
from benchmarks.data import uniform
from benchmarks.peers import peers
from benchmarks.program import compiled_call

__all__ = ["CASES"]


def _softmax_formula(xp: Any, x: Any) -> Any:
    # Of the names for a maximum along an axis, all three libraries have this one.
    grown = xp.exp(x - xp.amax(x, 1)[:, None])
    return grown / xp.sum(grown, 1)[:, None]


def _softmax(n: int) -> dict[str, Call]:
    (x,) = uniform((n, n), dtype="float32")
    tx = torch.from_numpy(x)
    text = "m[i] = max(x[i,j], over=j); s[i] = sum(exp(x[i,j] - m[i]), over=j); y[i,j] = exp(x[i,j] - m[i]) / s[i]"
    return {
        OURS: compiled_call(text, "y", x=x),
        "torch.softmax": lambda: torch.softmax(tx, 1),
        **peers(_softmax_formula, x),
    }


def _layer_norm_formula(xp: Any, x: Any) -> Any:
    centred = x - (xp.sum(x, 1) / x.shape[1])[:, None]
    return centred / xp.sqrt(xp.sum(centred * centred, 1) / x.shape[1] + 1e-5)[:, None]


def _layer_norm(n: int) -> dict[str, Call]:
    (x,) = uniform((n, n), dtype="float32")
    tx = torch.from_numpy(x)
    # A power makes the difference elementwise: a sum of unlike labels has no meaning as a factor.
    text = (
        f"m[i] = sum(x[i,j], over=j) / {n}; v[i] = sum((x[i,j] - m[i])**2, over=j) / {n}; "
        "y[i,j] = (x[i,j] - m[i])**1 / sqrt(v[i] + 1e-5)"
    )
    return {
        OURS: compiled_call(text, "y", x=x),
        "torch.layer_norm": lambda: torch.nn.functional.layer_norm(tx, (n,)),
        **peers(_layer_norm_formula, x),
    }


def _squared_distances(n: int, d: int) -> dict[str, Call]:
    x, y = uniform((n, d), (n, d))
    return {
        OURS: compiled_call("D[i,j] = sum((x[i,k] - y[j,k])**2, over=k)", x=x, y=y),
        **peers(lambda xp, x, y: xp.sum((x[:, None] - y[None]) ** 2, -1), x, y),
    }


def _gaussian(n: int, d: int) -> dict[str, Call]:
    """The matrix of radial basis functions between points."""
    x, y = uniform((n, d), (n, d))
    return {
        OURS: compiled_call("D[i,j] = sum((x[i,k] - y[j,k])**2, over=k); K[i,j] = exp(-0.5 * D[i,j])", "K", x=x, y=y),
        **peers(lambda xp, x, y: xp.exp(-0.5 * xp.sum((x[:, None] - y[None]) ** 2, -1)), x, y),
    }


def _gaussian_of_numbers(n: int) -> dict[str, Call]:
    x, y = uniform((n,), (n,))
    columns = {"x": x[:, None], "y": y[None]}
    return {
        OURS: compiled_call("K[i,j] = exp(-0.5 * (x[i] - y[j])**2)", x=x, y=y),
        "numexpr": lambda: numexpr.evaluate("exp(-0.5 * (x - y)**2)", local_dict=columns),
        **peers(lambda xp, x, y: xp.exp(-0.5 * (x[:, None] - y[None]) ** 2), x, y),
    }


def _dense_layer(n: int, d: int) -> dict[str, Call]:
    """A product by BLAS and what is done with it."""
    x, w, b = uniform((n, d), (d, d), (d,), dtype="float32")
    x, w = x - np.float32(1), w - np.float32(1)
    return {
        OURS: compiled_call("y[b,o] = maximum(sum(x[b,i] * w[i,o], over=i) + c[o], 0.0)", x=x, w=w, c=b),
        **peers(lambda xp, x, w, c: xp.clip(x @ w + c, 0.0, None), x, w, b),
    }


def _case(name: str, build: Any) -> Case:
    # Of single precision the contenders agree to fewer digits than are compared.
    return Case(name, build, limit=1.0, check="float32" not in name)


CASES = (
    _case("softmax, 2048 float32", partial(_softmax, 2048)),
    _case("layer norm, 2048 float32", partial(_layer_norm, 2048)),
    _case("squared distances, 1000 x 1000 x 8", partial(_squared_distances, 1000, 8)),
    _case("Gaussian kernel of points, 1000 x 1000 x 8", partial(_gaussian, 1000, 8)),
    _case("Gaussian kernel of numbers, 2000", partial(_gaussian_of_numbers, 2000)),
    _case("dense layer, 1024 x 512 float32", partial(_dense_layer, 1024, 512)),
)
