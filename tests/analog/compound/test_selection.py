"""Parts of pulses, counted one by one."""

from __future__ import annotations

import numpy as np
import pytest

from analog.compound import (
    BufferedTransferCompound,
    ChoppedTransferCompound,
    DynamicTransferCompound,
    TransferCompound,
    VectorUnitCell,
)
from analog.compound.excerpt import Excerpt
from analog.compound.selection import down_as_up, down_only, of_lines, of_vectors, up_only
from analog.parameters import UpdateParameters
from analog.pulses import Counts, Trains, make_trains
from tests.analog.compound.places import CERTAIN, CONSTANT, PERFECT, SOFT, site, vectors

SHAPE, BATCH = (4, 6), 9
KINDS = {"trains": UpdateParameters(), "long trains": UpdateParameters(desired_bl=70), "counts": CERTAIN}
everywhere = pytest.mark.parametrize("kind", KINDS)


def made(kind):
    x, d = vectors(SHAPE, BATCH)
    return make_trains(x, d, 0.3 if kind == "long trains" else 0.05, 0.002, KINDS[kind], site(SHAPE), 0)


def counted(pulses: Trains | Counts) -> np.ndarray:
    """(vector pairs, outputs, inputs)."""
    counts = np.zeros((BATCH, *SHAPE), int)
    owners = pulses.table[:, 0] if isinstance(pulses, Trains) else range(pulses.runs)
    for run, vector in enumerate(owners):
        for row in range(SHAPE[0]):
            for column in range(SHAPE[1]):
                counts[vector, row, column] += pulses.count(run, row, column, pulses.source)
    return counts


@everywhere
def test_of_vectors(kind):
    pulses = made(kind)
    kept = np.array([True, False, True, True, False, False, True, False, True])
    np.testing.assert_array_equal(counted(of_vectors(site(SHAPE), pulses, kept)), counted(pulses) * kept[:, None, None])


@everywhere
@pytest.mark.parametrize("rows", [False, True])
def test_of_lines(kind, rows):
    pulses = made(kind)
    lines = SHAPE[0 if rows else 1]
    starts = np.array([0, 2, 0, 9, 3, 1], np.int32)[:lines]
    ends = np.array([9, 5, 0, 9, 4, 9], np.int32)[:lines]
    signs = np.array([1, -1, 1, 1, -1, 1], np.float32)[:lines]
    found = counted(of_lines(site(SHAPE), pulses, (starts, ends), signs, rows=rows))
    vector = np.arange(BATCH)[:, None]
    inside = ((starts <= vector) & (vector < ends)) * signs
    share = inside[:, :, None] if rows else inside[:, None, :]
    np.testing.assert_array_equal(found, counted(pulses) * share)


@everywhere
def test_directions(kind):
    pulses = made(kind)
    whole = counted(pulses)
    assert (whole > 0).any()
    assert (whole < 0).any()
    place = site(SHAPE)
    for function, expected in (
        (up_only, whole.clip(0)),
        (down_only, whole.clip(None, 0)),
        (down_as_up, -whole.clip(None, 0)),
    ):
        np.testing.assert_array_equal(sum(counted(part) for part in function(place, pulses)), expected)


@pytest.mark.parametrize("columns", [True, False])
@pytest.mark.parametrize(
    "cell",
    [
        TransferCompound(unit_cell_devices=(SOFT, CONSTANT), units_in_mbatch=False, transfer_lr=8.0, gamma=0.2),
        TransferCompound(unit_cell_devices=(SOFT,) * 3, units_in_mbatch=False, n_reads_per_transfer=4, transfer_lr=8.0),
        BufferedTransferCompound(unit_cell_devices=(SOFT, CONSTANT), units_in_mbatch=False, transfer_lr=8.0),
        ChoppedTransferCompound(unit_cell_devices=(SOFT, CONSTANT), in_chop_prob=0.4, out_chop_prob=0.5, fast_lr=0.1),
        DynamicTransferCompound(unit_cell_devices=(SOFT, CONSTANT), in_chop_prob=0.5, in_chop_random=True, fast_lr=0.1),
    ],
    ids=["two cells", "three cells", "buffered", "chopped", "agad"],
)
def test_batches_are_their_vector_pairs_one_by_one(cell, columns):
    """Random trains, devices without noise: spans give what every vector pair by itself gives."""
    cell = cell.replace(transfer_forward=PERFECT, transfer_columns=columns)
    place = site(SHAPE)
    states = [cell.create(place) for _ in range(2)]
    before = np.array(cell.weights(states[0], place))
    for number in range(3):
        x, d = vectors(SHAPE, BATCH, number)
        cell.update(states[0], place, x, d, 0.05, UpdateParameters())
        for one_x, one_d in zip(x, d, strict=True):
            cell.update(states[1], place, one_x[None], one_d[None], 0.05, UpdateParameters())
    left, right = (dict(cell.hidden(state, place)) for state in states)
    for name in left:
        np.testing.assert_allclose(left[name], right[name], atol=2e-5, err_msg=name)
    assert abs(cell.weights(states[0], place) - before).max() > 0.001


@pytest.mark.parametrize("policy", ["SINGLE_SEQUENTIAL", "SINGLE_RANDOM", "ALL"])
def test_vector_cells_share_vector_pairs_out(policy):
    cell = VectorUnitCell(unit_cell_devices=(SOFT, CONSTANT, SOFT), update_policy=policy)
    place = site(SHAPE)
    states = [cell.create(place) for _ in range(2)]
    x, d = vectors(SHAPE, BATCH)
    cell.update(states[0], place, x, d, 0.05, UpdateParameters())
    for one_x, one_d in zip(x, d, strict=True):
        cell.update(states[1], place, one_x[None], one_d[None], 0.05, UpdateParameters())
    np.testing.assert_allclose(cell.weights(states[0], place), cell.weights(states[1], place), atol=2e-6)


def test_both_passes_of_a_span_draw_noise_of_their_own():
    """A pass is an update of the cell, whose number is part of the addresses of its noise."""
    cell = TransferCompound(unit_cell_devices=(SOFT, CONSTANT), units_in_mbatch=False, transfer_forward=PERFECT)
    place = site(SHAPE)
    state = cell.create(place)
    for number in range(1, 4):
        cell.update(state, place, *vectors(SHAPE, 4, number), 0.05, UpdateParameters())
        assert state.cells["0"].numbers["updates"] == 2 * number


@pytest.mark.parametrize("rows", [False, True])
def test_excerpts(rows):
    """Some lines of a nested cell change, the others do not, and nothing is shared meanwhile."""
    cell = VectorUnitCell(unit_cell_devices=(SOFT, CONSTANT))
    place = site(SHAPE)
    state = cell.create(place)
    before = dict(cell.hidden(state, place))
    excerpt = Excerpt(place, np.array([3, 1], np.int32), rows)
    part = excerpt.taken(state)
    assert excerpt.place.shape == ((2, 6) if rows else (4, 2))
    x, d = vectors(excerpt.place.shape, 5)
    cell.update(part, excerpt.place, x, d, 0.05, UpdateParameters())
    np.testing.assert_array_equal(cell.part_weights(0, state, place), before["hidden_weights_0"])
    excerpt.put_back(state, part)
    for number in range(2):
        old, new = before[f"hidden_weights_{number}"], cell.part_weights(number, state, place)
        changed = (old != new).any(axis=1 if rows else 0)
        assert np.flatnonzero(changed).tolist() == [1, 3]
        lines = new[[3, 1]] if rows else new[:, [3, 1]]
        np.testing.assert_array_equal(lines, cell.part_weights(number, part, excerpt.place))
