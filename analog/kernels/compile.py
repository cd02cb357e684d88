"""From plain Python functions of numbers to parallel loops on the CPU and kernels on CUDA.

The only module that names a kernel compiler. A kernel's body is a Python function
``body(row, first, last, *arguments)`` that does the columns ``first`` to ``last`` of one row of its grid. On the CPU a
thread calls it with whole rows, so that its loops over columns become vector instructions; on CUDA a thread calls it
with one column (``per="element"``) or with a whole row (``per="row"``). The functions that a body calls, by name or
through its closure, are compiled for the same target; nobody writes a second implementation.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import CellType, FunctionType
from typing import Any, Literal

from analog.kernels.bits import ones

__all__ = ["Body", "cpu_loop", "cuda_kernel"]

Body = Callable[..., None]
Per = Literal["element", "row"]

_LOOP = """def loop(first_row, last_row, columns, {names}):
    for row in range(first_row, last_row):
        body(row, 0, columns, {names})
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
def cpu_loop(body: Body) -> Callable[..., None]:
    """``loop(first_row, last_row, columns, *arguments)``, compiled by numba at the first call; releases the lock."""
    numba: Any = importlib.import_module("numba")
    # NumPy's error model: a division by zero is infinite, and no exception.
    # Everything is inlined: a call inside a loop over columns would keep it from being vectorised.
    inlined = numba.njit(error_model="numpy", forceinline=True)
    compiled = _compiled(body, inlined, {ones: _ones_on_cpu()})
    loop: Callable[..., None] = numba.njit(nogil=True, error_model="numpy")(_around(_LOOP, body, {"body": compiled}))
    return loop


@lru_cache(maxsize=1024)
def cuda_kernel(body: Body, per: Per = "element") -> Any:
    """The kernel of numba's CUDA target, ``kernel[blocks, threads](rows, columns, *arguments)``.

    With ``NUMBA_ENABLE_CUDASIM=1`` it runs in numba's simulator, on NumPy arrays.
    """
    numba: Any = importlib.import_module("numba")
    cuda: Any = importlib.import_module("numba.cuda")
    instructions = {} if numba.config.ENABLE_CUDASIM else {ones: cuda.popc}
    compiled = _compiled(body, cuda.jit(device=True), instructions)
    return cuda.jit(_around(_ELEMENT if per == "element" else _ROW, body, {"body": compiled, "cuda": cuda}))


@lru_cache(maxsize=1)
def _ones_on_cpu() -> Any:
    def generate(context: Any, builder: Any, signature: Any, words: Any) -> Any:
        del context, signature
        return builder.ctpop(*words)

    def typed(typing: Any, word: Any) -> Any:
        del typing
        return word(word), generate

    return importlib.import_module("numba.extending").intrinsic(typed)


def _around(template: str, body: Body, names: Mapping[str, Any]) -> FunctionType:
    """The loop over the grid, with the arguments of `body` spelt out: compilers take no ``*arguments``."""
    arguments = ", ".join(list(inspect.signature(body).parameters)[3:])
    scope = dict(names)
    exec(template.format(names=arguments), scope)  # noqa: S102  # our own text
    (function,) = (value for value in scope.values() if isinstance(value, FunctionType) and value not in names.values())
    return function


def _compiled(function: Any, compiler: Callable[[Any], Any], done: dict[Any, Any]) -> Any:
    """The function for one target, after those it calls."""
    if function not in done:
        done[function] = compiler(_rebound(function, lambda called: _compiled(called, compiler, done)))
    return done[function]


def _rebound(function: FunctionType, compiled: Callable[[FunctionType], Any]) -> FunctionType:
    def target(value: Any) -> Any:
        return compiled(value) if isinstance(value, FunctionType) else value

    scope = function.__globals__
    called = {name: target(scope[name]) for name in function.__code__.co_names if name in scope}
    cells = tuple(CellType(target(cell.cell_contents)) for cell in function.__closure__ or ())
    return FunctionType(function.__code__, {**scope, **called}, function.__name__, function.__defaults__, cells)
