"""Batches cut into spans: every transfer once, at its vector pair, no line twice in a span."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analog.compound.schedule import period, spans


@given(
    done=st.integers(0, 50),
    batch=st.integers(1, 40),
    every=st.integers(0, 9),
    later=st.integers(0, 12),
    reads=st.integers(1, 5),
    count=st.integers(1, 7),
    whole=st.booleans(),
)
def test_spans(done, batch, every, later, reads, count, whole):
    reads = min(reads, count)
    asked = []

    def lines(transfers):
        asked.append(np.arange(transfers * reads) % count)
        return asked[-1].astype(np.int32)

    found = list(spans(done, batch, [every, later], lines, lambda _: whole))
    assert len(asked) <= 1
    assert found[0].first == 0
    assert found[-1].last == batch
    assert all(one.last == other.first for one, other in pairwise(found))
    times = [done + span.first + int(until) for span in found for until in span.until]
    expected = [now for now in range(done + 1, done + batch + 1) if every and now % every == 0]
    assert times == [now for now in expected for _ in range(reads)]
    read = [span.lines for span in found]
    assert all(len(set(each.tolist())) == len(each) for each in read)
    assert np.array_equal(np.concatenate(read), np.concatenate([[], *asked]))
    ends = [done + span.last for span in found if span.later]
    assert ends == [now for now in range(done + 1, done + batch + 1) if later and now % later == 0]
    if whole:
        assert all((span.until == span.last - span.first).all() for span in found)


@pytest.mark.parametrize(
    ("every", "batch", "in_batches", "expected"),
    [(1, 64, True, 64), (0.1, 64, True, 7), (2.4, 64, False, 2), (0, 64, True, 0), (1, 64, False, 1)],
)
def test_periods(every, batch, in_batches, expected):
    assert period(every, batch, in_batches=in_batches) == expected
