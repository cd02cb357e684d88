"""Counting bits, against the digits that Python prints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from analog.kernels import Kernel, popcount32, popcount64, target_of, trailing_zeros32, trailing_zeros64


def count(row: int, first: int, last: int, words: Any, out: Any) -> None:
    for column in range(first, last):
        word = words[row, column]
        out[row, column, 0] = popcount64(word)
        out[row, column, 1] = popcount32(np.uint32(word & np.uint64(0xFFFFFFFF)))
        out[row, column, 2] = trailing_zeros64(word | np.uint64(1 << 63))
        out[row, column, 3] = trailing_zeros32(np.uint32(word & np.uint64(0xFFFFFFFF)) | np.uint32(1 << 31))


COUNT = Kernel(count)


def counted(words: np.ndarray) -> np.ndarray:
    out = np.zeros((*words.shape, 4), np.uint64)
    target_of(words).launch(COUNT, *words.shape, words, out)
    return out


def expected(word: int) -> list[int]:
    low = word & 0xFFFFFFFF
    zeros = [len(digits) - len(digits.rstrip("0")) for digits in (f"{word | 1 << 63:b}", f"{low | 1 << 31:b}")]
    return [word.bit_count(), low.bit_count(), *zeros]


WORDS = np.array(
    [[0, 1, 2**64 - 1], [2**63, 2**32, 0xF0F0], *np.random.default_rng(0).integers(0, 2**63, (4, 3)).tolist()],
    np.uint64,
)


@pytest.mark.parametrize("place", ["cpu", "simulator"])
def test_bits_are_counted(place: str, request: pytest.FixtureRequest) -> None:
    run = request.getfixturevalue("simulator") if place == "simulator" else lambda function, *a: function(*a)
    result = run(counted, WORDS)
    assert result.tolist() == [[expected(int(word)) for word in row] for row in WORDS]
