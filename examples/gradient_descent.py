"""Least squares by gradient descent: the gradient is derived once, symbolically, and runs on every backend.

python examples/gradient_descent.py --steps 300
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from time import perf_counter
from typing import Any

import numpy as np
from contender import installed

import tensorlayer as tl

TOLERANCE = 1e-8


def loss(X: tl.Tensor, w: tl.Tensor, y: tl.Tensor) -> Any:
    """Half the mean square of the residuals ``X w - y``."""
    residual = (X["n,k"] * w["k"] - y["n"])["n"]
    return (0.5 / y.shape[0] * residual["n"] ** 2)[""]


def descend(data: tuple[Any, Any], steps: int, rate: float) -> tuple[np.ndarray[Any, Any], list[float]]:
    """The weights after some steps, and the loss before each."""
    X, y = map(tl.tensor, data)
    w = tl.tensor(np.zeros(X.shape[1]))
    losses = []
    for _ in range(steps):
        value = loss(X, w, y)
        slope = tl.grad(value, w)
        improved = (w["k"] - rate * slope["k"])["k"]
        tl.evaluate(value, improved)  # one graph: the residual is formed once
        losses.append(float(value))
        w = improved
    return w.numpy(), losses


def main() -> int:
    """Fit, print, and give 1 if a backend misses the exact solution."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--samples", type=int, default=60, help="number of observations (default: %(default)s)")
    parser.add_argument("--steps", type=int, default=200, help="steps of the descent (default: %(default)s)")
    choice = parser.parse_args()

    rng = np.random.default_rng(0)
    X = rng.normal(size=(choice.samples, 4))
    y = X @ [1.0, -2.0, 0.5, 3.0] + 0.1 * rng.normal(size=choice.samples)
    expected = np.linalg.lstsq(X, y, rcond=None)[0]
    curvature = np.linalg.eigvalsh(X.T @ X / choice.samples)
    rate = 2 / (curvature[0] + curvature[-1])
    print(f"{choice.samples} observations, {choice.steps} steps\n")
    print(f"{'':10}  {'first loss':>12}  {'last loss':>12}  {'deviation from lstsq':>20}  {'seconds':>7}")

    deviations = []
    for contender in installed(processes=1):
        with contender.in_charge():
            start = perf_counter()
            weights, losses = descend((X, y), choice.steps, rate)
            seconds = perf_counter() - start
        deviations.append(np.max(np.abs(weights - expected)))
        print(f"{contender!s:10}  {losses[0]:12.8f}  {losses[-1]:12.8f}  {deviations[-1]:20.1e}  {seconds:7.3f}")

    found = bool(np.max(deviations) <= TOLERANCE)
    print("\nAll found the exact solution." if found else "\nNOT all found the exact solution: try more --steps.")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
