"""Scalar expressions: what happens at one element, as small immutable trees."""

from tensorlayer.scalar.body import (
    NUMBERS,
    Body,
    argument,
    arguments_of,
    call,
    constant,
    count_operations,
    dtype_of,
    evaluate,
    format_body,
    is_constant,
    simplify,
    substitute,
    total,
)
from tensorlayer.scalar.derivative import derivative
from tensorlayer.scalar.functions import FUNCTIONS, ScalarFunction

__all__ = [
    "FUNCTIONS",
    "NUMBERS",
    "Body",
    "ScalarFunction",
    "argument",
    "arguments_of",
    "call",
    "constant",
    "count_operations",
    "derivative",
    "dtype_of",
    "evaluate",
    "format_body",
    "is_constant",
    "simplify",
    "substitute",
    "total",
]
