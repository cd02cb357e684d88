"""Importing the analog floor costs little: libraries are loaded by what uses them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = ("torch", "numba", "cupy", "scipy", "matplotlib", "safetensors", "tomli_w", "dask", "networkx")


@pytest.mark.parametrize("statement", ["import analog", "from analog import Crossbar", "import analog.config"])
def test_importing_loads_no_heavy_library(statement: str) -> None:
    program = f"import sys; {statement}; print([name for name in {HEAVY} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_a_name_that_does_not_exist() -> None:
    import analog

    assert "Crossbar" in dir(analog)
    with pytest.raises(AttributeError, match="no attribute 'Crosbar'"):
        analog.Crosbar  # noqa: B018
