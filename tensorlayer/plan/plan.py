"""A plan: a graph bound to shapes, element types, backends and options, ready to run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, final

from tensorlayer.backend import Progress, assemble, convert_kernel, get_backend
from tensorlayer.graph import Convert, Einsum, Input, Map, Node, OpGraph, Place, Reshape, Slice, peak_bytes
from tensorlayer.interpreter import scratch_bytes
from tensorlayer.options import Options
from tensorlayer.passes import Target, apply_passes, assign_places, derived_layout, runner
from tensorlayer.plan.failure import translated
from tensorlayer.plan.memory import check_budget

__all__ = ["Plan", "make_plan"]


@final
class Plan:
    """What `make_plan` made of a graph.

    Attributes
    ----------
    graph : OpGraph
        The graph as recorded.
    stages : tuple of (str, OpGraph)
        Name of every pass and the graph it left.
    options : Options
        The options it was made for.
    executable : Executable
        The compiled final graph; its inputs are those with keys 0, 1, ...
    places : tuple of (str, str)
        Backend and device of every result.
    views : tuple of bool
        Whether each result may share memory with an input.
    layouts : tuple of LogicalLayout
        What follows about every result from what is declared about the inputs; empty if nothing is.
    """

    __slots__ = ("_call", "executable", "graph", "layouts", "options", "places", "stages", "views")

    def __init__(self, graph: OpGraph, inputs: Sequence[Input], options: Options) -> None:
        target = Target(options)
        self.graph = graph
        self.options = options
        self.stages = tuple(apply_passes(graph, target))
        check_budget([("recorded", graph), *self.stages], target)
        final_graph = self.final
        places = assign_places(final_graph, target)

        def kernel(node: Node) -> Any:
            if isinstance(node, Convert):
                return convert_kernel(places[node.inputs[0]], node.place)
            name, device = runner(node, places)
            return get_backend(name).kernel(node, device)

        self.executable = assemble(final_graph.sink_nodes, inputs, kernel)
        self.places = tuple(places[sink] for sink in final_graph.sink_nodes)
        declared = any(node.symmetry is not None or node.sparsity is not None for node in graph.inputs)
        self.layouts = tuple(derived_layout(sink) for sink in graph.sink_nodes) if declared else ()
        self.views = tuple(_is_view(sink) for sink in final_graph.sink_nodes)
        self._call = self._finishing(self.executable.run)

    @property
    def final(self) -> OpGraph:
        """The graph after the last pass."""
        return self.stages[-1][1] if self.stages else self.graph

    @property
    def peak_bytes(self) -> int:
        """Bytes alive at the peak: inputs, intermediates, results, and operands that products must copy."""
        return peak_bytes(self.final.sink_nodes, scratch_bytes)

    def run(self, *arrays: Any) -> tuple[Any, ...]:
        """Compute; native arrays in the order of the inputs' keys in, native results out.

        Raises
        ------
        AllocationError
            If memory runs out.
        BackendError
            If a library fails.
        """
        try:
            return self._call(*arrays)
        except Exception as error:
            self._fail(error)
            raise

    def watched(self, progress: Progress) -> Callable[..., tuple[Any, ...]]:
        """A function like `run`, which tells `progress` how many steps are done, and how many there are."""
        run = self._finishing(self.executable.watched(progress))

        def call(*arrays: Any) -> tuple[Any, ...]:
            try:
                return run(*arrays)
            except Exception as error:
                self._fail(error)
                raise

        return call

    def _fail(self, error: Exception) -> None:
        """Raise what `error` means, if it is not an error of this package yet."""
        meant = translated(error, self.places, self.peak_bytes)
        if meant is not error:
            raise meant from error

    def _finishing(self, run: Callable[..., tuple[Any, ...]]) -> Callable[..., tuple[Any, ...]]:
        """`run`, and then the computing that lazy backends have put off."""
        lazy = _lazy(self.places)
        if not lazy:
            return run

        def call(*arrays: Any) -> tuple[Any, ...]:
            results = list(run(*arrays))
            for name, positions in lazy.items():
                finished = get_backend(name).finish([results[i] for i in positions])
                for i, result in zip(positions, finished, strict=True):
                    results[i] = result
            return tuple(results)

        return call

    def __repr__(self) -> str:
        where = ", ".join(sorted({backend for backend, _ in self.places}))
        return f"<plan of {len(self.executable.steps)} steps on {where}, {self.final.flops()} flops>"


def _is_view(node: Node) -> bool:
    """Whether only operations that may share memory lie between `node` and an input."""
    while not isinstance(node, Input):
        moves = isinstance(node, Convert | Reshape | Slice)
        moves = moves or (isinstance(node, Einsum) and len(node.inputs) == 1 and not node.summed)
        moves = moves or (isinstance(node, Map) and len(node.inputs) == 1 and node.body[0] == "x")
        if not moves:
            return False
        node = node.inputs[0]
    return True


def _lazy(places: Sequence[Place]) -> dict[str, list[int]]:
    """Positions of the results whose backend computes only when told to finish."""
    positions: dict[str, list[int]] = defaultdict(list)
    for i, (name, _) in enumerate(places):
        if get_backend(name).is_lazy:
            positions[name].append(i)
    return dict(positions)


def make_plan(graph: OpGraph, inputs: Sequence[Input], options: Options) -> Plan:
    """Apply the passes to `graph` and compile it into a function of `inputs`.

    Raises
    ------
    MemoryBudgetError
        If the plan takes more memory than `options` allow, in whatever slices.
    """
    return Plan(graph, inputs, options)
