from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analog.errors import ConfigError
from analog.parameters import UpdateParameters
from analog.parameters.update import MAX_BL
from analog.pulses.scaling import scaling
from tests.analog.pulses.laws import site

ABOVE_ZERO = st.floats(2.0**-14, 1024, width=32)
MANAGED = UpdateParameters()
BALANCED = UpdateParameters(update_bl_management=False)
BARE = UpdateParameters(update_bl_management=False, update_management=False)


def one(x_max, d_max, lr, granularity, parameters):
    sizes = scaling(np.float32([[x_max]]), np.float32([[d_max]]), lr, granularity, parameters, site((1, 1)))
    return int(sizes.lengths[0]), float(sizes.x[0]), float(sizes.d[0])


@pytest.mark.parametrize(
    ("x_max", "d_max", "lr", "length"),
    [
        (1, 0.4, 0.01, 4),
        (1, 0.41, 0.01, 5),
        (0.5, 0.4, 0.01, 2),
        (1, 0.4, 2, 31),
        (1e-3, 1e-3, 1e-3, 1),
        (1, 1, 0.031, 31),
    ],
)
def test_the_fewest_slots_that_carry_the_largest_element(x_max, d_max, lr, length):
    assert one(x_max, d_max, lr, 0.001, MANAGED)[0] == length
    assert one(x_max, d_max, -lr, 0.001, MANAGED)[0] == length


@given(x_max=ABOVE_ZERO, d_max=ABOVE_ZERO, lr=ABOVE_ZERO, bl=st.integers(1, 1000), managed=st.booleans())
def test_what_can_be_reached_is_reached_on_average(x_max, d_max, lr, bl, managed):
    parameters = UpdateParameters(desired_bl=bl, update_bl_management=managed)
    length, x, d = one(x_max, d_max, lr, 0.01, parameters)
    wanted = lr * x_max * d_max / 0.01
    assert length <= bl
    if wanted <= bl:
        assert length * x * d == pytest.approx(lr / 0.01, rel=1e-5)
        assert x * x_max == pytest.approx(d * d_max, rel=1e-5)
        assert x * x_max <= 1 + 1e-6
        if managed:
            assert length - 1 < wanted * (1 + 1e-5)
    else:
        # The largest element fires in all slots.
        assert (length, x * x_max) == (bl, pytest.approx(1, rel=1e-5))
        assert d * d_max >= 1 - 1e-5


def test_a_share_of_the_largest_gradient_clips_it():
    whole, half = (one(1, 0.4, 0.01, 0.001, MANAGED.replace(um_grad_scale=scale)) for scale in (1, 0.5))
    assert (whole[0], half[0]) == (4, 2)
    assert half[1:] == pytest.approx((1, 5), rel=1e-6)


def test_without_managements_both_sides_are_scaled_alike():
    assert one(7, 3, 0.1, 0.001, BARE) == (31, pytest.approx((100 / 31) ** 0.5), pytest.approx((100 / 31) ** 0.5))


def test_a_train_that_grows_with_the_learning_rate():
    growing = BARE.replace(fixed_bl=False, desired_bl=5)
    assert one(1, 1, 0.5, 0.001, growing) == (500, 1.0, 1.0)
    assert one(1, 1, 0.004, 0.001, growing) == (5, *(pytest.approx(0.8**0.5),) * 2)
    with pytest.raises(ConfigError, match=f"100000 slots; at most {MAX_BL}"):
        one(1, 1, 100, 0.001, growing)


@pytest.mark.parametrize("parameters", [MANAGED, BALANCED, BARE, BARE.replace(fixed_bl=False)])
def test_zeros_make_no_pulses(parameters):
    sizes = scaling(
        np.float32([[0], [1], [0], [1]]), np.float32([[1], [0], [0], [1]]), 0.1, 0.001, parameters, site((1, 1))
    )
    assert (sizes.lengths > 0).tolist() == [False, False, False, True]
    assert np.isfinite(sizes.x).all()
    assert np.isfinite(sizes.d).all()
    assert one(1, 1, 0.0, 0.001, parameters)[0] == 0


@pytest.mark.parametrize("bl", [0, MAX_BL + 1])
def test_lengths_beyond_the_limits_are_refused(bl):
    with pytest.raises(ConfigError, match="desired_bl"):
        UpdateParameters(desired_bl=bl)
