"""A backend from outside the tree: its package, its entry point, the contract run on it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TOY = Path(__file__).with_name("toy.py").read_text("utf-8")
ROOT = Path(__file__).parents[3]
LINES_ALLOWED = 40


def install(folder: Path, source: str) -> None:
    """What pip would leave in site-packages."""
    (folder / "toy.py").write_text(source)
    metadata = folder / "toy-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: toy\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[tensorlayer.backends]\ntoy = toy:backend\n")
    (folder / "test_toy.py").write_text(
        "from tensorlayer.testing import BackendContract\n\n\nclass TestToy(BackendContract):\n    backend = 'toy'\n"
    )


def run_contract(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "test_toy.py", *arguments]
    path = os.pathsep.join((str(folder), str(ROOT)))
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False
    )


def test_a_strangers_backend_passes_the_contract(tmp_path: Path) -> None:
    assert len(TOY.splitlines()) <= LINES_ALLOWED
    install(tmp_path, TOY)
    run = run_contract(tmp_path)
    assert run.returncode == 0, run.stdout[-3000:]
    passed = re.search(r"(\d+) passed", run.stdout)
    assert passed is not None
    assert int(passed[1]) > 1000


@pytest.mark.parametrize(
    ("right", "wrong", "tests"),
    [
        ("np.asarray(inner(", "np.asarray(+1.001 * inner(", "test_product"),
        ("return Box(np.array(array) if copy else array)", "return Box(array)", "test_conversion"),
        ("(Einsum, Map, Reduce, Reshape, Slice)", "(Einsum, Reshape)", "test_runs_the_core"),
        ("self.inside = inside", "self.inside = inside[..., ::-1] if inside.ndim else inside", "test_slices_and_chips"),
    ],
)
def test_the_contract_finds_what_is_wrong(tmp_path: Path, right: str, wrong: str, tests: str) -> None:
    assert right in TOY
    install(tmp_path, TOY.replace(right, wrong))
    run = run_contract(tmp_path, "-x", "-k", tests)
    assert run.returncode == 1, run.stdout[-3000:]
    assert "1 failed" in run.stdout


def test_without_pytest_it_says_what_to_install() -> None:
    program = "import sys; sys.modules['pytest'] = None; import tensorlayer.testing"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "pip install pytest" in run.stderr
