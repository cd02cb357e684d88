"""Lines of pulses beside a walk through the slots, column by column."""

from __future__ import annotations

import numpy as np
import pytest

from analog.pulses.queue import WORDS, fill, sort
from analog.pulses.trains import coincidences


def trains(rng, words, rows, columns, chance):
    """Random trains whose lines have one sign per slot."""

    def side(lines):
        bits, signs = rng.random((2, words, lines, 32)) < np.reshape([chance, 0.5], (2, 1, 1, 1))
        weights = np.uint64(1) << np.arange(32, dtype=np.uint64)
        return [((bits & which) * weights).sum(-1).astype(np.uint32) for which in (signs, ~signs)]

    return *side(columns), *side(rows), None


def walked(first, end, column, source):
    """Whether each pulse of a column goes up, in order."""
    pulses = []
    for word in range(first, end):
        ups, downs = coincidences(word, 0, column, source)
        pulses += [bool(ups >> slot & 1) for slot in range(32) if (ups | downs) >> slot & 1]
    return pulses


@pytest.mark.parametrize(("words", "chance"), [(1, 0.1), (3, 0.5), (20, 0.6), (9, 1.0)])
@pytest.mark.parametrize("columns", [3, 37])
def test_lines_hold_the_pulses_in_order(words, chance, columns):
    rng = np.random.default_rng(0)
    source, word = trains(rng, words, 1, columns, chance), 0
    lines, ends = np.empty((WORDS, 48), np.uint32), np.empty(48, np.uint32)
    while word < words:
        starts = rng.integers(0, 4, 48)
        ends[:] = starts
        first = word
        word, used = fill(0, word, source, lines, ends, np.empty((2, 48), np.uint32))
        assert word > first
        for column in range(columns):
            pulses = walked(first, word, column, source)
            assert used >= len(pulses)
            bits = [bool(lines[n // 32, column] >> np.uint32(n % 32) & 1) for n in range(int(ends[column]))]
            assert bits[starts[column] :] == pulses
        np.testing.assert_array_equal(ends[columns:], starts[columns:])


def test_columns_with_later_ends_come_first():
    ends = np.array([3, 0, 7, 3, 0, 1], np.uint32)
    order, active = np.empty(6, np.uint32), np.empty(9, np.int64)
    assert sort(ends, order, active) == 7
    assert order.tolist() == [2, 0, 3, 5, 1, 4]
    assert [int((ends >= end).sum()) for end in range(9)] == active.tolist()
