"""PyTorch: CPU and CUDA devices, differentiable through a whole plan. Importing this does not import torch."""

from backends.torch.backend import TorchBackend, backend

__all__ = ["TorchBackend", "backend"]
