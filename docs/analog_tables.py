"""Tables about presets and trained networks, read off the code and off the records when the site is built."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from tables import summary, table

import analog.presets
from analog.config import RPUConfig, SingleRPUConfig
from analog.devices import PulsedDevice
from analog.presets.family import source

__all__ = ["ANALOG_TABLES", "DEVICES", "FAMILIES", "RECORDS", "family"]

RECORDS = Path(__file__).parent / "measured"
DEVICES = [cls for name in analog.presets.__all__ if issubclass(cls := getattr(analog.presets, name), PulsedDevice)]
#: The names of the configurations' families, with ``{}`` for the device.
FAMILIES = ("{}", "{}2", "{}4", "TikiTaka{}", "TTv2{}", "ChoppedTTv2{}", "AGAD{}", "MixedPrecision{}")
MATERIALS = ("ReRamES", "ReRamSB", "Capacitor", "EcRam", "EcRamMO", "Idealized", "GokmenVlasov", "PCM")


def devices() -> str:
    """The device presets."""
    header = ["class", "law", "states", "noise of a pulse", "spread of steps, of bounds", "source"]
    return table(header, (device_row(cls) for cls in DEVICES))


def device_row(cls: type[PulsedDevice]) -> list[str]:
    """A device preset in cells."""
    device = cls()
    law = next(base for base in cls.__mro__ if base.__module__.startswith("analog.devices")).__name__
    spreads = f"{device.dw_min_dtod:.0%}, {max(device.w_max_dtod, device.w_min_dtod):.0%}"
    paper = source(cls).replace("\n", " ").removesuffix(" Values as in aihwkit.")
    return [f"`{cls.__name__}`", law, f"{device.num_states:.0f}", f"{device.dw_min_std:.0%}", spreads, paper]


def family(pattern: str) -> dict[str, type[SingleRPUConfig]]:
    """The configurations of a family by the names of their devices."""
    names = {material: pattern.format(material) + "Preset" for material in MATERIALS}
    return {
        material: getattr(analog.presets, name) for material, name in names.items() if name in analog.presets.__all__
    }


def families() -> str:
    """The configurations by rule and device."""
    rows = []
    for pattern in FAMILIES:
        members = family(pattern)
        rule = summary(next(iter(members.values()))).partition(" Made of")[0]
        names = ", ".join(f"`{cls.__name__}`" for cls in members.values())
        rows.append([f"`{pattern}Preset`".replace("{}", "…"), rule, names])
    return table(["family", "rule", "members"], rows)


def inference() -> str:
    """What is not for a crossbar that is trained."""
    found = [getattr(analog.presets, name) for name in analog.presets.__all__]
    rows = (
        [f"`{cls.__name__}`", summary(cls)]
        for cls in found
        if issubclass(cls, RPUConfig) and not issubclass(cls, SingleRPUConfig)
    )
    return table(["class", "what it is"], rows)


def measured(name: str) -> str:
    """A record of trained networks as a table, with its circumstances below."""
    record = json.loads((RECORDS / f"{name}.json").read_text("utf-8"))
    header = ["rule", "runs", "loss", "error / %", "CPU seconds of a run"]
    rows = [[rule, *cells(runs)] for rule, runs in record["curves"].items()]
    facts = [f"{key} {value}" for key, value in (record["settings"] | record["about"]).items()]
    return f"{table(header, rows)}\n\n{', '.join(facts)}."


def cells(runs: list[dict[str, Any]]) -> list[str]:
    """How many runs, and their means; with a standard error if there are several."""
    errors = 100 * np.array([run["error"][-1] for run in runs])
    spread = f" ± {errors.std(ddof=1) / np.sqrt(len(errors)):.1f}" if len(errors) > 1 else ""
    loss, seconds = (np.mean([np.ravel(run[key])[-1] for run in runs]) for key in ("loss", "seconds"))
    return [str(len(runs)), f"{loss:.3f}", f"{errors.mean():.1f}{spread}", f"{seconds:.0f}"]


#: What ``{{ name }}`` stands for in a page.
ANALOG_TABLES = {
    "device_presets": devices,
    "config_presets": families,
    "inference_presets": inference,
    **{f"measured_{path.stem}": partial(measured, path.stem) for path in sorted(RECORDS.glob("*.json"))},
}
