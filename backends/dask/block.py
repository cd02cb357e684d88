"""The function of one task: a small graph over blocks, compiled by the inner backend."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, final

from tensorlayer.backend import assemble, get_backend
from tensorlayer.graph import Input, Node, postorder

__all__ = ["BlockFunction", "block_input"]


def block_input(position: int, shape: Sequence[int], dtype: Any) -> Input:
    """The operand number `position` of a task: a block of that shape."""
    return Input.of(position, tuple(shape), dtype)


@final
class BlockFunction:
    """Computes `sink`, a node over block inputs, by the backend called `inner`.

    Blocks are NumPy arrays between tasks, whatever the inner backend is, so that they mix with other dask
    code. Travels to workers as the node alone and is compiled there, once per worker.
    """

    __slots__ = ("__name__", "_run", "inner", "sink")

    def __init__(self, inner: str, sink: Node) -> None:
        self.inner = inner
        self.sink = sink
        self.__name__ = sink.operation.lower()
        self._run: Callable[..., Any] | None = None

    def __call__(self, *blocks: Any) -> Any:
        """Compute the sink from blocks."""
        run = self._run
        if run is None:
            run = self._run = compile_block(self.inner, self.sink)
        return run(*blocks)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self.inner, self.sink)

    def __repr__(self) -> str:
        return f"<block function {self.sink!r} on {self.inner}>"


# The cache is that of a worker process: many tasks of one shape arrive there, each with its own copy.
@lru_cache(maxsize=1024)
def _restore(inner: str, sink: Node) -> BlockFunction:
    return BlockFunction(inner, sink)


def compile_block(inner: str, sink: Node) -> Callable[..., Any]:
    """A function from NumPy blocks to the NumPy block (or tuple of blocks) of `sink`."""
    backend = get_backend(inner)
    inputs = sorted((n for n in postorder([sink]) if isinstance(n, Input)), key=lambda node: node.key)
    executable = assemble([sink], inputs, backend.kernel)
    native = inner == "numpy"
    if native and len(executable.steps) == 1 and executable.steps[0].reads == tuple(range(len(inputs))):
        return executable.steps[0].kernel
    run = executable.run
    if native:
        return lambda *blocks: run(*blocks)[0]

    def call(*blocks: Any) -> Any:
        (result,) = run(*(backend.from_numpy(block) for block in blocks))
        return tuple(map(backend.to_numpy, result)) if isinstance(result, tuple | list) else backend.to_numpy(result)

    return call
