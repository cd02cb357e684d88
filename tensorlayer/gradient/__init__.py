"""Symbolic adjoints on the graph, on every backend, to any order."""

# These modules register the rules of their operations.
from tensorlayer.gradient import elementwise as _elementwise  # noqa: F401
from tensorlayer.gradient import linalg as _linalg  # noqa: F401
from tensorlayer.gradient import reduction as _reduction  # noqa: F401
from tensorlayer.gradient.adjoint import adjoint
from tensorlayer.gradient.grad import grad

__all__ = ["adjoint", "grad"]
