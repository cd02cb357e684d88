"""A digital accumulator in front of a device."""

from __future__ import annotations

import numpy as np
import pytest

from analog.compound import MixedPrecisionCompound, OneSidedUnitCell
from analog.compound.quantiser import quantised
from analog.devices import IdealDevice
from analog.errors import ConfigError
from analog.parameters import UpdateParameters
from analog.random import Stream
from tests.analog.compound.oracle import pulses
from tests.analog.compound.places import CERTAIN, SOFT, device_of, hidden, site, vectors

SHAPE = (4, 6)
LR = 0.05


class Oracle:
    """Vector pair after vector pair, row after row."""

    def __init__(self, device, how, every, rows=4, exact=False, granularity=0.0, transfer_lr=1.0):
        self.device, self.how, self.every, self.rows, self.exact = device, how, every, rows, exact
        self.size, self.transfer_lr = granularity or device.g, transfer_lr
        self.chi, self.seen, self.next = np.zeros_like(device.w), 0, 0

    def update(self, x, d, lr):
        for one_x, one_d in zip(x, d, strict=True):
            self.chi += lr * np.outer(one_d, one_x)
            self.seen += 1
            if self.seen % (self.every * len(x)) == 0:
                for _ in range(self.rows):
                    self.transfer(self.next)
                    self.next = (self.next + 1) % len(self.chi)

    def transfer(self, row):
        n = np.trunc(self.chi[row] / self.size)
        self.chi[row] -= n * self.size
        lr = self.size * self.transfer_lr
        counts = np.zeros(self.chi.shape, int)
        if self.exact:
            counts[row] = np.rint(-n * lr / self.device.g)
        else:
            counts[row] = pulses(n, np.ones(1), lr, self.device.g, self.how)[0]
        self.device.step(counts)


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ({}, 4),
        ({"n_rows_per_transfer": 3, "transfer_every": 2}, 3),
        ({"granularity": 0.01, "transfer_lr": 0.7}, 4),
    ],
)
def test_against_oracle(exact, options, rows):
    cell = MixedPrecisionCompound(device=SOFT, exact_write=exact, **options)
    place = site(SHAPE)
    state = cell.create(place)
    given = {name: options[name] for name in ("granularity", "transfer_lr") if name in options}
    device = device_of(SOFT, hidden(cell, state, place), "_0")
    oracle = Oracle(device, CERTAIN, options.get("transfer_every", 1), rows, exact, **given)
    for number in range(6):
        x, d = vectors(SHAPE, 5, number)
        cell.update(state, place, x, d, LR, CERTAIN)
        oracle.update(x.astype(float), d.astype(float), LR)
    np.testing.assert_allclose(cell.weights(state, place), device.w, atol=1e-5)
    np.testing.assert_allclose(hidden(cell, state, place)["hidden_weights_chi"], oracle.chi, atol=1e-5)


def test_random_trains_write_what_was_accumulated():
    """Mean over many devices: five standard errors, a chance of 6e-7 to fail."""
    device = SOFT.replace(dw_min_dtod=0.0, up_down=0.0, up_down_dtod=0.0, w_max=1e3, w_min=-1e3)
    cell = MixedPrecisionCompound(device=device)
    shape = (40, 300)
    place = site(shape)
    state = cell.create(place)
    cell.set_weights(state, place, np.zeros(shape, np.float32))
    x, d = vectors(shape, 1)
    x, d = abs(x), abs(d) + 0.2
    cell.update(state, place, x, d, LR, UpdateParameters())
    wanted = -np.trunc(LR * d.T @ x / device.dw_min) * device.dw_min
    missed = (cell.weights(state, place) - wanted) / device.dw_min
    assert abs(missed.mean()) < 5 * missed.std() / np.sqrt(missed.size)
    assert missed.std() > 0.05


@pytest.mark.parametrize("bins", [2, 5, 16])
def test_levels_of_the_nearest(bins):
    x, _ = vectors((1, 50), 3)
    width = abs(x).max(axis=1, keepdims=True) / (bins // 2)
    np.testing.assert_allclose(quantised(site((1, 50)), x, bins, 0, None), np.rint(x / width) * width, atol=1e-6)
    assert not quantised(site((1, 50)), 0 * x, bins, 0, None).any()


@pytest.mark.parametrize("stream", [Stream.ACCUMULATOR_X, Stream.ACCUMULATOR_D])
def test_levels_by_chance_have_no_bias(stream):
    """Both sides by their own vectors; six standard errors for each of 50 elements, a chance of 1e-7 to fail."""
    x, _ = vectors((1, 50), 1)
    many = np.repeat(x, 4000, axis=0)
    found = quantised(site((1, 50)), many, 6, 0, stream)
    width = abs(x).max() / 3
    np.testing.assert_allclose(found / width, np.rint(found / width), atol=1e-5)
    assert (abs(found.mean(axis=0) - x[0]) <= 6 * width * 0.5 / np.sqrt(4000)).all()


def test_chi_survives_new_weights():
    cell = MixedPrecisionCompound(device=SOFT, transfer_every=2)
    place = site(SHAPE)
    state = cell.create(place)
    cell.update(state, place, *vectors(SHAPE, 3), LR, CERTAIN)
    chi = np.array(state.arrays["chi"])
    assert chi.any()
    cell.set_weights(state, place, np.zeros(SHAPE, np.float32))
    np.testing.assert_array_equal(state.arrays["chi"], chi)
    assert state.numbers["seen"] == 0


def test_a_compound_may_be_the_device():
    cell = MixedPrecisionCompound(device=OneSidedUnitCell(unit_cell_devices=(SOFT,)), exact_write=True)
    place = site(SHAPE)
    state = cell.create(place)
    before = np.array(cell.weights(state, place))
    x, d = vectors(SHAPE, 5)
    cell.update(state, place, x, d, LR, CERTAIN)
    change = cell.weights(state, place) - before
    assert np.corrcoef(change.ravel(), (-d.T @ x).ravel())[0, 1] > 0.8


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"device": IdealDevice()}, "is not"),
        ({"n_rows_per_transfer": 0}, "-1 for all rows"),
        ({"n_rows_per_transfer": -2}, "n_rows_per_transfer"),
        ({"n_x_bins": 1}, "one level says nothing"),
        ({"transfer_every": -1}, "transfer_every"),
    ],
)
def test_refused(options, message):
    with pytest.raises(ConfigError, match=message):
        MixedPrecisionCompound(**options)
