"""`grad`: reverse accumulation over the graph of a scalar."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

from tensorlayer.errors import DtypeError, GraphError, ShapeError
from tensorlayer.gradient.adjoint import add, adjoint, matched
from tensorlayer.gradient.derivation import derivation, leaf_of
from tensorlayer.graph import Fill, Input, Linalg, Node, Result, postorder
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
        The tensors as `result` read them (their present values), of real or complex element type; they may
        depend on each other.

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
        If `result` is complex, or a tensor of integers, or what is no tensor, is differentiated by.
    GraphError
        If `result` does not depend on one of `wrt`, as when a handle was assigned to in between; or if a tensor
        is gone that `result` was computed from.
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
    adjoints = _accumulate(result, [target.value for target in targets])
    for i, target in enumerate(targets):
        if target.value not in adjoints:
            raise GraphError(
                f"the result does not depend on tensor number {i} of wrt (shape {target.shape}): it was read before "
                "the handle was assigned to, or not at all, or it was recorded and never computed; then take the "
                "gradient before the result is looked at"
            )
    tensors = [Tensor.from_node(adjoints[target.value]) for target in targets]
    return tensors[0] if isinstance(wrt, Tensor) else tensors


def _check(result: Tensor, targets: Sequence[Tensor]) -> None:
    if not isinstance(result, Tensor):
        raise ShapeError(f"grad needs a closed result, as (expr)[''], got {type(result).__name__}")
    if result.shape:
        raise ShapeError(f"grad needs a scalar; this result has shape {result.shape}: close it over all labels, ['']")
    if result.dtype.kind == "c":
        raise DtypeError("grad needs a real scalar; take real(...) or abs(...) of this complex one")
    for i, target in enumerate(targets):
        if not isinstance(target, Tensor):
            raise DtypeError(f"item number {i} of wrt is no tensor but {type(target).__name__}; give tensors")
        if target.dtype.kind not in "fc":
            raise DtypeError(f"tensor number {i} of wrt holds {target.dtype}; gradients need real or complex elements")


def _accumulate(result: Tensor, wrt: Sequence[Value]) -> dict[Value, Node]:
    """Adjoints of `wrt`; a value among them passes its own on to those it came from."""
    leaves = {value: leaf_of(value) for value in wrt}
    graphs = {value: _without(leaves, value) for value in dict.fromkeys([result.value, *wrt])}
    below = {value: derivation(value, others) for value, others in graphs.items()}
    read = {value: _read(node, graphs[value]) for value, node in below.items()}
    terms: dict[Value, list[Node]] = defaultdict(list)
    terms[result.value].append(Fill.of((), 1, result.dtype))
    reached = {result.value}
    for value in _users_first(read):
        if value in reached:
            reached |= read[value]
        if terms[value]:
            others = [graphs[value][other] for other in read[value]]
            found = differentiate(below[value], others, add(terms[value]))
            for other, term in zip(read[value], found, strict=True):
                terms[other] += [] if term is None else [term]
    # What is reached, but only through steps such as floor, has the gradient zero.
    zeros = {value: Fill.of(value.shape, 0, leaf.dtype) for value, leaf in leaves.items()}
    return {value: add(terms[value] or [zeros[value]]) for value in wrt if value in reached}


def _without(leaves: Mapping[Value, Input], value: Value) -> dict[Value, Input]:
    return {other: leaf for other, leaf in leaves.items() if other is not value}


def _read(node: Node, leaves: Mapping[Value, Input]) -> set[Value]:
    """Which of `leaves` a graph reads."""
    owners = {leaf: value for value, leaf in leaves.items()}
    return {owners[one] for one in postorder([node]) if isinstance(one, Input) and one in owners}


def _users_first(read: Mapping[Value, set[Value]]) -> list[Value]:
    """The values in an order in which none passes an adjoint on before all of its users have."""
    return list(TopologicalSorter(read).static_order())[::-1]


def differentiate(sink: Node, wrt: Sequence[Node], seed: Node) -> list[Node | None]:
    """Adjoints of `wrt`, given the adjoint `seed` of `sink`; None where it does not depend on a node."""
    order = list(postorder([sink]))
    depends = _dependents(order, wrt)
    terms: dict[Node, list[Node]] = defaultdict(list)
    if sink in depends:
        terms[sink].append(matched(seed, sink))
    results: dict[Node, Any] = defaultdict(dict)
    for node in reversed(order):
        if isinstance(node, Result) and terms[node]:
            results[node.inputs[0]][node.index] = add(terms[node])
        elif node.inputs and (terms[node] or results[node]):
            g = results[node] if isinstance(node, Linalg) else add(terms[node])
            for child, term in _passed_on(node, g, depends):
                terms[child].append(term)
    return [add(terms[node]) if terms[node] else None for node in wrt]


def _dependents(order: Iterable[Node], wrt: Iterable[Node]) -> set[Node]:
    """The nodes, of an order in which inputs come first, that depend on `wrt`."""
    depends = set(wrt)
    for node in order:
        if not depends.isdisjoint(node.inputs):
            depends.add(node)
    return depends


def _passed_on(node: Node, g: Any, depends: set[Node]) -> Iterator[tuple[Node, Node]]:
    """The inputs of a node that are in `depends`, and what its adjoint `g` adds to theirs."""
    needed = [child in depends and child.dtype.kind in "fc" for child in node.inputs]
    for child, term in zip(node.inputs, adjoint(node, g, needed), strict=True):
        if term is not None and child in depends:
            yield child, matched(term, child)
