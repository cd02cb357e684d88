from __future__ import annotations

import numpy as np
import pytest

from analog.cell import Site, Storage
from analog.devices import ConstantStepDevice, ExpStepDevice, LinearStepDevice
from analog.parameters import UpdateParameters
from analog.pulses import pulsed_update, write
from analog.random import RandomKey, Stream
from tensorlayer.backend import get_backend
from tests.analog.pulses import reference
from tests.analog.pulses.laws import STEP, law, site, state, vectors
from tests.analog.random.reference import normals, words

SHAPE = (4, 6)
COUNTS = np.array([[3, -2], [0, 1], [-70, 5]], np.int32)
ROWS, COLUMNS = [3, 0, 1], [5, 2]


def slots_of(counts, rows, columns, shape):
    """As many slots as the most pulses, each device firing in its first ones."""
    for number in range(abs(counts).max()):
        slot = np.zeros(shape, int)
        slot[np.ix_(rows, columns)] = np.sign(counts) * (abs(counts) > number)
        yield slot


def written(name, **chosen):
    values, here = state(SHAPE, bound=0.3), site(SHAPE)
    write(law(name), values, here, COUNTS, **chosen)
    return np.array(values.arrays["weights"])


@pytest.mark.parametrize("name", ["constant", "soft", "twice_noisy"])
def test_every_device_gets_exactly_its_pulses(name):
    slots = slots_of(COUNTS, ROWS, COLUMNS, SHAPE)
    expected = reference.step_through(law(name), state(SHAPE, bound=0.3).arrays, slots, site(SHAPE).key)
    weights = written(name, rows=ROWS, columns=COLUMNS)
    np.testing.assert_allclose(weights, expected, rtol=2e-6, atol=1e-7)
    assert np.count_nonzero(weights) == 5


def test_cuda_writes_the_same(simulator):
    there = simulator(written, "soft", rows=ROWS, columns=COLUMNS)
    np.testing.assert_allclose(there, written("soft", rows=ROWS, columns=COLUMNS), rtol=1e-6, atol=1e-7)


def test_whole_rows_and_whole_arrays():
    counts = np.arange(12, dtype=np.int32).reshape(2, 6)
    some, every = state(SHAPE), state(SHAPE)
    write(law("soft", noise=0), some, site(SHAPE), counts, rows=[1, 2])
    whole = np.zeros(SHAPE, np.int32)
    whole[1:3] = counts
    write(law("soft", noise=0), every, site(SHAPE), whole)
    np.testing.assert_array_equal(some.arrays["weights"], every.arrays["weights"])
    assert some.numbers == every.numbers == {"updates": 1}


def test_visible_weights_are_drawn_anew_where_pulses_were():
    values, here, noise = state(SHAPE), site(SHAPE), 0.05
    values.arrays["persistent_weights"] = values.arrays["weights"].copy()
    values.numbers["updates"] = 17
    write(law("soft", noise=0, write_noise=noise), values, here, COUNTS, rows=ROWS, columns=COLUMNS)
    kept, visible = values.arrays["persistent_weights"], values.arrays["weights"]
    quiet = state(SHAPE)
    write(law("soft", noise=0), quiet, here, COUNTS, rows=ROWS, columns=COLUMNS)
    np.testing.assert_array_equal(kept, quiet.arrays["weights"])
    address = (17, here.key.of(Stream.WRITE_NOISE), here.key.seed, here.key.tile)
    drawn = normals(words(np.arange(6), 0, *address).reshape(-1, 2)).reshape(SHAPE)
    pulsed = quiet.arrays["weights"] != 0
    np.testing.assert_allclose(visible, np.where(pulsed, kept + noise * drawn, 0), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("kind", ["STOCHASTIC_COMPRESSED", "MEAN_COUNT", "NONE_WITH_DEVICE"])
def test_updates_move_what_persists(kind):
    plain, noisy, here = state(SHAPE), state(SHAPE), site(SHAPE)
    noisy.arrays["persistent_weights"] = noisy.arrays["weights"].copy()
    x, d = vectors(3, SHAPE)
    x[:, 2] = 0
    for values, noise in ((plain, 0.0), (noisy, 0.05)):
        parameters = UpdateParameters(pulse_type=kind)
        pulsed_update(law("soft", write_noise=noise), values, here, x, d, 0.7, STEP, parameters)
    np.testing.assert_array_equal(noisy.arrays["persistent_weights"], plain.arrays["weights"])
    changed = noisy.arrays["weights"] != 0
    assert changed.mean() > 0.5
    assert (kind == "NONE_WITH_DEVICE") == changed[:, 2].any()
    assert 0.02 < (noisy.arrays["weights"] - noisy.arrays["persistent_weights"])[changed].std() < 0.09


@pytest.mark.parametrize("device", [ConstantStepDevice(), LinearStepDevice(), ExpStepDevice(dw_min_std_add=0.1)])
@pytest.mark.parametrize("most", [3, 12])
def test_wide_rows_give_the_bits_of_narrow_ones(device, most):
    """Rows are stepped pulse after pulse, few columns device by device: the noise of a crosspoint is its own."""
    site = Site((5, 40), Storage(get_backend("numpy").allocator()), RandomKey(1))
    counts = np.random.default_rng(0).integers(-most, most + 1, (5, 40)).astype(np.int32)
    wide = device.create(site)
    start, narrow = wide.copy(), wide.arrays["weights"] * 0
    write(device.law, wide, site, counts)
    for first in range(0, 40, 8):
        some, columns = start.copy(), range(first, first + 8)
        write(device.law, some, site, np.ascontiguousarray(counts[:, first : first + 8]), columns=columns)
        narrow[:, first : first + 8] = some.arrays["weights"][:, first : first + 8]
    np.testing.assert_array_equal(wide.arrays["weights"], narrow)
    assert (wide.arrays["weights"] != start.arrays["weights"]).mean() > 0.7
