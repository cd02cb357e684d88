"""Kernels written once in Python, run by threads on the CPU and on CUDA."""

from analog.kernels.bits import (
    bits_of_float32,
    float32_of_bits,
    popcount32,
    popcount64,
    trailing_zeros32,
    trailing_zeros64,
)
from analog.kernels.kernel import CPU, CUDA, Kernel, Target, recording, running_on, target_of, thread_count

__all__ = [
    "CPU",
    "CUDA",
    "Kernel",
    "Target",
    "bits_of_float32",
    "float32_of_bits",
    "popcount32",
    "popcount64",
    "recording",
    "running_on",
    "target_of",
    "thread_count",
    "trailing_zeros32",
    "trailing_zeros64",
]
