"""NVIDIA's compiler takes every kernel, on machines without a GPU too; its machine code is kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cupy
import numpy as np
import pytest

import backends.cupy.compilation as compilation
from backends.cupy.compilation import OPTIONS, compile_text, machine_code
from backends.cupy.source import kernel_source
from backends.cupy.traversal import plan_traversal
from tensorlayer.codegen import CPP, loop_of
from tensorlayer.graph import Input, Map
from tensorlayer.scalar import argument, call
from tests.backends.cupy.emulated import EmulatedBackend
from tests.backends.cupy.emulation import Emulator, name_of, together

#: An H100 or H200.
HOPPER = "sm_90"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TENSORLAYER_CACHE", str(tmp_path))
    return tmp_path


def test_every_kernel_of_the_contract_is_compiled(kernels: list[str]) -> None:
    parts = [kernels[i::4] for i in range(4)]
    with ThreadPoolExecutor(2) as pool:  # the compiler holds no interpreter lock
        codes = list(pool.map(lambda part: compile_text(together(part), HOPPER), parts))
    for part, code in zip(parts, codes, strict=True):
        assert [source for source in part if name_of(source).encode() not in code] == []


def test_every_kernel_that_has_run_here_is_compiled(emulator: Emulator, narrow: EmulatedBackend) -> None:
    """Those of the other modules, random ones among them, if they have run before."""
    assert isinstance(narrow.processor, Emulator)
    compile_text(together({**emulator.sources, **narrow.processor.sources}), HOPPER)


def assembly(text: str) -> str:
    """What the compiler makes of a text before it assigns registers."""
    nvrtc = cupy.cuda.nvrtc
    program = nvrtc.createProgram(text, "kernel.cu", (), ())
    nvrtc.compileProgram(program, (*OPTIONS, "--gpu-architecture=compute_90"))
    ptx: bytes = nvrtc.getPTX(program)
    nvrtc.destroyProgram(program)
    return ptx.decode()


@pytest.mark.parametrize(("dtype", "vector"), [("float32", ".v4.f32"), ("float64", ".v2.f64")])
def test_vectors_become_one_instruction(dtype: str, vector: str) -> None:
    shape = (1 << 20,)
    body = call("add", call("multiply", argument(0), argument(1)), argument(0))
    loop = loop_of(Map.of([Input.of(i, shape, dtype) for i in range(2)], [(0,)] * 2, shape, body), CPP)
    text = assembly(together([kernel_source(loop, plan_traversal(loop, [(1,)] * 2, [16] * 2))]))
    moves = [line for line in text.splitlines() if ".global." in line and "cvta" not in line]
    assert {vector in line for line in moves} == {True}
    # Nothing is contracted, and no small number rounded to zero.
    assert "fma" not in text
    assert ".ftz" not in text


def test_what_is_no_kernel_is_refused_in_the_compilers_words(folder: Path, kernels: list[str]) -> None:
    with pytest.raises(RuntimeError, match="nothing_of_that_name"):
        machine_code(kernels[0].replace("return", "return nothing_of_that_name +"), HOPPER)


def test_machine_code_is_kept(folder: Path, kernels: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    code = machine_code(kernels[0], HOPPER)
    monkeypatch.setattr(compilation, "compile_text", lambda *_: b"compiled again")
    assert machine_code(kernels[0], HOPPER) == code
    assert machine_code(kernels[0], "sm_80") == b"compiled again"
    assert machine_code(kernels[1], HOPPER) == b"compiled again"


def test_spoiled_machine_code_is_compiled_again(folder: Path, kernels: list[str]) -> None:
    code = machine_code(kernels[0], HOPPER)
    (file,) = folder.rglob("*.cubin")
    file.write_bytes(file.read_bytes()[:-10])
    assert machine_code(kernels[0], HOPPER) == code


def test_a_folder_that_cannot_be_written_to_is_done_without(folder: Path, kernels: list[str]) -> None:
    (folder / "cupy").write_text("a file where the folder should be")
    assert machine_code(kernels[0], HOPPER).startswith(b"\x7fELF")
    assert np.frombuffer(machine_code(kernels[0], HOPPER), "uint8").size > 1000
