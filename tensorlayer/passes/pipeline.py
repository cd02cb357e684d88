"""The order of the passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tensorlayer.graph import OpGraph
from tensorlayer.passes.canonicalise import canonicalise
from tensorlayer.passes.contract import contract
from tensorlayer.passes.fuse import fuse
from tensorlayer.passes.lower import lower
from tensorlayer.passes.place import place
from tensorlayer.passes.placement import Target
from tensorlayer.passes.share import share

__all__ = ["PIPELINE", "Pass", "apply_passes"]

Pass = Callable[[OpGraph, Target], OpGraph]

#: The passes in the order in which a plan applies them.
PIPELINE: tuple[Pass, ...] = (canonicalise, share, contract, fuse, lower, place)


def apply_passes(graph: OpGraph, target: Target, passes: tuple[Pass, ...] = PIPELINE) -> Iterator[tuple[str, OpGraph]]:
    """Apply `passes` in order; yields the name of each and the graph after it."""
    for step in passes:
        graph = step(graph, target)
        yield step.__name__, graph
