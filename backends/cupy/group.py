"""Groups of loops over the rows of the same data."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from backends.cupy import elementwise
from backends.cupy.loop import CompiledLoop, Processor, compiled_or_none, element_steps
from backends.cupy.rows import RowStep, row_major, row_numbers, row_source, row_writers
from tensorlayer.backend import assemble
from tensorlayer.codegen import CPP, Loop, loop_of
from tensorlayer.graph import Group, Input, Node

if TYPE_CHECKING:
    from backends.cupy.backend import CupyBackend

__all__ = ["CompiledRows", "group_kernel"]

#: Rows from which there is a block of threads for each multiprocessor; and elements of a row that keep a block busy,
#: and that one block should fold at most.
ROWS, SHORTEST, LONGEST = 128, 64, 1 << 16


def group_kernel(backend: CupyBackend, node: Group) -> Callable[..., Any]:
    """Kernel of a Group: one for all rows where they are many, else one for every loop; what others read is inlined."""
    inputs = [Input.of(place, source.shape, source.dtype) for place, source in enumerate(node.inputs)]
    apart = assemble(node.sinks, inputs, backend.kernel).run
    plain = apart if len(node.sinks) > 1 else lambda *arrays: apart(*arrays)[0]
    found = _steps(node, inputs)
    if found is None:
        return plain
    steps, results = found
    if all(_by_rows(step, steps, len(inputs)) for step in steps):
        return CompiledRows(steps, results, inputs, plain, elementwise.PROCESSOR)
    return _Separate(steps, results, len(inputs), plain, elementwise.PROCESSOR)


def _steps(node: Group, inputs: Sequence[Node]) -> tuple[list[RowStep], list[int]] | None:
    """The loops, without those that others can compute themselves, and the numbers of the wanted ones among them."""
    places = {one: place for place, one in enumerate(inputs)}
    inside: dict[Node, tuple[Loop, tuple[int, ...]]] = {}
    steps: list[RowStep] = []
    for member, row in zip(node.members, node.rows, strict=True):
        loop = loop_of(member, CPP)
        if loop is None or loop.dtype != member.dtype:
            return None
        made = {i: inside[source] for i, source in enumerate(member.inputs) if source in inside}
        reads = [made[i][1] if i in made else (places[source],) for i, source in enumerate(member.inputs)]
        whole = loop.inlined({i: source for i, (source, _) in made.items()})
        flat = tuple(place for one in reads for place in one)
        wanted = member in node.sinks
        if not wanted and not loop.kind:
            inside[member] = whole, flat
        else:
            places[member] = len(inputs) + len(steps)
            steps.append(RowStep(whole, row, flat, wanted))
    return steps, [places[sink] - len(inputs) for sink in node.sinks]


def _by_rows(step: RowStep, steps: Sequence[RowStep], given: int) -> bool:
    """Whether a block of threads can do the loop row by row."""
    loop, row = step.loop, step.row
    rows, columns = loop.extents[row], math.prod(loop.extents) // loop.extents[row]
    whole = not loop.kind or loop.kept == (row,)
    of_row = all(own[:1] == (row,) for own, place in zip(loop.axes, step.reads, strict=True) if place >= given)
    sized = rows == steps[0].loop.extents[steps[0].row] and rows >= ROWS
    return whole and of_row and sized and (columns == 1 or SHORTEST <= columns <= LONGEST)


class _Bound(NamedTuple):
    """The kernel for arrays of certain strides."""

    kernel: Any
    blocks: int
    numbers: tuple[Any, ...]


@final
class CompiledRows:
    """Runs a group by one kernel, compiled when the strides of the arrays are first seen.

    Parameters
    ----------
    steps : sequence of RowStep
        The loops, in order.
    results : sequence of int
        Which steps give the results.
    inputs : sequence of Input
        What the arrays are.
    plain : callable
        Computes the same one loop after the other.
    processor : Processor
        Compiles and launches.
    """

    __slots__ = ("_bound", "_dtypes", "_inputs", "_plain", "_processor", "_results", "_steps")

    def __init__(
        self,
        steps: Sequence[RowStep],
        results: Sequence[int],
        inputs: Sequence[Input],
        plain: Callable[..., Any],
        processor: Processor,
    ) -> None:
        self._steps = tuple(steps)
        self._results = tuple(results)
        self._inputs = tuple(inputs)
        self._dtypes = [one.dtype for one in inputs]
        self._plain = plain
        self._processor = processor
        self._bound = lru_cache(maxsize=16)(self._bind)

    @property
    def __name__(self) -> str:
        """What runs, for `tensorlayer.explain`."""
        return f"kernel of {len(self._steps)} loops, row by row"

    def __call__(self, *arrays: Any) -> Any:
        """Native arrays in, the results out: a tuple if there are several."""
        steps = element_steps(arrays, self._dtypes, self._processor)
        bound = None if steps is None else self._bound(steps)
        if bound is None:
            return self._plain(*arrays)
        outs = {
            number: self._processor.empty(math.prod(step.extents), step.loop.dtype).reshape(step.extents)
            for number, step in enumerate(self._steps)
            if step.wanted
        }
        self._processor.launch(bound.kernel, bound.blocks, (*arrays, *outs.values(), *bound.numbers))
        found = tuple(outs[number] for number in self._results)
        return found[0] if len(found) == 1 else found

    @property
    def source(self) -> str:
        """The text of the kernel for arrays that are contiguous."""
        strides = [row_major(one.shape) for one in self._inputs]
        return row_source(self._steps, row_writers(self._steps, strides, self._processor.block), self._dtypes)

    def _bind(self, strides: tuple[tuple[int, ...], ...]) -> _Bound | None:
        writers = row_writers(self._steps, strides, self._processor.block)
        kernel = compiled_or_none(self._processor, row_source(self._steps, writers, self._dtypes))
        if kernel is None:
            return None
        whole = np.int64 if any(one.plan.wide for one in writers) else np.int32
        numbers = row_numbers(writers)
        return _Bound(kernel, min(numbers[0], self._processor.blocks), tuple(whole(number) for number in numbers))


class _NoKernelError(Exception):
    """One of several loops has no kernel after all."""


@final
class _Separate:
    """Runs every loop by a kernel of its own; `plain` does what those cannot."""

    def __init__(
        self,
        steps: Sequence[RowStep],
        results: Sequence[int],
        given: int,
        plain: Callable[..., Any],
        processor: Processor,
    ) -> None:
        self._kernels = [CompiledLoop(step.loop, _refuse, processor) for step in steps]
        self._reads = [step.reads for step in steps]
        self._results = [given + number for number in results]
        self._plain = plain

    @property
    def __name__(self) -> str:
        """What runs, for `tensorlayer.explain`."""
        return f"{len(self._kernels)} kernels"

    def __call__(self, *arrays: Any) -> Any:
        """Native arrays in, the results out: a tuple if there are several."""
        known = list(arrays)
        try:
            for kernel, reads in zip(self._kernels, self._reads, strict=True):
                known.append(kernel(*(known[place] for place in reads)))
        except _NoKernelError:
            return self._plain(*arrays)
        found = tuple(known[place] for place in self._results)
        return found[0] if len(found) == 1 else found


def _refuse(*_: Any) -> Any:
    raise _NoKernelError
