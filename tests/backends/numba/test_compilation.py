"""Machine code on disk: found again, by several processes, and not needed."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from backends.numba import compilation
from backends.numba.compilation import compile_kernel
from backends.numba.disk import trim
from tensorlayer.runtime.cache import cache_folder

SOURCE = """\
from numpy import float64, int64

from backends.numba.intrinsics import pointer


def kernel(first, last, places):
    sizes, x0, out = pointer(places[0], int64), pointer(places[1], float64), pointer(places[2], float64)
    for i in range(first, last):
        out[i] = x0[i] + sizes[0]
"""
PROGRAM = f"""
import numpy as np
from backends.numba.compilation import compile_kernel
from backends.numba.disk import trim
compiled = compile_kernel({SOURCE!r})
x, out, sizes = np.arange(3.0), np.zeros(3), np.array([2])
places = np.array([array.ctypes.data for array in (sizes, x, out)])
compiled.call(0, 3, places.ctypes.data)
assert out.tolist() == [2, 3, 4]
print(compiled.was_cached)
"""


def start() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out.strip()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TENSORLAYER_CACHE", str(tmp_path))
    compile_kernel.cache_clear()
    return tmp_path


@pytest.mark.processes
def test_processes_share_machine_code(folder: Path) -> None:
    assert {finished(process) for process in [start(), start()]} <= {"True", "False"}
    assert finished(start()) == "True"
    assert [path.suffix for path in folder.rglob("*.tmp")] == []


def test_a_folder_that_cannot_be_written_to_is_done_without(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "numba").write_text("a file where the folder should be")
    assert not compile_kernel(SOURCE).was_cached


@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_spoiled_machine_code_is_compiled_again(folder: Path, suffix: str) -> None:
    compile_kernel(SOURCE)
    spoiled = list(folder.rglob(f"*{suffix}"))
    assert spoiled
    for file in spoiled:
        file.write_bytes(file.read_bytes()[:40])
    compile_kernel.cache_clear()
    assert not compile_kernel(SOURCE).was_cached


def test_the_folder_stays_below_its_limit(folder: Path) -> None:
    for value in range(6):
        compile_kernel(SOURCE.replace("sizes[0]", f"sizes[0] + {value}"))
    (kernels,) = {path.parent for path in folder.rglob("*.py")}
    texts = sorted(kernels.glob("*.py"), key=lambda path: next(kernels.glob(f"*/{path.stem}.*.nbi")).stat().st_mtime_ns)
    compile_kernel.cache_clear()
    assert compile_kernel(SOURCE.replace("sizes[0]", "sizes[0] + 0")).was_cached  # the oldest, used again
    size = sum(path.stat().st_size for path in kernels.rglob("*.*"))
    trim(kernels, size)
    assert len(list(kernels.glob("*.py"))) == 6
    trim(kernels, size - 1)
    kept = set(kernels.glob("*.py"))
    assert 1 <= len(kept) <= 3
    assert texts[0] in kept
    assert {path.name.partition(".")[0] for path in kernels.rglob("*.nb?")} == {path.stem for path in kept}
    compile_kernel.cache_clear()
    assert not compile_kernel(SOURCE.replace("sizes[0]", "sizes[0] + 1")).was_cached


def test_threads_may_compile_and_run_at_once(folder: Path) -> None:
    results = []

    def work() -> None:
        x, out, sizes = np.arange(3.0), np.zeros(3), np.array([1])
        places = np.array([array.ctypes.data for array in (sizes, x, out)])
        compile_kernel(SOURCE).call(0, 3, places.ctypes.data)
        results.append(out.tolist())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[1, 2, 3]] * 4


def test_the_users_cache_is_the_platforms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TENSORLAYER_CACHE")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder("numba") == tmp_path / "tensorlayer" / "numba"


def test_importing_the_backend_does_not_import_numba() -> None:
    program = "import sys, backends.numba; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_what_generated_texts_call_is_known_with_all_that_it_is_made_of() -> None:
    """Otherwise kernels on disk would outlive a change of it."""
    folder = Path(compilation.__file__).parent
    imported = {
        name
        for module in compilation.CALLED
        for name in re.findall(
            r"^from backends\.numba\.(\w+) import", (folder / f"{module}.py").read_text(), re.MULTILINE
        )
    }
    assert imported <= set(compilation.CALLED)
