"""From a graph to one straight-line Python function over native arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tensorlayer.graph import Input, Node, postorder

__all__ = ["Executable", "Progress", "Step", "assemble"]

#: Is told the number of steps that are done, and of all steps.
Progress = Callable[[int, int], None]


class Step(NamedTuple):
    """One call of a kernel: the node it computes, the kernel, and the slots it reads."""

    node: Node
    kernel: Callable[..., Any]
    reads: tuple[int, ...]
    slot: int


class Executable(NamedTuple):
    """A compiled graph.

    Attributes
    ----------
    run : callable
        ``run(*inputs)`` gives the tuple of results; intermediates are dropped after their last use.
    steps : tuple of Step
        The calls it makes, in order.
    source : str
        The Python text of `run`.
    """

    run: Callable[..., tuple[Any, ...]]
    steps: tuple[Step, ...]
    source: str

    def watched(self, progress: Progress) -> Callable[..., tuple[Any, ...]]:
        """The same function, which tells `progress` of every step it has done. `run` itself pays nothing for it."""

        def telling(done: int, kernel: Callable[..., Any]) -> Callable[..., Any]:
            def run(*arrays: Any) -> Any:
                result = kernel(*arrays)
                progress(done, len(self.steps))
                return result

            return run

        return _function(self.source, {step.slot: telling(i, step.kernel) for i, step in enumerate(self.steps, 1)})


def assemble(
    sinks: Sequence[Node], inputs: Sequence[Input], kernel: Callable[[Node], Callable[..., Any]]
) -> Executable:
    """Compile `sinks` into a function of `inputs`.

    Parameters
    ----------
    sinks : sequence of Node
        What the function returns, in order.
    inputs : sequence of Input
        Its arguments, in order.
    kernel : callable
        Prepares the kernel of a node.
    """
    slots: dict[Node, int] = {node: i for i, node in enumerate(inputs)}
    steps = []
    for node in postorder(sinks):
        if node not in slots:
            reads = tuple(slots[child] for child in node.inputs)
            slots[node] = len(slots)
            steps.append(Step(node, kernel(node), reads, slots[node]))
    results = [slots[sink] for sink in sinks]
    source = _source(len(inputs), steps, results)
    return Executable(_function(source, {step.slot: step.kernel for step in steps}), tuple(steps), source)


def _function(source: str, kernels: Mapping[int, Callable[..., Any]]) -> Callable[..., tuple[Any, ...]]:
    names: dict[str, Any] = {f"k{slot}": kernel for slot, kernel in kernels.items()}
    exec(compile(source, "<tensorlayer plan>", "exec"), names)  # noqa: S102  # our own text, no user input in it
    run: Callable[..., tuple[Any, ...]] = names["run"]
    return run


def _source(n_inputs: int, steps: Sequence[Step], results: Sequence[int]) -> str:
    last_use = {slot: i for i, step in enumerate(steps) for slot in step.reads}
    lines = [f"def run({', '.join(f'x{i}' for i in range(n_inputs))}):"]
    for i, step in enumerate(steps):
        lines.append(f"    x{step.slot} = k{step.slot}({', '.join(f'x{r}' for r in step.reads)})")
        dead = _dead(step.reads, i, last_use, n_inputs, results)
        if dead:
            lines.append(f"    del {', '.join(dead)}")
    lines.append(f"    return ({''.join(f'x{r}, ' for r in results)})")
    return "\n".join(lines)


def _dead(reads: Iterable[int], i: int, last_use: dict[int, int], n_inputs: int, results: Sequence[int]) -> list[str]:
    return [f"x{r}" for r in dict.fromkeys(reads) if r >= n_inputs and last_use[r] == i and r not in results]
