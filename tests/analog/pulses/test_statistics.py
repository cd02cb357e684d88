"""What a pulsed update is on average. Each bound is at least five standard errors wide, so that one correct program in
more than a million fails; seeds are fixed."""

from __future__ import annotations

import numpy as np
import pytest

from analog.cell import CellState
from analog.parameters import UpdateParameters
from analog.pulses import make_trains, pulsed_update
from analog.pulses.slots import MASK, VECTOR, WORD
from tests.analog.pulses.laws import Device, Law, constant, site

X, D = np.float32([0.5, -0.2, 0.05, 1]), np.float32([0.1, -0.4, 0.02])
TIMES = 4000
GRANULARITY = 0.001


def counts(lr, parameters, x=X, d=D, times=TIMES):
    """Pulses up less pulses down, (times, outputs, inputs), of one vector pair applied again and again."""
    here = site((len(d), len(x)))
    pulses = make_trains(np.tile(x, (times, 1)), np.tile(d, (times, 1)), lr, GRANULARITY, parameters, here, 0)
    table = pulses.table
    x_plus, x_minus, d_plus, d_minus = (array[table[:, WORD]] for array in pulses.source[:4])
    d_plus, d_minus = ((array & np.uint32(table[:, MASK, None]))[:, :, None] for array in (d_plus, d_minus))
    x_plus, x_minus = x_plus[:, None], x_minus[:, None]
    ups = np.bitwise_count((x_plus & d_minus) | (x_minus & d_plus)).astype(int)
    found = np.zeros((times, len(d), len(x)))
    np.add.at(found, table[:, VECTOR], ups - np.bitwise_count((x_plus & d_plus) | (x_minus & d_minus)))
    return found


@pytest.fixture(scope="module")
def managed():
    return counts(0.01, UpdateParameters())


def test_the_mean_is_the_outer_product(managed):
    wanted = -0.01 * np.outer(D, X) / GRANULARITY
    error = managed.std(0) / TIMES**0.5
    assert (abs(managed.mean(0) - wanted) <= 5 * error + 1e-6).all()


def test_the_largest_element_gets_all_its_pulses(managed):
    assert (managed[:, 1, 3] == 4).all()


def test_the_variance_is_binomial(managed):
    """Gokmen and Vlasov, eq. 4: ``BL p (1 - p)`` with ``p`` the chance of a coincidence; here ``BL = 4``."""
    p = abs(0.01 * np.outer(D, X) / GRANULARITY) / 4
    variance = 4 * p * (1 - p)
    # Of a sample variance: that of a normal distribution, and that of rare events.
    error = np.sqrt((2 * variance**2 + variance) / TIMES)
    assert (abs(managed.var(0) - variance) <= 5 * error + 1e-12).all()


def test_lines_share_their_trains(managed):
    """Crosspoints of one row are correlated by the row's train, those of different lines are not.

    For crosspoints with chances ``p q`` and ``p r`` in one row the covariance per slot is ``p q r (1 - p)``.
    """
    signed = managed * -np.sign(np.outer(D, X))
    scale = (0.01 / GRANULARITY / 4) ** 0.5 * (0.4 / 1) ** 0.5
    px, pd = np.minimum(scale * abs(X), 1), np.minimum(scale * abs(D) * 2.5, 1)
    np.testing.assert_allclose(np.outer(pd, px) * 4, abs(0.01 * np.outer(D, X) / GRANULARITY), rtol=1e-5)
    in_row = np.cov(signed[:, 0, 0], signed[:, 0, 1])[0, 1]
    assert in_row == pytest.approx(4 * pd[0] * px[0] * px[1] * (1 - pd[0]), abs=5 * 4 * 0.2 / TIMES**0.5 * 0.3)
    assert in_row > 5 * signed[:, 0, 0].std() * signed[:, 0, 1].std() / TIMES**0.5
    apart = np.cov(signed[:, 0, 0], signed[:, 2, 1])[0, 1]
    assert abs(apart) < 5 * signed[:, 0, 0].std() * signed[:, 2, 1].std() / TIMES**0.5


def test_what_exceeds_the_train_is_cut():
    """Of the 800 pulses that the largest element should get there are 31; golden numbers of aihwkit 1.2.0."""
    found = counts(2.0, UpdateParameters(), times=500)
    assert (abs(found[:, 1, 3]) == 31).all()
    ratio = found.mean(0)[:, 3] / (-2.0 * D / GRANULARITY)
    assert ratio == pytest.approx([0.155, 0.039, 0.77], rel=0.02)


def test_a_long_train_carries_a_large_learning_rate():
    parameters = UpdateParameters(update_bl_management=False, update_management=False, fixed_bl=False, desired_bl=5)
    found = counts(0.5, parameters, times=200)
    error = found.std(0) / 200**0.5
    assert (abs(found.mean(0) + 0.5 * np.outer(D, X) / GRANULARITY) <= 5 * error + 1e-6).all()
    assert 215 < abs(found).max() < 245


@pytest.mark.parametrize("kind", ["STOCHASTIC_COMPRESSED", "STOCHASTIC"])
def test_both_ways_to_make_trains_agree_on_average(kind):
    found = counts(0.01, UpdateParameters(pulse_type=kind, desired_bl=10, update_bl_management=False), times=2000)
    error = found.std(0) / 2000**0.5
    assert (abs(found.mean(0) + 0.01 * np.outer(D, X) / GRANULARITY) <= 5 * error + 1e-6).all()


def test_rounding_at_random_has_no_bias():
    options = {"desired_bl": 31, "update_bl_management": False, "res": 0.3}
    wanted = -0.01 * np.outer(D, X) / GRANULARITY
    random = counts(0.01, UpdateParameters(**options, sto_round=True), times=2000)
    assert (abs(random.mean(0) - wanted) <= 5 * random.std(0) / 2000**0.5 + 1e-6).all()
    nearest = counts(0.01, UpdateParameters(**options), times=100)
    assert (nearest[:, 2] == 0).all()  # 0.02 is rounded away


@pytest.mark.parametrize("additive", [False, True])
def test_noise_of_the_devices(additive):
    """The variance of ``n`` pulses is ``n`` times that of one, drawn at once or one by one; no two devices share it."""
    shape, noise = (200, 200), 0.5
    here = site(shape)
    arrays = {name: here.storage.full(shape, value) for name, value in (("dwmin_up", 0.01), ("dwmin_down", 0.02))}
    arrays |= {"max_bound": here.storage.full(shape, 9), "min_bound": here.storage.full(shape, -9)}
    values = CellState(arrays | {"weights": here.storage.zeros(shape)})
    signs = np.float32([1] * 100 + [-1] * 100)
    x, d = np.ones((10, 200), np.float32), np.tile(signs, (10, 1))
    parameters = UpdateParameters(desired_bl=1, update_bl_management=False)
    pulsed_update(Law(constant, Device(dw_min_std=noise), additive), values, here, x, d, 0.01, 0.01, parameters)
    weights = np.asarray(values.arrays["weights"], np.float64)
    for rows, mean in ((weights[:100], -0.2), (weights[100:], 0.1)):
        spread = abs(mean) * noise / 10**0.5
        assert rows.mean() == pytest.approx(mean, abs=5 * spread / 20000**0.5)
        assert rows.var() == pytest.approx(spread**2, rel=5 * (2 / 20000) ** 0.5)
        standard = (rows - mean) / spread
        assert abs(np.corrcoef(standard[:, :-1].ravel(), standard[:, 1:].ravel())[0, 1]) < 5 / 20000**0.5
        assert abs((standard**4).mean() - 3) < 5 * (96 / 20000) ** 0.5


def test_bounds_within_reach_of_the_noise():
    """On average ten pulses end below the bound, with their noise often beyond it: at once is as one by one."""
    shape, finals = (100, 200), []
    for additive in (True, False):
        here = site(shape)
        arrays = {name: here.storage.full(shape, 0.01) for name in ("dwmin_up", "dwmin_down")}
        arrays |= {"max_bound": here.storage.full(shape, 0.105), "min_bound": here.storage.full(shape, -9)}
        values = CellState(arrays | {"weights": here.storage.zeros(shape)})
        x, d = np.ones((10, 200), np.float32), -np.ones((10, 100), np.float32)
        parameters = UpdateParameters(desired_bl=1, update_bl_management=False)
        pulsed_update(Law(constant, Device(dw_min_std=0.5), additive), values, here, x, d, 0.01, 0.01, parameters)
        finals.append(np.asarray(values.arrays["weights"], np.float64))
    assert finals[0].max() == finals[1].max() == np.float32(0.105)
    error = (finals[0].var() / finals[0].size + finals[1].var() / finals[1].size) ** 0.5
    assert abs(finals[0].mean() - finals[1].mean()) <= 5 * error
    assert finals[1].mean() < 0.1 - 10 * error  # the bound takes part
