"""Linear systems, eigenvalues, transforms and rankings by crossbars: each method is written once.

Ends with 1 if exact crossbars do not solve everything, or refinement does not correct the others.
"""

from __future__ import annotations

import math
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from analog_solvers_devices import (
    DEVICES,
    EXACT,
    HOLDERS,
    NUMPY,
    ROUGH,
    converters,
    fluctuating,
    on_crossbars,
    written,
)
from analog_solvers_problems import PROBLEMS, Held

from analog.errors import NotFiniteError

__all__ = ["main"]

#: What exact crossbars may differ from NumPy by: crossbars compute in float32.
ROUNDING = 1e-4
#: What refinement reaches whatever the devices do.
CORRECTED = 1e-8

#: What is further off has not converged.
DIVERGED = 100.0

#: The method that every device can do, and the converters that it is drawn for.
TOLERANT, FEW_BITS = "Fourier transform", (4, 6, 8, 10)
BITS = (4, 5, 6, 7, 8, 9, 10, 12)
NOISE = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05)


def main() -> int:
    """Solve everything everywhere, print a table, draw curves, and give 1 if something is not as it must be."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--picture", type=Path, help="file for error against noise and bits; needs matplotlib")
    choice = parser.parse_args()
    good = show(errors())
    if choice.picture and draw(choice.picture):
        print(f"The curves are in {choice.picture}.")
    print("All solved." if good else "NOT ALL SOLVED.")
    return 0 if good else 1


def errors() -> dict[str, dict[str, float]]:
    """The relative error of every problem, by where its matrices are held."""
    return {name: {where: error_of(solve, held) for where, held in HOLDERS.items()} for name, solve in PROBLEMS.items()}


def error_of(solve: Callable[[Held], float], held: Held) -> float:
    """The relative error of a solution; infinite if the method diverges."""
    with np.errstate(over="ignore", invalid="ignore"):
        try:
            error = solve(held)
        except NotFiniteError:
            return math.inf
    return error if error < DIVERGED else math.inf


def show(found: dict[str, dict[str, float]]) -> bool:
    """Print the errors; whether they are as they must be."""
    print("relative error of the solution:\n")
    print(f"{'':20}" + "".join(f"{where:>18}" for where in HOLDERS))
    for name, row in found.items():
        print(f"{name:20}" + "".join(f"{error:18.1e}" if error < DIVERGED else f"{'-':>18}" for error in row.values()))
    print("\n-: diverges\n")
    exact = all(row[EXACT] < max(ROUNDING, 2 * row[NUMPY]) for row in found.values())
    return exact and all(error < CORRECTED for where, error in found["refinement"].items() if where not in ROUGH)


def draw(path: Path) -> bool:
    """Draw errors against the noise of devices and the bits of converters, if matplotlib is there."""
    if find_spec("matplotlib") is None:
        print("No picture: pip install matplotlib")
        return False
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 4.2), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    middle.sharey(left)
    style = {"marker": "o", "ms": 3}
    for name, solve in PROBLEMS.items():
        left.loglog(NOISE, [error_of(solve, on_crossbars(fluctuating(each))) for each in NOISE], label=name, **style)
        middle.semilogy(BITS, [error_of(solve, on_crossbars(converters(each))) for each in BITS], **style)
    for device in DEVICES:
        found = [error_of(PROBLEMS[TOLERANT], written(device, each)) for each in FEW_BITS]
        right.semilogy(FEW_BITS, found, label=device, **style)
    left.set(xlabel="fluctuation of weights, of at most 0.5", ylabel="relative error of the solution")
    middle.set(xlabel="bits of the output converters")
    right.set(xlabel="bits of the output converters", title=f"{TOLERANT}, devices written by pulses")
    left.set_ylim(1e-17, DIVERGED)
    _finish((left, middle, right))
    figure.savefig(path, dpi=130)
    return True


def _finish(all_axes: Sequence[object]) -> None:
    for axes in all_axes:
        axes.grid(alpha=0.3)  # type: ignore[attr-defined]
    for axes in (all_axes[0], all_axes[-1]):
        axes.legend(fontsize=8)  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
