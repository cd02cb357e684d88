"""The memory budget of a plan: the refusal when it takes too much, with numbers."""

from __future__ import annotations

from collections.abc import Sequence

from tensorlayer.errors import MemoryBudgetError
from tensorlayer.graph import Einsum, Fused, Map, OpGraph, equation, liveness, peak_bytes
from tensorlayer.interpreter import scratch_bytes
from tensorlayer.passes import Target, attempt_contraction
from tensorlayer.runtime import format_bytes

__all__ = ["check_budget"]


def check_budget(stages: Sequence[tuple[str, OpGraph]], target: Target) -> None:
    """Refuse a plan that takes more memory than the options allow.

    Parameters
    ----------
    stages : sequence of (str, OpGraph)
        The graph as recorded, and after each pass.
    target : Target
        ``target.options.memory`` is the budget in bytes: for inputs, intermediates, results, and operands
        that products must copy, together. None allows everything.

    Raises
    ------
    MemoryBudgetError
        If it does not fit; the message has what is needed, what is allowed, and what was tried.
    """
    budget, final = target.options.memory, stages[-1][1]
    if budget is None or (needed := peak_bytes(final.sink_nodes, scratch_bytes)) <= budget:
        return
    inputs = sum(node.nbytes for node in final.inputs)
    results = sum(node.nbytes for node in set(final.sink_nodes).difference(final.inputs))
    raise MemoryBudgetError(
        f"the plan needs {needed} bytes ({format_bytes(needed)}){_where(final)}, and {budget} bytes "
        f"({format_bytes(budget)}) are allowed; inputs take {inputs}, results {results}. Tried: "
        f"{'; '.join(_tried(stages, target)) or 'no product is to blame'}. Raise options(memory=...), or compute "
        "parts of the result one after the other"
    )


def _where(graph: OpGraph) -> str:
    steps = liveness(graph.sink_nodes, scratch_bytes)
    if not steps:
        return ""
    node = max(steps, key=lambda step: step.during).node
    labels = f" {equation(node)!r}" if isinstance(node, Einsum | Map | Fused) else ""
    return f" while it computes {node.operation}{labels} of shape {node.shape}"


def _tried(stages: Sequence[tuple[str, OpGraph]], target: Target) -> tuple[str, ...]:
    names = [name for name, _ in stages]
    if "contract" not in names:
        return ()
    return attempt_contraction(stages[names.index("contract") - 1][1], target).tried
