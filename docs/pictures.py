"""Pictures of the site that are drawn when it is built, from the same functions as users call."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from analog_tables import DEVICES, FAMILIES, RECORDS, family

from analog import Crossbar
from analog.config import LinearStepDevice, SingleRPUConfig, SoftBoundsDevice
from analog.distributed import StepCost, plot_cost
from analog.lab import (
    fit_device,
    plot_fit,
    plot_learning,
    plot_response,
    plot_responses,
    plot_training,
    plot_weights,
    step_response,
)
from analog.presets import PCMPresetUnitCell

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


def device_presets() -> Any:
    """Every device preset from bound to bound."""
    cells = {cls.__name__.removesuffix("PresetDevice"): cls() for cls in DEVICES}
    return plot_responses(cells | {"PCM, one-sided": PCMPresetUnitCell()})


def config_presets(pattern: str) -> Any:
    """A family of configurations, under a gradient that turns."""
    # Rules with buffers write nothing before some hundred vectors; one line and a high rate make that short.
    is_buffered = "TTv2" in pattern or "AGAD" in pattern
    options = {"shape": (10, 1), "batches": 5, "batch": 50, "lr": 1.0} if is_buffered else {"batches": 5, "batch": 20}
    return plot_learning({cls.__name__: cls() for cls in family(pattern).values()}, **options)


def measured(name: str) -> Any:
    """Networks that were trained by the examples."""
    curves = json.loads((RECORDS / f"{name}.json").read_text("utf-8"))["curves"]
    quantities = {"loss": "loss", "error of the test samples": "error"}
    panels = {
        title: {rule: [run[key] for run in runs] for rule, runs in curves.items()} for title, key in quantities.items()
    }
    return plot_training(panels, twin="floating point")


def distributed_cost() -> Any:
    """Steps of grids of crossbars in several processes; the numbers are those that the page names."""
    messages = StepCost(tile=1.9e-3, message=0.93e-3, byte=0.85e-9, size=512, batch=256, start=1.3e-3)
    memory = StepCost(tile=1.9e-3, message=0.28e-3, byte=0.37e-9, size=512, batch=256, road="memory", start=0.45e-3)
    return plot_cost(messages, memory)


PICTURES: dict[str, Callable[[], Any]] = {
    "lab-response": response,
    "lab-fit": fit,
    "lab-weights": weights,
    "distributed-cost": distributed_cost,
    "presets-devices": device_presets,
    **{f"presets-{pattern.format('-')}": partial(config_presets, pattern) for pattern in FAMILIES},
    **{f"measured-{path.stem}": partial(measured, path.stem) for path in sorted(RECORDS.glob("*.json"))},
}


def draw(folder: Path) -> None:
    """Write every picture into `folder` as PNG."""
    folder.mkdir(exist_ok=True)
    for name, make in PICTURES.items():
        make().savefig(folder / f"{name}.png", dpi=130)
