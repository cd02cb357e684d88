"""Symbolic adjoints on the graph, on every backend, to any order."""

from tensorlayer.gradient import elementwise as _elementwise  # noqa: F401  # registers its rules
from tensorlayer.gradient.adjoint import adjoint
from tensorlayer.gradient.grad import grad

__all__ = ["adjoint", "grad"]
