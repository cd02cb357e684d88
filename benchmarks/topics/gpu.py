"""The same loops on a GPU: the cupy backend beside cupy, torch, and the GPU's own bandwidth. Empty without a GPU.

Arrays are far larger than the caches. Where the reference is a copy, the contender "copy" moves as many bytes as the
loop must, so that its time over ours is the part of the bandwidth that the loop gets.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import partial
from typing import Any

import tensorlayer as tl
from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]

#: The part of the bandwidth of a copy that loops bound by memory shall have.
BANDWIDTH = 0.85
SOFTMAX = "m[i] = max(x[i,j], over=j); s[i] = sum(exp(x[i,j] - m[i]), over=j); y[i,j] = exp(x[i,j] - m[i]) / s[i]"


def _gpu_present() -> bool:
    return importlib.util.find_spec("cupy") is not None and bool(_cupy().cuda.is_available())


def _cupy() -> Any:
    import cupy

    return cupy


def _torch() -> Any:
    """Torch, if it can use the GPU too."""
    if importlib.util.find_spec("torch") is None:
        return None
    import torch

    return torch if torch.cuda.is_available() else None


def _random(*shapes: tuple[int, ...], dtype: str = "float32") -> list[Any]:
    cupy = _cupy()
    rng = cupy.random.default_rng(2)
    return [(rng.random(shape, dtype="float32") + 0.5).astype(dtype) for shape in shapes]


def _ours(text: str, result: str = "", **arrays: Any) -> Call:
    program = tl.program(text)
    tensors = {name: tl.tensor(array) for name, array in arrays.items()}
    return (lambda: program(**tensors)[result].buffer) if result else lambda: program(**tensors).buffer


def _waited(calls: dict[str, Call]) -> dict[str, Call]:
    """The calls, each until the GPU has done its work."""
    synchronize = _cupy().cuda.runtime.deviceSynchronize

    def waiting(call: Call) -> Call:
        def run() -> Any:
            result = call()
            synchronize()
            return result

        return run

    return {name: waiting(call) for name, call in calls.items()}


def _copy(nbytes: int) -> Call:
    """A copy within the GPU's memory that reads and writes so many bytes together."""
    source, target = (_cupy().zeros(nbytes // 8, "float32") for _ in range(2))
    return lambda: _cupy().copyto(target, source)


def _contenders(
    function: Callable[..., Any], arrays: list[Any], in_torch: Callable[..., Any], *, fusible: bool = False
) -> dict[str, Call]:
    """One computation under every library; `cupy.fuse` takes those without transposes, broadcasts and methods."""
    cupy, torch = _cupy(), _torch()
    calls: dict[str, Call] = {"cupy": partial(function, *arrays)}
    if fusible:
        calls["cupy.fuse"] = partial(cupy.fuse(function), *arrays)
    if torch is not None:
        tensors = [torch.from_dlpack(array) for array in arrays]
        calls["torch"] = partial(in_torch, *tensors)
        calls["torch.compile"] = partial(torch.compile(in_torch), *tensors)
    return calls


def _energy(n: int) -> dict[str, Call]:
    k, r, r0 = _random(*[(n,)] * 3)
    cupy = _cupy()
    calls = _contenders(
        lambda k, r, r0: cupy.sum(0.5 * k * (r - r0) ** 2),
        [k, r, r0],
        lambda k, r, r0: (0.5 * k * (r - r0) ** 2).sum(),
        fusible=True,
    )
    ours = _ours("E[] = 0.5 * k[i] * (r[i] - r0[i])**2", k=k, r=r, r0=r0)
    return _waited({OURS: ours, **calls, "copy": _copy(3 * k.nbytes)})


def _chain(n: int) -> dict[str, Call]:
    """Ten operations that read one array and write another."""
    (x,) = _random((n,))

    def function(x: Any) -> Any:
        return 1 / (1 + (2 * x - 1) ** 2 + abs(x - 1)) + x**0.5 * x

    ours = _ours("y[i] = 1 / (1 + (2 * x[i] - 1)**2 + abs(x[i] - 1)) + sqrt(x[i]) * x[i]", x=x)
    return _waited({OURS: ours, **_contenders(function, [x], function, fusible=True), "copy": _copy(2 * x.nbytes)})


def _transposed(n: int) -> dict[str, Call]:
    A, B = _random((n, n), (n, n))

    def function(A: Any, B: Any) -> Any:
        return A + B.T

    ours = _ours("C[i,j] = A[i,j] + B[j,i]", A=A, B=B)
    return _waited({OURS: ours, **_contenders(function, [A, B], function), "copy": _copy(3 * A.nbytes)})


def _row_sums(n: int) -> dict[str, Call]:
    A, m = _random((n, n), (n,))
    cupy = _cupy()
    calls = _contenders(
        lambda A, m: cupy.exp(A - m[:, None]).sum(1), [A, m], lambda A, m: (A - m[:, None]).exp().sum(1)
    )
    ours = _ours("s[i] = sum(exp(A[i,j] - m[i]), over=j)", A=A, m=m)
    return _waited({OURS: ours, **calls, "copy": _copy(A.nbytes)})


def _column_sums(n: int) -> dict[str, Call]:
    (A,) = _random((n, n))

    def function(A: Any) -> Any:
        return (A * A).sum(0)

    ours = _ours("s[j] = sum(A[i,j]**2, over=i)", A=A)
    return _waited({OURS: ours, **_contenders(function, [A], function), "copy": _copy(A.nbytes)})


def _softmax(n: int) -> dict[str, Call]:
    (x,) = _random((n, n))

    def function(x: Any) -> Any:
        grown = _cupy().exp(x - x.max(1, keepdims=True))
        return grown / grown.sum(1, keepdims=True)

    return _waited({OURS: _ours(SOFTMAX, "y", x=x), **_contenders(function, [x], lambda x: x.softmax(1))})


def _case(name: str, build: Callable[[], dict[str, Call]], *, bound_by_memory: bool = True) -> Case:
    # Of single precision the contenders agree to fewer digits than are compared; the tests compare the values.
    if bound_by_memory:
        return Case(name, build, limit=1 / BANDWIDTH, parts=("copy",), check=False)
    return Case(name, build, limit=1.0, check=False)


CASES: tuple[Case, ...] = (
    _case("harmonic energy, 1e8 float32", partial(_energy, 10**8)),
    _case("ten operations, 1e8 float32", partial(_chain, 10**8)),
    _case("A + B transposed, 16384 float32", partial(_transposed, 1 << 14)),
    _case("row sums of exp(A - m), 16384 float32", partial(_row_sums, 1 << 14)),
    _case("column sums of squares, 16384 float32", partial(_column_sums, 1 << 14)),
    _case("softmax, 16384 float32", partial(_softmax, 1 << 14), bound_by_memory=False),
)
if not _gpu_present():
    CASES = ()
