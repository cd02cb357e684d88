"""The command as users meet it: what it prints, what it writes, what it refuses, and the number it ends with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import tensorlayer
from tensorlayer.cli.application import app
from tensorlayer.files import read_tensors

RNG = np.random.default_rng(7)
A, B = RNG.normal(size=(5, 6)), RNG.normal(size=(6, 4))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two programs and their data, which is the current one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "product.tl").write_text("C[i,j] = A[i,k] * B[k,j]  # a comment\ntrace[] = A[i,k] * A[i,k]\n")
    (tmp_path / "energy.tl").write_text("E[] = 0.5 * k[i] * (r[i] - r0[i])**2")
    np.savez(tmp_path / "both.npz", A=A, B=B, unused=np.eye(2))
    np.savez(tmp_path / "springs.npz", k=[1.0, 2.0], r=[1.0, 3.0], r0=[0.0, 1.0])
    np.save(tmp_path / "A.npy", A)
    np.save(tmp_path / "other.npy", B)
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def refused(number: int, *arguments: str) -> str:
    """The message of a call that ends with `number`; nothing else is printed, least of all a traceback."""
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (number, ""), result.output
    assert "Traceback" not in result.stderr
    return result.stderr


# -- what works --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
def test_a_scalar_is_printed(backend_name: str) -> None:
    result = invoke("run", "energy.tl", "--input", "springs.npz", "--backend", backend_name)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[1].split() == ["E", "scalar", "float64", "4.5"]
    assert f"by {backend_name} (cpu)" in result.stdout


@pytest.mark.usefixtures("folder")
def test_a_tensor_is_described() -> None:
    result = invoke("run", "product.tl", "-i", "both.npz")
    header, product, trace = (line.split() for line in result.stdout.splitlines()[:3])
    assert header == ["name", "shape", "dtype", "value"]
    assert product == ["C", "5", "x", "4", "float64"]
    assert trace[:3] == ["trace", "scalar", "float64"]
    assert float(trace[3]) == pytest.approx(np.sum(A * A))


@pytest.mark.parametrize("suffix", [".npz", ".safetensors", ".zarr"])
def test_results_are_written(folder: Path, suffix: str) -> None:
    result = invoke("run", "product.tl", "-i", "both.npz", "--output", f"out{suffix}")
    assert result.exit_code == 0, result.output
    found = read_tensors(folder / f"out{suffix}")
    assert set(found) == {"C", "trace"}
    np.testing.assert_allclose(found["C"], A @ B)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "given",
    [
        ["A.npy", "B=other.npy"],
        ["B=both.npz", "A.npy"],
        ["A=both.npz", "B=other.npy"],
    ],
)
def test_inputs_by_name_and_by_file(given: list[str]) -> None:
    result = invoke("run", "product.tl", *(part for each in given for part in ("--input", each)), "-o", "out.npz")
    assert result.exit_code == 0, result.output
    np.testing.assert_allclose(read_tensors("out.npz")["C"], A @ B)


@pytest.mark.usefixtures("folder")
def test_a_program_from_standard_input() -> None:
    result = CliRunner().invoke(app, ["run", "-", "-i", "A.npy"], input="n[] = A[i,k]**2")
    assert float(result.stdout.splitlines()[1].split()[-1]) == pytest.approx(np.sum(A * A))


@pytest.mark.processes
@pytest.mark.usefixtures("folder")
def test_worker_processes() -> None:
    result = invoke("run", "product.tl", "-i", "both.npz", "-b", "dask", "--processes", "2", "-o", "out.npz")
    assert result.exit_code == 0, result.output
    assert "by dask (cpu), 2 processes" in result.stdout
    np.testing.assert_allclose(read_tensors("out.npz")["C"], A @ B)


def test_backends_are_listed() -> None:
    result = invoke("backends")
    listed = {line.split()[0] for line in result.stdout.splitlines()}
    assert listed >= {"backend", "cupy", "dask", "numba", "numpy", "reference", "torch"}


@pytest.mark.usefixtures("folder")
def test_explaining_with_and_without_data() -> None:
    with_data = invoke("explain", "product.tl", "-i", "both.npz")
    assert with_data.exit_code == 0, with_data.output
    assert "Without data" not in with_data.stdout
    without = invoke("explain", "product.tl", "--shape", "A=30,40", "--shape", "B=40,50")
    assert "assuming A 30 x 40, B 40 x 50;" in without.stdout


# -- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.tl"], "nothing.tl: no such file"),
        (["A.npy"], "a program is UTF-8 text"),
        (["product.tl"], "B not given"),
        (["product.tl", "-i", "nothing.npz"], "nothing.npz: no such file"),
        (["product.tl", "-i", "both.h5"], "no format has the suffix '.h5'; there are .npy .npz"),
        (["product.tl", "-i", "other.npy"], "other.npy has other; the program reads A, B: name it, as --input A="),
        (["product.tl", "-i", "A=springs.npz"], "springs.npz has no tensor A, and is ambiguous: it has k, r, r0"),
        (["product.tl", "-i", "both.npz", "-i", "A.npy"], "--input A.npy: A was given before"),
        (["product.tl", "-i", "X=A.npy"], "the program does not read X; it reads A, B"),
        (["product.tl", "-i", "A.npy", "-i", "B=A.npy"], "label 'k' has extents 6 and 5"),
        (["product.tl", "-i", "both.npz", "-b", "abacus"], "no backend 'abacus': there are"),
        (["product.tl", "-i", "both.npz", "--device", "cuda"], "say whose device it is"),
        (["product.tl", "-i", "both.npz", "-b", "dask", "--device", "tpu:1"], "backend 'dask' has cpu"),
        (["product.tl", "-i", "both.npz", "--memory", "lots"], "'lots' is no amount of memory"),
        (["product.tl", "-i", "both.npz", "-b", "numpy", "--processes", "2"], "--backend dask"),
        (["product.tl", "-i", "both.npz", "-o", "out.npy"], ".npy cannot hold these tensors"),
        (["product.tl", "-i", "both.npz", "-o", "none/out.npz"], "there is no folder none"),
    ],
)
def test_bad_input(arguments: list[str], message: str) -> None:
    assert message in refused(2, "run", *arguments)
    assert not Path("out.npy").exists()


@pytest.mark.usefixtures("folder")
def test_programs_from_editors_that_mark_their_encoding() -> None:
    Path("marked.tl").write_text("C[i,j] = 2 * A[i,j]\r\n", "utf-8-sig")
    assert invoke("run", "marked.tl", "-i", "A.npy").exit_code == 0


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("shape", ["A", "A=3;4", "A=3,x", "A=3,,4", "C=3,4", "=3"])
def test_bad_shapes(shape: str) -> None:
    assert f"--shape {shape[:1]}" in refused(2, "explain", "product.tl", "--shape", shape)


def test_mistakes_in_the_text_are_pointed_at(folder: Path) -> None:
    (folder / "wrong.tl").write_text("# two lines\nC[i,j] = A[i,] * 2\n")
    message = refused(2, "run", "wrong.tl", "-i", "A.npy").splitlines()
    assert message[-2:] == ["    C[i,j] = A[i,] * 2", "                 ^"]


def test_a_failure_is_no_bad_input(folder: Path) -> None:
    (folder / "root.tl").write_text("L[i,j] = cholesky(A[i,j])")
    np.save(folder / "A.npy", -np.eye(3))
    assert "cholesky" in refused(1, "run", "root.tl", "-i", "A.npy")


@pytest.mark.usefixtures("folder")
def test_a_plan_that_does_not_fit_is_refused_with_numbers() -> None:
    assert "100 bytes" in refused(1, "run", "product.tl", "-i", "both.npz", "--memory", "100 B", "-o", "out.npz")
    assert not Path("out.npz").exists()


@pytest.mark.usefixtures("folder")
def test_a_missing_library_of_a_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "pip install 'tensorlayer-graph[torch]'" in refused(
        1, "run", "energy.tl", "-i", "springs.npz", "-b", "torch"
    )


@pytest.mark.processes
def test_a_failure_in_a_worker_is_told_once(folder: Path) -> None:
    (folder / "root.tl").write_text("L[i,j] = cholesky(A[i,j])")
    np.save(folder / "A.npy", -np.eye(3))
    ended = script("run", "root.tl", "-i", "A.npy", "-b", "dask", "--processes", "2", folder=folder)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (1, "", 1)
    assert ended.stderr.startswith("error: linalg.cholesky failed")


# -- the process -------------------------------------------------------------------------------------------------


def script(*arguments: str, folder: Path, before: str = "pass") -> subprocess.CompletedProcess[str]:
    text = f"import sys; {before}; from tensorlayer.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", text, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_the_process_ends_with_the_number(folder: Path) -> None:
    assert script("run", "energy.tl", "-i", "springs.npz", folder=folder).returncode == 0
    assert script("run", "none.tl", folder=folder).returncode == 2
    assert script("--version", folder=folder).stdout.strip() == tensorlayer.__version__


@pytest.mark.parametrize("library", ["typer", "rich"])
def test_without_the_library_of_the_command(tmp_path: Path, library: str) -> None:
    shown = script("backends", folder=tmp_path, before=f"sys.modules[{library!r}] = None")
    assert (shown.returncode, shown.stdout) == (1, "")
    assert shown.stderr == f"tensorlayer needs the library '{library}': pip install 'tensorlayer-graph[cli]'\n"
