"""Pictures of the site that are drawn when it is built, from the same functions as users call."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from analog import Crossbar
from analog.config import LinearStepDevice, SingleRPUConfig, SoftBoundsDevice
from analog.distributed import StepCost, plot_cost
from analog.lab import fit_device, plot_fit, plot_response, plot_weights, step_response

__all__ = ["draw"]

MEASURED = SoftBoundsDevice(dw_min=0.01, w_max=0.8, w_min=-0.5, dw_min_std=0.5, dw_min_dtod=0.2)


def response() -> Any:
    """A device of soft bounds."""
    return plot_response(SoftBoundsDevice(dw_min=0.005))


def fit() -> Any:
    """Devices of soft bounds, found again by the law of linear steps."""
    return plot_fit(fit_device(LinearStepDevice(), step_response(MEASURED, pulses=150, cycles=2, devices=10).curves))


def weights() -> Any:
    """A crossbar as it is made."""
    return plot_weights(Crossbar((60, 100), SingleRPUConfig(), seed=1))


def distributed_cost() -> Any:
    """Steps of grids of crossbars in several processes; the numbers are those that the page names."""
    return plot_cost(StepCost(tile=2.2e-3, message=0.8e-3, byte=1.1e-9, size=512, batch=256))


PICTURES: dict[str, Callable[[], Any]] = {
    "lab-response": response,
    "lab-fit": fit,
    "lab-weights": weights,
    "distributed-cost": distributed_cost,
}


def draw(folder: Path) -> None:
    """Write every picture into `folder` as PNG."""
    folder.mkdir(exist_ok=True)
    for name, make in PICTURES.items():
        make().savefig(folder / f"{name}.png", dpi=130)
