"""Pass 5: elementwise chains become one map, and a reduction takes the map it consumes into its loop."""

from __future__ import annotations

from tensorlayer.graph import Einsum, Fused, Map, Node, OpGraph, Reduce, consumers, postorder
from tensorlayer.passes.canonicalise import canonical
from tensorlayer.passes.placement import Target
from tensorlayer.scalar import argument, call, substitute

__all__ = ["fuse"]


def fuse(graph: OpGraph, target: Target) -> OpGraph:
    """Fuse maps into the maps, reductions and products that are their only readers.

    A map that several nodes read is formed once and stays; a product of two operands whose labels are all
    the same becomes part of a fused loop if one of them is a map.
    """
    del target
    read = consumers(graph.sink_nodes)
    done: dict[Node, Node] = {}
    # Fusing replaces nodes; whether a replacement has one reader is inherited from what it replaces.
    once: set[Node] = set()
    for node in postorder(graph.sink_nodes):
        inputs = tuple(done[child] for child in node.inputs)
        done[node] = _fuse(node if inputs == node.inputs else node.with_inputs(inputs), once)
        if read[node] == 1:
            once.add(done[node])
    return graph.with_sinks(done[sink] for sink in graph.sink_nodes)


def _fuse(node: Node, once: set[Node]) -> Node:
    if isinstance(node, Map):
        return _fuse_maps(node, once)
    if isinstance(node, Reduce):
        source = node.inputs[0]
        if isinstance(source, Map) and source in once:
            return Fused.of(source, node.kind, node.axes)
    if isinstance(node, Einsum):
        return _fuse_product(node, once)
    return node


def _fuse_maps(node: Map, once: set[Node]) -> Node:
    """Substitute the bodies of maps that only this map reads."""
    inputs: list[Node] = []
    axes: list[tuple[int, ...]] = []
    replacement = []
    for source, own in zip(node.inputs, node.axes, strict=True):
        if isinstance(source, Map) and source in once and _covers(source):
            shifted = [argument(len(inputs) + i) for i in range(len(source.inputs))]
            inputs += source.inputs
            axes += [tuple(own[a] for a in inner) for inner in source.axes]
            replacement.append(_typed(substitute(source.body, shifted), source))
        else:
            replacement.append(argument(len(inputs)))
            inputs.append(source)
            axes.append(own)
    if len(inputs) == len(node.inputs) and all(a is b for a, b in zip(inputs, node.inputs, strict=True)):
        return node
    return canonical(Map.of(inputs, axes, node.shape, substitute(node.body, replacement)))


def _covers(source: Map) -> bool:
    # Substituting a map with modes that no input has would lose its extent there.
    return {axis for axes in source.axes for axis in axes} == set(range(source.ndim))


def _typed(body: tuple[object, ...], source: Map) -> tuple[object, ...]:
    # A body without arguments is a Python scalar to its reader and would promote weakly.
    return body if source.inputs else ("astype", body, source.dtype.name)


def _fuse_product(node: Einsum, once: set[Node]) -> Node:
    """A product over one common set of labels is a loop; take maps into it instead of storing them."""
    if not node.inputs or any(set(labels) != set(node.extents) for labels in node.labels):
        return node
    if any(len(set(labels)) != len(labels) for labels in node.labels):
        return node
    if not any(isinstance(source, Map) and source in once for source in node.inputs):
        return node
    reduced = sorted(node.summed)
    loop = (*node.output, *reduced)
    shape = [node.extents[x] for x in loop]
    body = argument(0)
    for i in range(1, len(node.inputs)):
        body = call("multiply", body, argument(i))
    if any(source.dtype != node.dtype for source in node.inputs):
        body = ("astype", body, node.dtype.name)
    axes = [tuple(loop.index(x) for x in labels) for labels in node.labels]
    product = _fuse_maps(Map.of(node.inputs, axes, shape, body), once)
    if not reduced or not isinstance(product, Map):
        return product if not reduced else node
    return Fused.of(product, "sum", range(len(node.output), len(loop)))
