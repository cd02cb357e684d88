"""Plans: from a graph to something that runs."""

from tensorlayer.plan.plan import Plan, make_plan

__all__ = ["Plan", "make_plan"]
