"""The time to import the package in a new process."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from tempfile import TemporaryDirectory

from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]

#: Compiled files, as an installed package has them; the first import of a checkout compiles every file.
COMPILED = TemporaryDirectory()


def _import(name: str) -> None:
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": COMPILED.name, "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run([sys.executable, "-c", f"import {name}"], check=True, env=environment)


def _imports() -> dict[str, Call]:
    return {OURS: partial(_import, "tensorlayer"), "numpy": partial(_import, "numpy")}


CASES = (Case("import", _imports, limit=1.0, parts=("numpy",), allowance=0.04, check=False),)
