"""Products of many vectors with a small matrix: too little for a library of matrix products to wake its threads."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.kernels import CPU, Kernel, thread_count
from analog.kernels.matmul import matmul

__all__ = ["multiply"]

#: Multiplications that a library does in the calling thread, and that it does faster with all of its own.
LEAST, MOST = 1 << 16, 1 << 23
#: Vectors that go through a matrix together: whole vector instructions, and what stays in the nearest cache.
SHORT, LONG = 16, 128


def multiply(u: Any, weights: Any, out: Any, target: Any) -> None:
    """Write ``u @ weights.T`` to `out`.

    Parameters
    ----------
    u : array
        (vectors, inputs), native, float32.
    weights : array
        (outputs, inputs), also with its axes exchanged in memory.
    out : array
        (vectors, outputs).
    target : Target
        Where kernels on them run.
    """
    (count, inputs), outputs = u.shape, weights.shape[0]
    if target is not CPU or count < SHORT or not LEAST < count * inputs * outputs <= MOST:
        matmul(u, weights.T, out)
        return
    length = min(-(-count // (SHORT * thread_count())) * SHORT, LONG)
    target.launch(THIN, -(-count // length), length, u, weights, out, each=inputs * outputs)


def _along_vectors(row: int, first: int, last: int, u: Any, weights: Any, out: Any) -> None:
    """A block of vectors, side by side; sums are made in the order of inputs, whatever the block."""
    begin = row * last + first
    count, (outputs, inputs) = min(row * last + last, u.shape[0]) - begin, weights.shape
    turned, sums = np.empty((inputs, count), np.float32), np.empty((2, count), np.float32)
    for k in range(inputs):
        for at in range(count):
            turned[k, at] = u[begin + at, k]
    one, two = sums[0], sums[1]
    for even in range(0, outputs, 2):
        odd = min(even + 1, outputs - 1)
        sums[:] = 0
        whole = inputs - inputs % 4
        # Two outputs and four inputs at a time: what was loaded is used more often.
        for k in range(0, whole, 4):
            a, b, c, d = weights[even, k], weights[even, k + 1], weights[even, k + 2], weights[even, k + 3]
            e, f, g, h = weights[odd, k], weights[odd, k + 1], weights[odd, k + 2], weights[odd, k + 3]
            p, q, r, s = turned[k], turned[k + 1], turned[k + 2], turned[k + 3]
            for at in range(count):
                one[at] = (((one[at] + a * p[at]) + b * q[at]) + c * r[at]) + d * s[at]
                two[at] = (((two[at] + e * p[at]) + f * q[at]) + g * r[at]) + h * s[at]
        for k in range(whole, inputs):
            for at in range(count):
                one[at] += weights[even, k] * turned[k, at]
                two[at] += weights[odd, k] * turned[k, at]
        for at in range(count):
            out[begin + at, even] = one[at]
            out[begin + at, odd] = two[at]


def _one_by_one(row: int, first: int, last: int, u: Any, weights: Any, out: Any) -> None:
    """The same without memory of its own."""
    for vector in range(row * last + first, min(row * last + last, u.shape[0])):
        for output in range(weights.shape[0]):
            total = np.float32(0)
            for k in range(weights.shape[1]):
                total += weights[output, k] * u[vector, k]
            out[vector, output] = total


THIN = Kernel(_along_vectors, per="row", cuda=_one_by_one)
