"""NumPy: the backend that is always there."""

from backends.numpy.backend import NumpyBackend, backend

__all__ = ["NumpyBackend", "backend"]
