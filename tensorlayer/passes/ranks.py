"""An order of nodes that is cheap, and the same whenever the same graph is rewritten."""

from __future__ import annotations

from tensorlayer.graph import Node

__all__ = ["Ranks"]


class Ranks(dict[Node, int]):
    """The number of every node, in the order in which they were first asked for."""

    def __missing__(self, node: Node) -> int:
        rank = self[node] = len(self)
        return rank
