"""Crossbars as a backend of the language: a tensor whose elements are conductances."""

from analog.backend.allocator import AnalogAllocator
from analog.backend.backend import AnalogBackend, backend
from analog.backend.buffer import CrossbarBuffer
from analog.backend.form import Form
from analog.backend.nodes import AnalogMatmul, AnalogUpdate
from analog.backend.noise import NoiseTerms, expected_noise
from analog.backend.operator import linear_operator

__all__ = [
    "AnalogAllocator",
    "AnalogBackend",
    "AnalogMatmul",
    "AnalogUpdate",
    "CrossbarBuffer",
    "Form",
    "NoiseTerms",
    "backend",
    "expected_noise",
    "linear_operator",
]
