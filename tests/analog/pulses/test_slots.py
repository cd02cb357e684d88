from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analog.pulses.slots import DRAW, FIRST, MASK, POLARITY, VECTOR, WORD, pack

LENGTHS = st.lists(st.integers(0, 100), max_size=40)


@given(LENGTHS, st.one_of(st.none(), st.integers(0, 2**32)))
def test_every_slot_has_one_place(lengths, seed):
    signs = None if seed is None else np.random.default_rng(seed).integers(0, 2, (len(lengths), 2), np.uint8)
    table, starts = pack(np.array(lengths, int), signs)
    assert starts.tolist() == np.searchsorted(table[:, WORD], range(len(starts))).tolist()
    assert (np.diff(table[:, [VECTOR, WORD]], axis=0) >= 0).all()
    taken: dict[int, int] = {}
    for piece in table.tolist():
        mask = piece[MASK]
        assert 0 < mask < 1 << 32
        assert not taken.get(piece[WORD], 0) & mask
        assert mask & -mask == 1 << piece[FIRST]
        assert mask > taken.get(piece[WORD], 0)  # later in time is higher up
        taken[piece[WORD]] = taken.get(piece[WORD], 0) | mask
    assert list(taken) == list(range(len(taken)))
    for vector, length in enumerate(lengths):
        for polarity, there in {0: 1}.items() if signs is None else zip((1, -1), signs[vector], strict=True):
            mine = table[(table[:, VECTOR] == vector) & (table[:, POLARITY] == polarity)]
            assert sum(mask.bit_count() for mask in mine[:, MASK].tolist()) == length * there
            first = 8 * -(-length // 32) * (polarity == -1)
            assert (mine[:, DRAW] == first + 8 * np.arange(len(mine))).all()
    # No two pieces of a vector pair draw the same.
    assert len({(piece[VECTOR], piece[DRAW]) for piece in table.tolist()}) == len(table)
    assert (table[:, DRAW] % 8 == 0).all()
