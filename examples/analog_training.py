"""A linear regression trained on crossbars: exact, with pulses on noisy devices, and with rules that bear with them.

Ends with 1 if exact crossbars do not follow NumPy, or the others do not learn.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from analog import Crossbar
from analog.config import FloatingPointRPUConfig, IOParameters, RPUConfig, SoftBoundsDevice, build_config

Array = np.ndarray[Any, Any]

OUTPUTS, INPUTS, BATCH, RATE = 10, 20, 10, 0.05
#: Errors, relative to that of weights that are zero, by which a crossbar has learned.
LEARNED = 0.5
#: Devices whose pulses become smaller towards the bounds, with the spreads of all defaults.
DEVICE = SoftBoundsDevice(dw_min=0.01)
#: The usual converters, with less noise.
CONVERTERS = IOParameters(out_noise=0.02)

CONFIGS: dict[str, RPUConfig] = {
    "exact": FloatingPointRPUConfig(),
    "pulses on the weights": build_config("sgd", DEVICE, CONVERTERS),
    "Tiki-Taka": build_config("ttv1", DEVICE, CONVERTERS),
    "Tiki-Taka with a buffer": build_config("ttv2", DEVICE, CONVERTERS),
    "AGAD": build_config("agad", DEVICE, CONVERTERS),
}


def main() -> int:
    """Train everything, print a table, draw the curves, and give 1 if something did not learn."""
    parser = ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, default=1500, help="batches (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of data and devices (default: %(default)s)")
    parser.add_argument("--picture", type=Path, help="file for the curves, as training.png; needs matplotlib")
    choice = parser.parse_args()

    curves = learning_curves(choice.steps, choice.seed)
    good = show(curves)
    if choice.picture and draw(curves, choice.picture):
        print(f"The curves are in {choice.picture}.")
    print("All learned." if good else "NOT ALL LEARNED.")
    return 0 if good else 1


def learning_curves(steps: int, seed: int) -> dict[str, Array]:
    """The error of the weights after every step, relative to that at the start; of NumPy and every configuration."""
    rng = np.random.default_rng(seed)
    target = rng.uniform(-0.4, 0.4, (OUTPUTS, INPUTS)).astype(np.float32)
    x = rng.uniform(-1, 1, (steps, BATCH, INPUTS)).astype(np.float32)
    crossbars = {name: Crossbar(target.shape, config, seed=seed) for name, config in CONFIGS.items()}
    return {"NumPy": in_numpy(target, x)} | {name: on(tile, target, x) for name, tile in crossbars.items()}


def in_numpy(target: Array, x: Array) -> Array:
    """The same regression without a crossbar."""
    weights, errors = np.zeros_like(target), []
    for batch in x:
        error = batch @ weights.T - batch @ target.T
        weights -= np.float32(RATE) * error.T @ batch
        errors.append(distance(weights, target))
    return np.array(errors)


def on(tile: Crossbar, target: Array, x: Array) -> Array:
    """The regression on a crossbar: its own products, its own updates."""
    tile.set_weights(np.zeros_like(target))
    errors = []
    for batch in x:
        error = tile.mvm(batch) - batch @ target.T
        tile.update_(batch, error, RATE)
        errors.append(distance(tile.weights, target))
    return np.array(errors)


def distance(weights: Array, target: Array) -> float:
    """Root mean square error, relative to that of weights that are zero."""
    return float(np.linalg.norm(weights - target) / np.linalg.norm(target))


def show(curves: dict[str, Array]) -> bool:
    """Print the errors on the way; whether all learned."""
    steps = len(curves["NumPy"])
    stations = sorted({max(1, steps // part) for part in (100, 20, 5, 2, 1)})
    print("error of the weights, relative to the start, after so many batches:\n")
    print(f"{'':24}" + "".join(f"{station:>9}" for station in stations))
    for name, errors in curves.items():
        print(f"{name:24}" + "".join(f"{errors[station - 1]:9.4f}" for station in stations))
    print()
    exact = float(np.max(np.abs(curves["exact"] - curves["NumPy"])))
    print(f"exact crossbar and NumPy differ by {exact:.0e}")
    return exact < 1e-4 and all(errors[-1] < LEARNED for errors in curves.values())


def draw(curves: dict[str, Array], path: Path) -> bool:
    """Draw the curves, if matplotlib is there."""
    if find_spec("matplotlib") is None:
        print("No picture: pip install matplotlib")
        return False
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, errors in curves.items():
        dashes = {"linestyle": "--", "color": "black", "zorder": 3} if name == "NumPy" else {}
        axes.semilogy(np.arange(1, len(errors) + 1), errors, label=name, **dashes)
    axes.set(xlabel="batches", ylabel="error of the weights, relative to the start", title="Training on crossbars")
    axes.set_ylim(1e-3, 2)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=150)
    return True


if __name__ == "__main__":
    sys.exit(main())
