"""Kernels written once in Python, run by threads on the CPU and on CUDA."""

from analog.kernels.kernel import CPU, CUDA, Kernel, Target, running_on, target_of, thread_count

__all__ = ["CPU", "CUDA", "Kernel", "Target", "running_on", "target_of", "thread_count"]
