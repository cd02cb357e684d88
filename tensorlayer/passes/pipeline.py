"""The order of the passes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tensorlayer.graph import OpGraph
from tensorlayer.passes.arrange import arrange
from tensorlayer.passes.canonicalise import canonicalise
from tensorlayer.passes.contract import contract
from tensorlayer.passes.delegate import delegate
from tensorlayer.passes.exploit import exploit
from tensorlayer.passes.fuse import fuse
from tensorlayer.passes.group import group
from tensorlayer.passes.lower import lower
from tensorlayer.passes.place import place
from tensorlayer.passes.placement import Target
from tensorlayer.passes.share import share
from tensorlayer.passes.spec import STAGES, check

__all__ = ["PIPELINE", "Pass", "apply_passes"]

Pass = Callable[[OpGraph, Target], OpGraph]

#: The passes in the order in which a plan applies them.
PIPELINE: tuple[Pass, ...] = (delegate, canonicalise, share, contract, exploit, fuse, arrange, lower, place, group)


def apply_passes(graph: OpGraph, target: Target, passes: tuple[Pass, ...] = PIPELINE) -> Iterator[tuple[str, OpGraph]]:
    """Apply `passes` in order; yields the name of each and the graph after it.

    With the option `check`, every graph is checked against the spec.

    Raises
    ------
    GraphError
        If the graph is illegal, or a pass leaves an illegal one, and the option `check` is on.
    """
    stage = STAGES[0]
    if target.options.check:
        check(graph)
    for step in passes:
        graph = step(graph, target)
        # A pass that the spec does not know keeps the rules of the one before.
        stage = step.__name__ if step.__name__ in STAGES else stage
        if target.options.check:
            check(graph, stage, target)
        yield step.__name__, graph
