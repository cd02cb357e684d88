"""numba: NumPy arrays, and elementwise loops and reductions compiled into parallel kernels."""

from backends.numba.backend import NumbaBackend, backend

__all__ = ["NumbaBackend", "backend"]
