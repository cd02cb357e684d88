"""How a plan would be computed, shown the way a database explains a query."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from typing import Any, final

from tensorlayer.backend import Step, get_backend
from tensorlayer.graph import (
    Convert,
    Einsum,
    Fused,
    Input,
    Map,
    Node,
    OpGraph,
    Place,
    consumers,
    equation,
    format_node,
    is_view,
    named_nodes,
    postorder,
)
from tensorlayer.passes import Target, assign_places, runner
from tensorlayer.plan.plan import Plan
from tensorlayer.runtime import format_bytes
from tensorlayer.scalar import count_operations, format_body

__all__ = ["Explanation", "explain"]

#: Longer listings are cut.
MOST_LINES = 40
#: Longer steps are shortened.
WIDEST = 60


def explain(plan: Plan) -> Explanation:
    """Say how `plan` computes its results; computes nothing."""
    return Explanation(plan)


@final
class Explanation:
    """What a plan does, as text.

    Printing it shows flops and memory, the graph as recorded and after each pass that changed it, the order of
    contraction, what runs each step and where, what is shared, what is fused, and the kernels that were written for it.

    Attributes
    ----------
    plan : Plan
        What is explained.
    flops : int
        Scalar operations of the plan.
    flops_as_written : int
        Scalar operations of the graph as recorded, every product as one loop over all its labels.
    peak_bytes : int
        Bytes alive at the peak.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.flops = plan.final.flops()
        self.flops_as_written = plan.graph.flops()
        self.peak_bytes = plan.peak_bytes

    @property
    def changed(self) -> tuple[tuple[str, OpGraph], ...]:
        """Name and result of every pass that changed the graph."""
        before = [self.plan.graph, *(graph for _, graph in self.plan.stages)]
        return tuple(stage for stage, old in zip(self.plan.stages, before, strict=False) if stage[1] != old)

    @property
    def shared(self) -> dict[Node, int]:
        """The operations that are computed once and read several times, and how often."""
        counts = consumers(self.plan.final.sink_nodes)
        made = (node for node in postorder(self.plan.final.sink_nodes) if not isinstance(node, Input))
        return {node: counts[node] for node in made if counts[node] > 1}

    @property
    def fused(self) -> tuple[Map | Fused, ...]:
        """The loops in which several operations are done at once."""
        loops = (node for node in self.plan.final.operations if isinstance(node, Map | Fused))
        return tuple(n for n in loops if count_operations(n.body) + isinstance(n, Fused) > 1)

    def __str__(self) -> str:
        sections = [_summary, _passes, _order, _steps, _noted, _sharing, _fusing, _generated]
        return "\n\n".join("\n".join(lines) for section in sections if (lines := list(section(self))))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        picture = self.plan.final.draw().svg or ""
        return f"<pre>{html.escape(str(self))}</pre>{picture[picture.find('<svg') :] if picture else ''}"


def _summary(shown: Explanation) -> Iterator[str]:
    plan = shown.plan
    places = " and ".join(sorted({f"{name}:{device}" for name, device in _places(plan).values()}))
    yield f"plan of {_many(len(plan.executable.steps), 'step')} on {places or 'nothing'}"
    yield f"  flops   {shown.flops:,} (as written {shown.flops_as_written:,})"
    budget = f" of {format_bytes(plan.options.memory)} allowed" if plan.options.memory else ""
    held = sum(node.nbytes for node in plan.final.inputs)
    yield f"  memory  {format_bytes(shown.peak_bytes)} at the peak{budget}, {format_bytes(held)} of it inputs"


def _passes(shown: Explanation) -> Iterator[str]:
    recorded = str(shown.plan.graph).splitlines()
    yield "recorded"
    yield from _listing(recorded)
    inputs = {line for line in recorded if " = Input(" in line}
    for name, graph in shown.changed:
        lines = str(graph).splitlines()
        yield f"after {name}"
        # Inputs are listed again only where a pass has renumbered them.
        again = inputs != {line for line in lines if " = Input(" in line}
        yield from _listing([line for line in lines if again or line not in inputs])


def _order(shown: Explanation) -> Iterator[str]:
    """The pairs that products of many operands became, in order."""
    stages = dict([("recorded", shown.plan.graph), *shown.plan.stages])
    names = list(stages)
    if "contract" not in stages:
        return
    before, after = stages[names[names.index("contract") - 1]], stages["contract"]
    if not any(isinstance(node, Einsum) and len(node.inputs) > 2 for node in before.operations):
        return
    named = named_nodes(after.sink_nodes)
    yield "order of contraction"
    pairs = [node for node in after.operations if len(node.inputs) == 2 and isinstance(node, Einsum | Map)]
    rows = [
        (f"{named[n]} = {named[n.inputs[0]]} * {named[n.inputs[1]]}", equation(n), f"{n.flops():,} flops")
        for n in pairs
        if isinstance(n, Einsum) or n.body[0] == "multiply"
    ]
    yield from _listing(_columns(rows))


def _steps(shown: Explanation) -> Iterator[str]:
    plan = shown.plan
    places, named = _places(plan), named_nodes(plan.final.sink_nodes)
    if not plan.executable.steps:
        return
    yield "steps"
    rows = [
        (
            f"{named[step.node]} = {_short(step.node, named, plan.final)}",
            ":".join(runner(step.node, places)),
            kernel_name(step, runner(step.node, places)[0]),
            f"{step.node.flops():,} flops" if step.node.flops() else "",
            "view" if is_view(step.node) else format_bytes(step.node.nbytes),
        )
        for step in plan.executable.steps
    ]
    yield from _listing(_columns(rows))


def _noted(shown: Explanation) -> Iterator[str]:
    """What kernels say of themselves: one line each, or several."""
    named = named_nodes(shown.plan.final.sink_nodes)
    for step in shown.plan.executable.steps:
        notes = getattr(step.kernel, "notes", ())
        if notes and isinstance(notes, tuple):
            yield f"{kernel_name(step, runner(step.node, _places(shown.plan))[0])} of {named[step.node]}"
            yield from _listing(notes)


def _sharing(shown: Explanation) -> Iterator[str]:
    named = named_nodes(shown.plan.final.sink_nodes)
    lines = [f"{named[node]}, read {count} times" for node, count in shown.shared.items()]
    if lines:
        yield "shared"
        yield from _listing(lines)


def _fusing(shown: Explanation) -> Iterator[str]:
    named = named_nodes(shown.plan.final.sink_nodes)
    lines = [f"{named[node]} = {_loop(node, named)}" for node in shown.fused]
    if lines:
        yield "fused into one loop"
        yield from _listing(lines)


def _generated(shown: Explanation) -> Iterator[str]:
    """The texts of the kernels that a backend has written, whole: they are asked for to be read."""
    named = named_nodes(shown.plan.final.sink_nodes)
    for step in shown.plan.executable.steps:
        source = getattr(step.kernel, "source", None)
        if isinstance(source, str):
            yield f"kernel of {named[step.node]}"
            yield from (f"  {line}".rstrip() for line in source.splitlines())


def _loop(node: Map | Fused, named: dict[Node, str]) -> str:
    body = format_body(node.body, [named[source] for source in node.inputs])
    return f"{node.kind} of {body}" if isinstance(node, Fused) else body


def kernel_name(step: Step, backend: str) -> str:
    """What runs a step: the library's own function where the kernel is one, else the rule that made the kernel."""
    if isinstance(step.node, Convert):
        return "convert"
    kernel: Callable[..., Any] = step.kernel
    own = getattr(kernel, "__qualname__", getattr(kernel, "__name__", "<"))
    made = own.count("<") or getattr(kernel, "__code__", None) is not None
    if not made:
        return f"{getattr(kernel, '__module__', None) or backend}.{own}"
    rule = get_backend(backend).vocabulary[type(step.node)]
    name = getattr(rule, "__name__", "<")
    return step.node.operation.lower() if "<" in name else name.removesuffix("_kernel")


def _places(plan: Plan) -> dict[Node, Place]:
    return assign_places(plan.final, Target(plan.options))


def _short(node: Node, named: dict[Node, str], graph: OpGraph) -> str:
    """A step without the body of its loop, which is shown below the steps."""
    text = format_node(node, named, graph.objects)
    if len(text) <= WIDEST:
        return text
    operands = [named[source] for source in node.inputs]
    return f"{node.operation}({', '.join([*operands[:4], '...'])})"


def _columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _listing(lines: Sequence[str]) -> Iterator[str]:
    shown = lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], f"... {len(lines) - MOST_LINES + 1} more"]
    for line in shown:
        yield f"  {line}"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
