"""CuPy: arrays on NVIDIA GPUs, and loops as generated CUDA kernels. Importing this does not import cupy."""

from backends.cupy.backend import CupyBackend, backend

__all__ = ["CupyBackend", "backend"]
