"""Pass 5: elementwise chains become one map, and a reduction takes the map it consumes into its loop."""

from __future__ import annotations

from collections import Counter

from tensorlayer.codegen import product_map
from tensorlayer.graph import Einsum, Fused, Input, Map, Node, OpGraph, Reduce, consumers, peak_bytes, postorder
from tensorlayer.passes.canonicalise import canonical
from tensorlayer.passes.placement import Target
from tensorlayer.scalar import Body, argument, count_operations, substitute

__all__ = ["fuse"]

#: Maps of more calls per element than this stay: bodies are trees that are walked by recursion.
LARGEST_BODY = 64


def fuse(graph: OpGraph, target: Target) -> OpGraph:
    """Fuse maps into the maps, reductions and products that are their only readers.

    A map that several nodes read is formed once and stays; a product of two operands whose labels are all
    the same becomes part of a fused loop if one of them is a map. Where the memory budget would be exceeded
    otherwise, a map of several computed tensors stays too: its reader would keep all of them alive.
    """
    fused = _fused(graph, frugal=False)
    budget = target.options.memory
    if budget is None or peak_bytes(fused.sink_nodes) <= budget:
        return fused
    return min(fused, _fused(graph, frugal=True), key=lambda one: peak_bytes(one.sink_nodes))


def _fused(graph: OpGraph, *, frugal: bool) -> OpGraph:
    counts = consumers(graph.sink_nodes)
    fuser = _Fuser(frugal=frugal)
    done: dict[Node, Node] = {}
    for node in postorder(graph.sink_nodes):
        done[node] = fuser.fused(node.with_inputs(done[source] for source in node.inputs))
        fuser.readers[done[node]] += counts[node]
    return graph.with_sinks(done[sink] for sink in graph.sink_nodes)


class _Fuser:
    """The rule, and how many readers every new node will have."""

    def __init__(self, *, frugal: bool) -> None:
        self.frugal = frugal
        self.readers: Counter[Node] = Counter()

    def fused(self, node: Node) -> Node:
        if isinstance(node, Map):
            return self._maps(node)
        if isinstance(node, Reduce):
            source = node.inputs[0]
            return Fused.of(source, node.kind, node.axes) if isinstance(source, Map) and self._free(source) else node
        return self._product(node) if isinstance(node, Einsum) else node

    def _free(self, source: Node) -> bool:
        """Whether `source` is a map that may disappear into its reader."""
        if not isinstance(source, Map) or self.readers[source] != 1 or count_operations(source.body) > LARGEST_BODY:
            return False
        return not self.frugal or sum(not isinstance(operand, Input) for operand in source.inputs) < 2

    def _maps(self, node: Map) -> Node:
        """Substitute the bodies of the maps that may disappear."""
        inputs: list[Node] = []
        axes: list[tuple[int, ...]] = []
        replacement = []
        for source, own in zip(node.inputs, node.axes, strict=True):
            if isinstance(source, Map) and self._free(source) and _covers(source):
                shifted = [argument(len(inputs) + i) for i in range(len(source.inputs))]
                inputs += source.inputs
                axes += [tuple(own[a] for a in inner) for inner in source.axes]
                replacement.append(_typed(substitute(source.body, shifted), source))
            else:
                replacement.append(argument(len(inputs)))
                inputs.append(source)
                axes.append(own)
        if inputs == list(node.inputs):
            return node
        return canonical(Map.of(inputs, axes, node.shape, substitute(node.body, replacement)))

    def _product(self, node: Einsum) -> Node:
        """A product over one common set of labels is a loop; take maps into it instead of storing them."""
        loop = product_map(node) if all(set(one) == set(node.extents) for one in node.labels) else None
        if loop is None or not any(self._free(source) for source in node.inputs):
            return node
        product = self._maps(loop)
        if not node.summed:
            return product
        return Fused.of(product, "sum", range(len(node.output), loop.ndim)) if isinstance(product, Map) else node


def _covers(source: Map) -> bool:
    # Substituting a map with modes that no input has would lose its extent there.
    return {axis for axes in source.axes for axis in axes} == set(range(source.ndim))


def _typed(body: Body, source: Map) -> Body:
    # A body without arguments is a Python scalar to its reader and would promote weakly.
    return body if source.inputs else ("astype", body, source.dtype.name)
