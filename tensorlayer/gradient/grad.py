"""`grad`: reverse accumulation over the graph of a scalar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from tensorlayer.errors import DtypeError, GraphError, ShapeError
from tensorlayer.gradient.adjoint import add, adjoint, matched
from tensorlayer.graph import Fill, Input, Linalg, Node, Result, postorder, rewrite
from tensorlayer.language.lowering import Lowering
from tensorlayer.language.statement import dtype_of
from tensorlayer.language.tensor import Tensor
from tensorlayer.language.value import Value

__all__ = ["differentiate", "grad"]


def grad(result: Tensor, wrt: Sequence[Tensor] | Tensor) -> Any:
    """Gradients of a scalar with respect to tensors, as recorded tensors.

    Parameters
    ----------
    result : Tensor, rank 0, real
        What is differentiated; recorded or computed.
    wrt : Tensor or sequence of Tensor
        The tensors as `result` read them (their present values), of real or complex element type.

    Returns
    -------
    Tensor or list of Tensor
        One for each of `wrt`, of its shape and element type. They are recorded, not computed, and can be
        differentiated again. For complex tensors the gradient is dE/dRe + i dE/dIm, as torch defines it.

    Raises
    ------
    ShapeError
        If `result` is not a scalar.
    DtypeError
        If `result` is complex, or a tensor of integers is differentiated by.
    GraphError
        If `result` does not depend on one of `wrt`, as when a handle was assigned to in between.
    UnsupportedOperationError
        If an operation on the way has no adjoint.

    Examples
    --------
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> energy = (x["i"] ** 3)[""]
    >>> grad(energy, x).numpy()
    array([ 3., 12., 27.])
    """
    targets = [wrt] if isinstance(wrt, Tensor) else list(wrt)
    _check(result, targets)
    values = [target.value for target in targets]
    sink, leaves = _symbolic(result.value, values)
    gradients = differentiate(sink, [leaves[value] for value in values])
    for i, gradient in enumerate(gradients):
        if gradient is None:
            raise GraphError(
                f"the result does not depend on tensor number {i} of wrt (shape {targets[i].shape}): it was read before "
                "the handle was assigned to, or not at all"
            )
    tensors = [Tensor.from_value(Value.derived(g)) for g in gradients if g is not None]
    return tensors[0] if isinstance(wrt, Tensor) else tensors


def _check(result: Tensor, targets: Sequence[Tensor]) -> None:
    if not isinstance(result, Tensor):
        raise ShapeError(f"grad needs a closed result, as (expr)[''], got {type(result).__name__}")
    if result.shape:
        raise ShapeError(f"grad needs a scalar; this result has shape {result.shape}: close it over all labels, ['']")
    if result.dtype.kind == "c":
        raise DtypeError("grad needs a real scalar; take real(...) or abs(...) of this complex one")
    for i, target in enumerate(targets):
        if target.dtype.kind not in "fc":
            raise DtypeError(f"tensor number {i} of wrt holds {target.dtype}; gradients need real or complex elements")


def _symbolic(result: Value, wrt: Sequence[Value]) -> tuple[Node, dict[Value, Node]]:
    """The graph of `result` down to `wrt`, also through values that have been computed on the way."""
    leaves: dict[Value, Node] = {}
    for value in wrt:
        dtype_of(value)
        leaves[value] = value.as_input(value)
    expanded: dict[Value, Node] = dict(leaves)

    def node_of(value: Value) -> Node:
        if value not in expanded:
            expanded[value] = _expand(value, node_of) if _reaches(value, leaves, {}) else value.as_input(value)
        return expanded[value]

    lowering = Lowering(node_of, dict(leaves))
    return lowering.values([result])[0], leaves


def _expand(value: Value, node_of: Any) -> Node:
    """A computed value as the graph it was computed from."""
    assert value.history is not None  # noqa: S101  # only such values reach anything
    graph, index, sources = value.history
    alive = [source() for source in sources]

    def rule(node: Node) -> Node:
        if isinstance(node, Input) and isinstance(node.key, int):
            source = alive[node.key]
            if source is None:
                raise GraphError(
                    "a tensor that this result was computed from is gone, so its gradient cannot be formed: keep a "
                    "handle to it, or take the gradient before the result is looked at"
                )
            return node_of(source)  # type: ignore[no-any-return]
        return node

    return rewrite([graph.sink_nodes[index]], rule)[0]


def _reaches(value: Value, leaves: dict[Value, Node], seen: dict[Value, bool]) -> bool:
    """Whether a computed value came from one of `leaves`."""
    if value in seen:
        return seen[value]
    seen[value] = value in leaves
    if not seen[value] and value.history is not None:
        sources = [source() for source in value.history[2]]
        seen[value] = any(source is not None and _reaches(source, leaves, seen) for source in sources)
    return seen[value]


def differentiate(sink: Node, wrt: Sequence[Node]) -> list[Node | None]:
    """Adjoints of `wrt` for a scalar node `sink`; None where it does not depend on a node."""
    order = list(postorder([sink]))
    depends: set[Node] = set(wrt)
    for node in order:
        if any(child in depends for child in node.inputs):
            depends.add(node)
    if sink not in depends:
        return [None] * len(wrt)
    terms: dict[Node, list[Node]] = defaultdict(list)
    terms[sink].append(Fill.of((), 1, sink.dtype))
    results: dict[Node, Node] = {}
    stops = set(wrt)
    for node in reversed(order):
        if node not in depends or (not terms[node] and not isinstance(node, Linalg)):
            continue
        if isinstance(node, Linalg):
            partial = _linalg_adjoints(node, order, results)
        else:
            results[node] = add(terms[node])
            partial = results[node]
        if node in stops or partial is None or (isinstance(node, Result)):
            continue
        needed = [child in depends and child.dtype.kind in "fc" for child in node.inputs]
        for child, term in zip(node.inputs, adjoint(node, partial, needed), strict=True):
            if term is not None and child in depends:
                terms[child].append(matched(term, child))
    return [results.get(node) for node in wrt]


def _linalg_adjoints(node: Linalg, order: Sequence[Node], results: dict[Node, Node]) -> Any:
    """Adjoints of the results of a decomposition, by index; None if it has none."""
    found = {n.index: results[n] for n in order if isinstance(n, Result) and n.inputs[0] is node and n in results}
    return found or None
