"""Trains of many lines, vectors and steps against their definition: the same slots, wherever a line or a vector is."""

from __future__ import annotations

import numpy as np
import pytest

from analog.parameters import UpdateParameters
from analog.pulses import Trains, make_trains
from analog.pulses.few_words import FEW, ROOM
from analog.pulses.line_words import BLOCK
from analog.pulses.scaling import scaling
from analog.pulses.slots import FIRST, MASK, VECTOR, WORD
from tests.analog.pulses import reference
from tests.analog.pulses.laws import STEP, site, vectors

#: The number of a vector pair has more than 32 bits in a long life.
LATE = (3 << 32) + 5


def slots_of(pulses: Trains, number: int) -> tuple[np.ndarray, np.ndarray]:
    """What the lines do in the slots of a vector pair, -1, 0 or 1: (slots, inputs) and (slots, outputs)."""
    sides = []
    for positive, negative in ((pulses.x_positive, pulses.x_negative), (pulses.d_positive, pulses.d_negative)):
        rows = [
            ((positive[piece[WORD]] >> slot) & 1).astype(int) - ((negative[piece[WORD]] >> slot) & 1).astype(int)
            for piece in pulses.table[pulses.table[:, VECTOR] == number]
            for slot in range(piece[FIRST], int(piece[MASK]).bit_length())
        ]
        sides.append(np.array(rows).reshape(len(rows), positive.shape[1]))
    return sides[0], sides[1]


@pytest.mark.parametrize("options", [{}, {"res": 0.1, "sto_round": True}], ids=str)
@pytest.mark.parametrize("first", [0, LATE])
@pytest.mark.parametrize(
    ("shape", "batch", "lr"),
    [((2 * BLOCK + 3, FEW + 1), 3, 0.5), ((FEW + 1, BLOCK + 9), 3, 0.5), ((31, FEW), 60, 0.02)],
)
def test_trains_are_those_of_their_definition(shape, batch, lr, first, options):
    parameters, here, (x, d) = UpdateParameters(**options), site(shape), vectors(batch, shape)
    pulses, sizes = make_trains(x, d, lr, STEP, parameters, here, first), scaling(x, d, lr, STEP, parameters, here)
    assert isinstance(pulses, Trains)
    fired = 0
    for number, expected in enumerate(reference.trains(x, d, sizes, parameters, here.key, first)):
        found = slots_of(pulses, number)
        # Where one side has few lines the other is silent in slots in which none of them fires.
        outer, products = (np.einsum("sj,si->sij", *pair) for pair in (found, expected))
        np.testing.assert_array_equal(outer, products)
        if min(shape) > FEW:
            np.testing.assert_array_equal(found[0], expected[0])
            np.testing.assert_array_equal(found[1], expected[1])
        fired += np.count_nonzero(outer)
    assert fired > 100
    if min(shape) <= FEW:
        per_word = np.bincount(pulses.table[:, WORD]).max()
        assert per_word * min(shape) > ROOM, "lines of a word draw in several portions"
