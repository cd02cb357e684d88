"""The passes: named functions from graph to graph, each leaving a legal graph."""

from tensorlayer.passes.arrange import arrange
from tensorlayer.passes.canonicalise import canonicalise
from tensorlayer.passes.contract import attempt_contraction, contract
from tensorlayer.passes.delegate import delegate
from tensorlayer.passes.exploit import Costs, derived_layout, exploit
from tensorlayer.passes.fuse import fuse
from tensorlayer.passes.group import group
from tensorlayer.passes.lower import lower
from tensorlayer.passes.pipeline import PIPELINE, Pass, apply_passes
from tensorlayer.passes.place import place
from tensorlayer.passes.placement import Target, assign_places, runner
from tensorlayer.passes.share import share
from tensorlayer.passes.spec import SPEC, Rule, check

__all__ = [
    "PIPELINE",
    "SPEC",
    "Costs",
    "Pass",
    "Rule",
    "Target",
    "apply_passes",
    "arrange",
    "assign_places",
    "attempt_contraction",
    "canonicalise",
    "check",
    "contract",
    "delegate",
    "derived_layout",
    "exploit",
    "fuse",
    "group",
    "lower",
    "place",
    "runner",
    "share",
]
