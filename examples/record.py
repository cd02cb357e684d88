"""What was trained, in a file, so that a run can be continued and its picture drawn again."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
from training import Curve

__all__ = ["Record"]

Settings = dict[str, Any]


class Record:
    """Curves by the names of what was trained, with the settings that they hold for.

    Parameters
    ----------
    settings : dict
        What all have in common. A file with others is refused.
    path : Path, optional
        The file, which is written after every curve; in memory only when left out.
    """

    def __init__(self, settings: Settings, path: Path | None = None) -> None:
        self.settings, self.path = settings, path
        self.about: dict[str, str] = {}
        self.curves: dict[str, list[Curve]] = {}
        if path is not None and path.exists():
            self._read(path)

    def _read(self, path: Path) -> None:
        found = json.loads(path.read_text("utf-8"))
        if found["settings"] != self.settings:
            sys.exit(f"{path} is of {found['settings']}, not of {self.settings}: take another file")
        self.about = found["about"]
        self.curves = {name: [Curve(**each) for each in runs] for name, runs in found["curves"].items()}

    def missing(self, names: list[str], seeds: int) -> Iterator[tuple[str, int]]:
        """What is not there yet: names and seeds, which count from 1."""
        for name in names:
            for seed in range(len(self.curves.get(name, [])) + 1, seeds + 1):
                yield name, seed

    def add(self, name: str, curve: Curve) -> None:
        """Take in a curve."""
        self.curves.setdefault(name, []).append(curve)
        self.about = about()
        if self.path is not None:
            self.path.write_text(json.dumps(self.plain(), indent=1), "utf-8")

    def plain(self) -> dict[str, Any]:
        """As numbers, text, lists and dictionaries."""
        curves = {name: [rounded(run) for run in runs] for name, runs in self.curves.items()}
        return {"settings": self.settings, "about": self.about, "curves": curves}


def rounded(curve: Curve) -> dict[str, Any]:
    """A curve with as many digits as mean something."""
    lists = {"loss": [round(each, 4) for each in curve.loss], "error": [round(each, 4) for each in curve.error]}
    return lists | {"seconds": round(curve.seconds, 2)}


def about() -> dict[str, str]:
    """When and where."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "torch": torch.__version__.partition("+")[0],
    }
