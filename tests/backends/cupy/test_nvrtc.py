"""NVIDIA's compiler takes every kernel, on machines without a GPU too."""

from __future__ import annotations

import pytest
from cuda.bindings import nvrtc
from cuda.core import Program, ProgramOptions

from backends.cupy.device import OPTIONS
from backends.cupy.source import arithmetic
from tests.backends.cupy.emulation import name_of, together

OPTIONS_OF_CORE = ProgramOptions(arch="sm_90", std="c++17", fma=False)


def machine_code(text: str) -> bytes:
    """Machine code for an H100 or H200."""
    return Program(text, code_type="c++", options=OPTIONS_OF_CORE).compile("cubin").code


def assembly(text: str) -> str:
    """The same, before registers are assigned."""

    def checked(result):
        assert result[0] == nvrtc.nvrtcResult.NVRTC_SUCCESS
        return result[1] if len(result) > 1 else None

    program = checked(nvrtc.nvrtcCreateProgram(text.encode(), b"kernel.cu", 0, [], []))
    options = [*(option.encode() for option in OPTIONS), b"--gpu-architecture=compute_90"]
    checked(nvrtc.nvrtcCompileProgram(program, len(options), options))
    ptx = b" " * checked(nvrtc.nvrtcGetPTXSize(program))
    checked(nvrtc.nvrtcGetPTX(program, ptx))
    return ptx.decode()


def test_every_kernel_of_the_contract_is_compiled(kernels: list[str]) -> None:
    code = machine_code(together(kernels))
    assert [source for source in kernels if name_of(source).encode() not in code] == []


def test_what_is_no_kernel_is_refused(kernels: list[str]) -> None:
    with pytest.raises(Exception, match="nothing_of_that_name"):
        machine_code(arithmetic() + kernels[0].replace("return", "return nothing_of_that_name +"))
