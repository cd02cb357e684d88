"""Which backend and device run each node: an analysis that the passes *lower* and *place* share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tensorlayer.backend import get_backend
from tensorlayer.errors import ConversionError
from tensorlayer.graph import Convert, Delegated, Input, Node, OpGraph, Place
from tensorlayer.options import Options

__all__ = ["HOST", "Target", "assign_places", "runner"]

#: Where things are made that are made nowhere else.
HOST: Place = ("numpy", "cpu")


@dataclass(frozen=True, slots=True)
class Target:
    """What a plan is made for: the options in force."""

    options: Options = field(default_factory=Options)


def _default_place(target: Target) -> Place:
    """Where nodes without placed operands run."""
    name = target.options.backend or HOST[0]
    return (name, target.options.device or get_backend(name).device)


def assign_places(graph: OpGraph, target: Target) -> dict[Node, Place]:
    """Decide where every node runs.

    A backend chosen by `tensorlayer.use` runs everything; otherwise a node runs where its operands are,
    and where they are apart, the option `mixed` decides. What has no operands is made where it is first
    used; if that is a conversion, on the host.

    Raises
    ------
    ConversionError
        If operands are apart and the option `mixed` is ``"error"``.
    BackendNotFoundError
        If the backend does not exist.
    """
    places: dict[Node, Place] = {}
    fallback = _fallback(graph, target)
    for node in graph.operations:
        if isinstance(node, Input):
            places[node] = node.place if node.place[0] else fallback
        elif isinstance(node, Convert):
            places[node] = node.place
        elif isinstance(node, Delegated) and node.keeps:
            places[node] = places[node.inputs[0]]
        elif node.inputs:
            places[node] = fallback if target.options.backend else _place_of(node, places, fallback, target)
        for source in node.inputs:
            places.setdefault(
                source, HOST if get_backend(places[node][0]).keeps or isinstance(node, Convert) else places[node]
            )
    for node in graph.operations:
        places.setdefault(node, fallback)
    for backend, _ in set(places.values()):
        get_backend(backend)
    return places


def runner(node: Node, places: Mapping[Node, Place]) -> Place:
    """The backend and the device of the kernel that runs a node: not always where its result is."""
    return (node.agent, places[node][1]) if isinstance(node, Delegated) else places[node]


def _fallback(graph: OpGraph, target: Target) -> Place:
    if target.options.backend:
        return _default_place(target)
    held: Counter[Place] = Counter()
    for node in graph.operations:
        # A conversion does not count: what it reads might be made where it leads to, and the place be forgotten.
        if isinstance(node, Input) and node.place[0] and not get_backend(node.place[0]).keeps:
            held[node.place] += node.nbytes + 1
    return held.most_common(1)[0][0] if held else _default_place(target)


def _place_of(node: Node, places: dict[Node, Place], fallback: Place, target: Target) -> Place:
    held: Counter[Place] = Counter()
    for source in node.inputs[1:] if isinstance(node, Delegated) else node.inputs:
        if source in places:
            held[places[source]] += source.nbytes
    if len(held) < 2:
        return next(iter(held), fallback)
    if target.options.mixed == "error":
        named = " and ".join(sorted(f"{backend}:{device}" for backend, device in held))
        raise ConversionError(
            f"{node.operation} has operands in {named}: convert one with .to(...), or allow it with "
            "options(mixed='largest')"
        )
    # Leaving a library that differentiates would cut its gradients without a word.
    kept = [place for place in held if get_backend(place[0]).differentiates]
    return max(kept or held, key=lambda place: held[place])
