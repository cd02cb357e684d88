"""The passes: named functions from graph to graph, each leaving a legal graph."""

from tensorlayer.passes.canonicalise import canonicalise
from tensorlayer.passes.contract import contract
from tensorlayer.passes.fuse import fuse
from tensorlayer.passes.lower import lower
from tensorlayer.passes.pipeline import PIPELINE, Pass, apply_passes
from tensorlayer.passes.place import place
from tensorlayer.passes.placement import Target, assign_places
from tensorlayer.passes.share import share

__all__ = [
    "PIPELINE",
    "Pass",
    "Target",
    "apply_passes",
    "assign_places",
    "canonicalise",
    "contract",
    "fuse",
    "lower",
    "place",
    "share",
]
