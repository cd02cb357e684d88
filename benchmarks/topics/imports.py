"""The time to import the package in a new process."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]


def _import(name: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {name}"], check=True)


def _imports() -> dict[str, Call]:
    return {OURS: partial(_import, "tensorlayer"), "numpy": partial(_import, "numpy")}


CASES = (Case("import", _imports, limit=1.0, parts=("numpy",), allowance=0.04, check=False),)
