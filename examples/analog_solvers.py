"""Linear systems, eigenvalues, transforms and rankings by crossbars: each method is written once.

Ends with 1 if exact crossbars do not solve everything, or refinement does not correct the others.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from analog_solvers_devices import EXACT, HOLDERS, NUMPY, converters, fluctuating, on_crossbars
from analog_solvers_problems import PROBLEMS

__all__ = ["main"]

#: What exact crossbars may differ from NumPy by: crossbars compute in float32.
ROUNDING = 1e-4
#: What refinement reaches whatever the devices do.
CORRECTED = 1e-8

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
    return {name: {where: solve(held) for where, held in HOLDERS.items()} for name, solve in PROBLEMS.items()}


def show(found: dict[str, dict[str, float]]) -> bool:
    """Print the errors; whether they are as they must be."""
    print("relative error of the solution:\n")
    print(f"{'':20}" + "".join(f"{where:>18}" for where in HOLDERS))
    for name, row in found.items():
        print(f"{name:20}" + "".join(f"{error:18.1e}" for error in row.values()))
    print()
    exact = all(row[EXACT] < max(ROUNDING, 2 * row[NUMPY]) for row in found.values())
    return exact and all(error < CORRECTED for error in found["refinement"].values())


def draw(path: Path) -> bool:
    """Draw errors against the noise of devices and the bits of converters, if matplotlib is there."""
    if find_spec("matplotlib") is None:
        print("No picture: pip install matplotlib")
        return False
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for name, solve in PROBLEMS.items():
        left.loglog(NOISE, [solve(on_crossbars(fluctuating(noise))) for noise in NOISE], marker="o", ms=3, label=name)
        right.semilogy(BITS, [solve(on_crossbars(converters(bits))) for bits in BITS], marker="o", ms=3)
    left.set(xlabel="fluctuation of weights, of at most 0.5", ylabel="relative error of the solution")
    right.set(xlabel="bits of the output converters")
    left.set_ylim(1e-17, 100)  # what is above has not converged
    _finish((left, right))
    figure.savefig(path, dpi=130)
    return True


def _finish(all_axes: Sequence[object]) -> None:
    for axes in all_axes:
        axes.grid(alpha=0.3)  # type: ignore[attr-defined]
    all_axes[0].legend(fontsize=8)  # type: ignore[attr-defined]


if __name__ == "__main__":
    sys.exit(main())
