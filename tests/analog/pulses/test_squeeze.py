from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from analog.pulses.squeeze import squeeze, squeezing

WORDS = st.integers(0, 2**32 - 1)


@given(WORDS, WORDS)
def test_selected_bits_move_together(word, mask):
    places = [place for place in range(32) if mask >> place & 1]
    expected = sum((word >> place & 1) << number for number, place in enumerate(places))
    assert squeeze(np.uint32(word), squeezing(np.uint32(mask))) == expected
