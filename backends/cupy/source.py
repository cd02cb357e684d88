"""The CUDA C++ text of a kernel, and the numbers that it is called with."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from backends.cupy.folding import fold_function, folding
from backends.cupy.mapping import mapping, transposing
from backends.cupy.traversal import Traversal
from backends.cupy.writer import Writer, indented
from tensorlayer.codegen import Loop

__all__ = ["arithmetic", "kernel_source", "numbers"]


@lru_cache(maxsize=1)
def arithmetic() -> str:
    """The text that every kernel needs before its own."""
    return Path(__file__).with_name("arithmetic.cuh").read_text("utf-8")


def kernel_source(loop: Loop, plan: Traversal) -> str:
    """The text after `arithmetic`: one kernel, which takes the operands, the result, and what `numbers` lists.

    Extents and steps are arguments, so that one compiled kernel serves every size.
    """
    writer = Writer(loop, plan)
    functions, body = writer.element(), []
    if loop.kind:
        functions += ["", *fold_function(writer)]
        body = folding(writer)
    else:
        body = transposing(writer) if plan.staged else mapping(writer)
    index = f"typedef {'long long' if plan.wide else 'int'} index_t;"
    head = writer.signature([name for name, _ in _counts(loop, plan)])
    return "\n".join([index, "", *functions, "", *head, "{", *indented(body), "}", ""])


def numbers(loop: Loop, plan: Traversal) -> tuple[int, ...]:
    """The last arguments: what the kind of kernel counts, the extents, and the steps that are neither 0 nor 1."""
    extents = list(plan.extents)
    if plan.width > 1:
        extents[-1] //= plan.width
    steps = [step for one in plan.strides for step in one if step not in (0, 1)]
    return (*(number for _, number in _counts(loop, plan)), *extents, *steps)


def _counts(loop: Loop, plan: Traversal) -> list[tuple[str, int]]:
    if loop.kind:
        folded = plan.folded // plan.width
        return [("results", plan.results), ("folded", folded), ("parts", plan.parts), ("chunk", plan.chunk)]
    return [] if plan.staged else [("count", plan.results // plan.width)]
