"""Every example runs as users run it, on small data, by every backend."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import tensorlayer as tl
from tensorlayer.cli.application import app
from tensorlayer.cli.assumption import assume_inputs

EXAMPLES = Path(__file__).parents[2] / "examples"
CONTESTANTS = ("floating point", "ideal crossbars", "SoftBounds, pulses", "SoftBounds, Tiki-Taka 2")
CALLS = {
    "analog_characters.py": ["--samples", "100", "--epochs", "1", "--rules", "floating point", "ideal crossbars"],
    "analog_images.py": ["--data", "digits", "--epochs", "2", "--rules", *CONTESTANTS],
    "analog_solvers.py": [],
    "analog_training.py": ["--steps", "400"],
    "demo.py": ["--small"],
    "gradient_descent.py": ["--samples", "20", "--steps", "60"],
    "ladder.py": ["--occupied", "2", "--virtual", "4"],
    "mp2.py": ["--basis", "sto-3g"],
}
LAST_LINES = {
    "analog_characters.py": "All as expected.",
    "analog_images.py": "All as expected.",
    "analog_solvers.py": "All solved.",
    "analog_training.py": "All learned.",
    "demo.py": "All backends agree.",
    "gradient_descent.py": "All found the exact solution.",
    "ladder.py": "All agree to 1e-12 of the largest element.",
    "mp2.py": "All agree to 1e-10 Hartree.",
}


def test_every_script_is_called() -> None:
    scripts = {path.name for path in EXAMPLES.glob("*.py") if "__main__" in path.read_text("utf-8")}
    assert scripts == set(CALLS)


@pytest.mark.processes
@pytest.mark.parametrize("name", CALLS)
def test_it_runs_and_all_agree(name: str, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    command = [sys.executable, "-W", "error", str(EXAMPLES / name), *CALLS[name]]
    shown = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert LAST_LINES[name] in shown.stdout.splitlines()
    assert shown.stderr == ""
    is_analog = name.startswith("analog")
    for backend in pytestconfig.getoption("--backends").split(",") if not is_analog else ():
        assert f"{backend} " in shown.stdout
    assert ("dask, 2 processes" in shown.stdout) is (not is_analog and name != "gradient_descent.py")
    assert list(tmp_path.iterdir()) == []


def test_training_on_crossbars_is_drawn_and_failure_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    training = importlib.import_module("analog_training")
    picture = tmp_path / "training.png"
    monkeypatch.setattr(sys, "argv", ["analog_training.py", "--steps", "3", "--picture", str(picture)])
    assert training.main() == 1, "nothing is learned in three steps"
    assert "NOT ALL LEARNED." in capsys.readouterr().out
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The demonstration as a module, on three backends; without the statement that takes long to prepare."""
    monkeypatch.syspath_prepend(EXAMPLES)
    monkeypatch.setattr(importlib.import_module("statement"), "_mp2", lambda large: [])
    module = importlib.import_module("demo")
    monkeypatch.setattr(sys, "argv", ["demo.py", "--small"])
    contenders = [module.Contender(name) for name in ("reference", "numpy", "torch")]
    monkeypatch.setattr(module, "installed", lambda _: contenders)
    return module


@pytest.mark.parametrize("factor", [1 + 1e-6, np.nan])
@pytest.mark.parametrize("which", ["small", "large"])
def test_the_demonstration_fails_when_a_backend_is_wrong(
    demo: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], which: str, factor: float
) -> None:
    right = demo.compute

    def compute(contender: Any, statement: Any) -> Any:
        outcome = right(contender, statement)
        wrong = contender.backend == "torch" and statement.name == "ladder"
        return outcome._replace(**{which: factor * getattr(outcome, which)}) if wrong else outcome

    monkeypatch.setattr(demo, "compute", compute)
    assert demo.main() == 1
    rows = [line for line in capsys.readouterr().out.splitlines() if " NO " in line or line == "BACKENDS DISAGREE."]
    assert [row.split()[0] for row in rows] == ["torch", "BACKENDS"]


def test_the_overview_names_every_file() -> None:
    overview = (EXAMPLES / "README.md").read_text("utf-8")
    files = [*EXAMPLES.glob("*.py"), *EXAMPLES.glob("programs/*.tl")]
    assert [file.name for file in files if f"`{file.name}`" not in overview] == []


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("programs/*.tl")), ids=lambda path: path.stem)
def test_programs_are_read_by_the_command(path: Path, tmp_path: Path) -> None:
    """Extents of 3 everywhere suit every program."""
    program, rng = tl.program(path.read_text("utf-8")), np.random.default_rng(0)
    shapes = {name: array.shape for name, array in assume_inputs(program, {}, [], extent=3).items()}
    np.savez(tmp_path / "in.npz", **{name: rng.random(shape) for name, shape in shapes.items()})
    result = CliRunner().invoke(app, ["run", str(path), "--input", str(tmp_path / "in.npz")])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1].startswith(program.outputs[0])
