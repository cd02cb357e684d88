"""From the text of a kernel to machine code, kept on disk for the next process."""

from __future__ import annotations

import ctypes
import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from backends.numba.disk import trim, used
from tensorlayer.runtime.cache import cache_folder

__all__ = ["CompiledKernel", "compile_kernel"]

#: Modules of functions that generated texts call, and of what compiles them: their text is part of the meaning.
CALLED = (
    "bits board division exponential functions halves helping intrinsics logarithm machine memory power streams "
    "trigonometric vectors".split()
)


class CompiledKernel(NamedTuple):
    """Machine code.

    Attributes
    ----------
    call : callable
        ``call(first, last, places)``: the first task, the one behind the last, and the address of the addresses that
        the kernel works on, whole numbers of 64 bits. Releases the interpreter lock.
    address : int
        Where the machine code begins.
    source : str
        The text it was compiled from.
    was_cached : bool
        Whether the code came from the disk.
    owner : object
        Keeps the code alive.
    """

    call: Callable[[int, int, int], None]
    address: int
    source: str
    was_cached: bool
    owner: Any


@lru_cache(maxsize=512)
def compile_kernel(source: str, *, wide: bool = False) -> CompiledKernel:
    """Compile the text of a kernel, or load what was compiled before.

    Parameters
    ----------
    source : str
        A module that defines ``kernel(first, last, places)``.
    wide : bool
        Whether it is to use the widest vectors there are.
    """
    numba: Any = importlib.import_module("numba")
    path = _stored(source, wide=wide)
    module = _module(source, path)
    whole = numba.types.int64
    signature = numba.types.void(whole, whole, numba.types.CPointer(whole))
    try:
        compiled = _compiled(numba, signature, module, cached=path is not None, wide=wide)
    except Exception:  # noqa: BLE001  # files that another version or a full disk has left behind
        compiled = _compiled(numba, signature, module, cached=False, wide=wide)
    if path is not None:
        if compiled.cache_hits:
            used(path)
        else:
            trim(path.parent)
    call = ctypes.CFUNCTYPE(None, ctypes.c_int64, ctypes.c_int64, ctypes.c_void_p)(compiled.address)
    return CompiledKernel(call, compiled.address, source, bool(compiled.cache_hits), compiled)


def _compiled(numba: Any, signature: Any, module: ModuleType, *, cached: bool, wide: bool) -> Any:
    # NumPy's error model: a division by zero is infinite, and no exception.
    options = {"pipeline_class": importlib.import_module("backends.numba.vectors").WideCompiler} if wide else {}
    return numba.cfunc(signature, cache=cached, error_model="numpy", **options)(module.kernel)


@lru_cache(maxsize=1)
def _called() -> bytes:
    return b"".join(Path(__file__).with_name(f"{name}.py").read_bytes() for name in CALLED)


def _stored(source: str, *, wide: bool) -> Path | None:
    """The file with that text, written if need be; None if the folder cannot be written to."""
    name = sha256(_called() + source.encode()).hexdigest()[:24]
    path = cache_folder("numba") / f"tensorlayer_{'wide_' if wide else ''}kernel_{name}.py"
    try:
        if not path.exists():
            _write(path, source)
    except OSError:
        return None
    return path


def _write(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(source)
    # numba takes machine code for stale if the time of the text differs; processes that write at once agree on it.
    os.utime(name, (0, 0))
    Path(name).replace(path)


def _module(source: str, path: Path | None) -> ModuleType:
    """Run the text as a module; code from the disk finds its globals by the module's name."""
    name = path.stem if path else f"tensorlayer_kernel_{len(sys.modules)}"
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    exec(compile(source, str(path or f"<{name}>"), "exec"), vars(module))  # noqa: S102  # our own text
    return module
