"""From the text of a kernel to machine code, kept on disk for the next process. Needs no GPU."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from threading import Lock
from typing import Any

from backends.cupy.source import arithmetic
from tensorlayer.runtime.cache import load_cached, save_cached

__all__ = ["OPTIONS", "compile_text", "machine_code"]

#: Products and sums are rounded one by one, as in NumPy: what is equal stays equal, and what cancels is zero. Numbers
#: below the normal ones are kept, which CuPy's own compilation rounds to zero.
OPTIONS = ("--std=c++17", "--fmad=false", "--ftz=false", "--prec-div=true", "--prec-sqrt=true")
_FIRST = Lock()


def machine_code(source: str, architecture: str) -> bytes:
    """The machine code of a kernel, compiled or found on disk.

    Parameters
    ----------
    source : str
        What `kernel_source` gives.
    architecture : str
        What it is for, as ``"sm_90"``.

    Raises
    ------
    RuntimeError
        If it cannot be compiled, with what the compiler says.
    """
    text = arithmetic() + source
    facts = (text, architecture, *OPTIONS, _nvrtc().getVersion())
    name = f"{sha256(repr(facts).encode()).hexdigest()[:24]}.cubin"
    code = load_cached("cupy", name)
    if code is None:
        code = compile_text(text, architecture)
        save_cached("cupy", name, code)
    return code


def compile_text(text: str, architecture: str) -> bytes:
    """The machine code of a whole text.

    Raises
    ------
    RuntimeError
        If it cannot be compiled, with what the compiler says.
    """
    # Version 13.0 looks for its own library at the first compilation, and fails if two threads do so at once.
    with _FIRST:
        _load_library()
    return _compile(text, architecture)


@lru_cache(maxsize=1)
def _load_library() -> None:
    _compile("", "sm_90")


def _compile(text: str, architecture: str) -> bytes:
    nvrtc = _nvrtc()
    program = nvrtc.createProgram(text, "kernel.cu", (), ())
    try:
        nvrtc.compileProgram(program, (*OPTIONS, f"--gpu-architecture={architecture}"))
        code: bytes = nvrtc.getCUBIN(program)
    except nvrtc.NVRTCError as error:
        raise RuntimeError(f"{error}:\n{nvrtc.getProgramLog(program)}") from None
    finally:
        nvrtc.destroyProgram(program)
    return code


def _nvrtc() -> Any:
    """CuPy's binding of NVIDIA's compiler."""
    import cupy

    return cupy.cuda.nvrtc
