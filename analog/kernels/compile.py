"""From plain Python functions of numbers to parallel loops on the CPU and kernels on CUDA.

The only module that names a kernel compiler, beside `rows` and `registers`, which it imports when it compiles. A
kernel's body is a Python function ``body(row, first, last, *arguments)`` that does the columns ``first`` to ``last``
of one row of its grid. On the CPU a thread calls it with whole rows, so that its loops over columns become vector
instructions; on CUDA a thread calls it with one column (``per="element"``) or with a whole row (``per="row"``). The
functions that a body calls, by name or through its closure, are compiled for the same target; nobody writes a second
implementation, but for what plain code cannot say: `_on_cpu`.
"""

from __future__ import annotations

import importlib
import inspect
import pickle
import sys
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path
from threading import Lock
from types import CellType, FunctionType
from typing import Any, Literal

import numpy as np

from analog.kernels import panels
from analog.kernels.bits import ones
from analog.kernels.content import digest_of, globals_of
from analog.kernels.notice import NOTICE
from tensorlayer.errors import LibraryNotInstalledError, UnsupportedOperationError
from tensorlayer.runtime.cache import load_cached, save_cached

__all__ = ["Body", "cpu_loop", "cuda_arguments", "cuda_kernel"]

Body = Callable[..., None]
Per = Literal["element", "row"]

_UNFINISHED = object()
#: Modules that are part of what kernels mean.
OWN = ("analog.kernels.compile", "analog.kernels.rows", "analog.kernels.registers", "backends.numba.vectors")
#: What makes arrays in a body.
MAKERS = frozenset({"arange", "array", "copy", "empty", "zeros"})
#: One thread at a time finds what functions call.
_BINDING = Lock()

_ROWS = """def rows(first_row, last_row, columns, {names}):
    for row in range(first_row, last_row):
        body(row, 0, columns, {names})
"""
_LOOP = """def loop(share, board, threads, rows, columns, {names}):
    run(share, board, threads, rows, columns, ({names},))
"""
_ELEMENT = """def kernel(rows, columns, {names}):
    for index in range(cuda.grid(1), rows * columns, cuda.gridsize(1)):
        row = index // columns
        column = index - row * columns
        body(row, column, column + 1, {names})
"""
_ROW = """def kernel(rows, columns, {names}):
    for row in range(cuda.grid(1), rows, cuda.gridsize(1)):
        body(row, 0, columns, {names})
"""


@lru_cache(maxsize=1024)
def cpu_loop(body: Any) -> Callable[..., None]:
    """``loop(*share, rows, columns, *arguments)``, with a `backends.numba.crew.Share`; releases the interpreter lock.

    Compiled by numba at the first call with arguments of some types, or loaded, if any process compiled it before.
    """
    numba, counting = _numba(), _makes_arrays(body, set())
    with _BINDING:
        compiled = _compiled(body, _inlined(counting), _on_cpu(counting))
    options = {"error_model": "numpy", "no_cfunc_wrapper": True, "_nrt": counting, "pipeline_class": _wide()}
    rows = numba.njit(no_cpython_wrapper=True, **options)(_around(_ROWS, body, {"body": compiled}))
    run = importlib.import_module("analog.kernels.rows").shared(rows)
    loop = numba.njit(nogil=True, **options)(_around(_LOOP, body, {"run": run}))
    digest = digest_of(body)
    if digest:
        loop._cache = _machine_code()(digest)  # numba's own goes by files, and misses edits of callees
    return loop  # type: ignore[no-any-return]


@lru_cache(maxsize=1024)
def cuda_kernel(body: Any, per: Per = "element") -> Any:
    """The kernel of numba's CUDA target, ``kernel[blocks, threads](rows, columns, *arguments)``.

    With ``NUMBA_ENABLE_CUDASIM=1`` it runs in numba's simulator, on NumPy arrays.
    """
    cuda: Any = importlib.import_module("numba.cuda")
    with _BINDING:
        compiled = _compiled(body, cuda.jit(device=True), _on_cuda())
    return cuda.jit(_around(_ELEMENT if per == "element" else _ROW, body, {"body": compiled, "cuda": cuda}))


def cuda_arguments(arguments: tuple[Any, ...]) -> list[Any]:
    """What to call a kernel of CUDA with.

    In the simulator, arrays go in as they are: it would copy them to and fro one by one, and those that share memory
    would part.
    """
    if not _numba().config.ENABLE_CUDASIM:
        return list(arguments)
    simulated: Any = importlib.import_module("numba.cuda.simulator.cudadrv.devicearray").FakeCUDAArray
    return [simulated(argument) if isinstance(argument, np.ndarray) else argument for argument in arguments]


def _numba() -> Any:
    try:
        return importlib.import_module("numba")
    except ImportError as error:
        advice = "kernels need numba: pip install 'tensorlayer-graph[numba]'"
        raise LibraryNotInstalledError(advice) from error


def _makes_arrays(function: FunctionType, seen: set[FunctionType]) -> bool:
    """Whether the function, or one that it calls, makes arrays.

    Where none does, nobody has to count who still needs which: between branches that takes longer than the numbers.
    """
    seen.add(function)
    outside = [function.__globals__.get(name) for name in globals_of(function.__code__)]
    outside += [cell.cell_contents for cell in function.__closure__ or ()]
    called = (value for value in outside if isinstance(value, FunctionType) and value not in seen)
    return not MAKERS.isdisjoint(function.__code__.co_names) or any(_makes_arrays(each, seen) for each in called)


@cache
def _inlined(counting: bool) -> Any:  # a key of the cache
    """The compiler of functions that loops call.

    With NumPy's error model: a division by zero is infinite, and no exception. All calls are inlined: one that is left
    in a loop over columns keeps it from becoming vector instructions. Nobody calls these functions from Python.
    """
    wrapped = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return _numba().njit(error_model="numpy", forceinline=True, _nrt=counting, pipeline_class=_wide(), **wrapped)


def _wide() -> Any:
    return importlib.import_module("backends.numba.vectors").WideCompiler


@cache
def _on_cpu(counting: bool) -> dict[Any, Any]:  # noqa: ARG001  # a key of the cache
    """What has been compiled for the CPU: loops share the functions that they call."""
    registers: Any = importlib.import_module("analog.kernels.registers")
    return {ones: _ones_on_cpu(), **{getattr(panels, name): getattr(registers, name) for name in registers.__all__}}


def _ones_on_cpu() -> Any:
    def generate(context: Any, builder: Any, signature: Any, words: Any) -> Any:
        del context, signature
        return builder.ctpop(*words)

    def typed(typing: Any, word: Any) -> Any:
        del typing
        return word(word), generate

    return importlib.import_module("numba.extending").intrinsic(typed)


@cache
def _on_cuda() -> dict[Any, Any]:
    """What has been compiled for CUDA; the simulator takes all functions as they are."""
    cuda: Any = importlib.import_module("numba.cuda")

    def population(word: Any) -> Any:
        # An instruction has to be called by its module.
        return cuda.popc(word)

    return {} if _numba().config.ENABLE_CUDASIM else {ones: cuda.jit(device=True)(population)}


@cache
def _machine_code() -> Any:
    """The class of numba's caches, whose entries are named by what they were compiled from."""
    numba: Any = importlib.import_module("numba")
    caching: Any = importlib.import_module("numba.core.caching")
    compiler: Any = importlib.import_module("numba.core.compiler")
    serialize: Any = importlib.import_module("numba.core.serialize")
    llvmlite: Any = importlib.import_module("llvmlite")
    own = tuple(Path(str(importlib.import_module(name).__file__)).read_text("utf-8") for name in OWN)
    versions = (numba.__version__, llvmlite.__version__, sys.version, own)
    choices = (numba.config.BOUNDSCHECK, numba.config.OPT)

    class MachineCode(caching.NullCache):  # type: ignore[misc]
        def __init__(self, digest: str) -> None:
            self.digest = digest

        def name(self, signature: Any, codegen: Any) -> str:
            facts = (self.digest, signature, codegen.magic_tuple(), versions, choices)
            return f"{sha256(repr(facts).encode()).hexdigest()}.bin"

        def load_overload(self, sig: Any, target_context: Any) -> Any:
            target_context.refresh()
            data = load_cached("analog", self.name(sig, target_context.codegen()))
            try:
                if data is not None:
                    return compiler.CompileResult._rebuild(target_context, *pickle.loads(data))  # noqa: S301  # our own
            except Exception:  # noqa: BLE001, S110  # code of a machine that answers to the same name
                pass
            NOTICE.begin()
            return None

        def save_overload(self, sig: Any, data: Any) -> None:
            NOTICE.end()
            if not data.library.has_dynamic_globals:
                save_cached("analog", self.name(sig, data.codegen), serialize.dumps(data._reduce()))

    return MachineCode


def _around(template: str, body: Body, names: Mapping[str, Any]) -> FunctionType:
    """The loop over the grid, with the arguments of `body` spelt out: compilers take no ``*arguments``."""
    arguments = ", ".join(list(inspect.signature(body).parameters)[3:])
    scope = {**names, "__name__": __name__}
    exec(template.format(names=arguments), scope)  # noqa: S102  # our own text
    (function,) = (value for value in scope.values() if isinstance(value, FunctionType) and value not in names.values())
    return _named(function, body)


def _compiled(function: Any, compiler: Callable[[Any], Any], done: dict[Any, Any]) -> Any:
    """The function for one target, after those it calls.

    Raises
    ------
    UnsupportedOperationError
        If the function calls itself, by however many others.
    """
    # By content: a function whose constants have changed since is another one.
    key = function if function in done else digest_of(function) or function
    if key not in done:
        done[key] = _UNFINISHED
        try:
            done[key] = compiler(_rebound(function, lambda called: _compiled(called, compiler, done)))
        finally:
            if done[key] is _UNFINISHED:
                del done[key]
    if done[key] is _UNFINISHED:
        raise UnsupportedOperationError(
            f"{function.__qualname__} calls itself; functions in kernels cannot: use a loop"
        )
    return done[key]


def _rebound(function: FunctionType, compiled: Callable[[FunctionType], Any]) -> FunctionType:
    def target(value: Any) -> Any:
        return compiled(value) if isinstance(value, FunctionType) else value

    scope = function.__globals__
    called = {name: target(scope[name]) for name in globals_of(function.__code__) if name in scope}
    cells = tuple(CellType(target(cell.cell_contents)) for cell in function.__closure__ or ())
    # Machine code from the disk looks for its module by name.
    scope = {**scope, **called, "__name__": __name__}
    rebound = FunctionType(function.__code__, scope, function.__name__, function.__defaults__, cells)
    return _named(rebound, function)


def _named(function: FunctionType, content: Any) -> FunctionType:
    """The function under a name that tells its machine code from all other, from other processes too."""
    function.__qualname__ = f"{function.__name__}_{content.__name__}_{(digest_of(content) or f'{id(content):x}')[:24]}"
    return function
