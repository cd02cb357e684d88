from __future__ import annotations

import numpy as np
import pytest

from analog.errors import ConfigError
from analog.pulses import Law, write
from analog.pulses.law import bind
from tests.analog.pulses.laws import Device, law, site, soft, state

SHAPE = (2, 3)


def pulsed(step, **numbers):
    values = state(SHAPE, weight=0.1)
    values.numbers |= numbers
    write(Law(step, Device(dw_min_std=0.5)), values, site(SHAPE), np.full(SHAPE, 2, np.int32))
    return values.arrays["weights"]


def test_a_step_of_a_script():
    """Constants of Python are fine: what comes out is float32."""
    weights = pulsed(lambda w, direction, dwmin_up, curve: w + 0.5 * direction * dwmin_up * curve[2])
    np.testing.assert_allclose(weights, 0.1 + 0.25 * state(SHAPE).arrays["dwmin_up"], rtol=1e-6)
    assert weights.dtype == np.float32


def test_a_step_may_ask_for_nothing():
    np.testing.assert_allclose(pulsed(lambda w, direction: w + direction / 128), 0.1 + 2 / 128, rtol=1e-6)


def test_a_step_calls_functions():
    def half(w):
        return w / 2

    np.testing.assert_allclose(pulsed(lambda w, direction: half(w)), 0.025, rtol=1e-6)


def test_numbers_of_the_state_come_before_fields():
    np.testing.assert_allclose(pulsed(lambda w, direction, dw_min_std: w + dw_min_std, dw_min_std=0.125), 0.35)
    np.testing.assert_allclose(pulsed(lambda w, direction, dw_min_std: w + dw_min_std, dw_min_std=0.0625), 0.225)


def test_values_of_parameters_compile_nothing():
    first, second = (bind(law("soft", noise=noise), state(SHAPE), site(SHAPE)) for noise in (0.1, 0.2))
    assert first.step is second.step
    assert first.arguments[-1] != second.arguments[-1]


def test_noise_is_drawn_only_where_it_is_asked_for():
    assert bind(law("soft"), state(SHAPE), site(SHAPE)).normals == 1
    assert bind(law("soft", noise=0), state(SHAPE), site(SHAPE)).normals == 0
    assert bind(law("twice_noisy"), state(SHAPE), site(SHAPE)).normals == 2
    assert bind(law("table"), state(SHAPE), site(SHAPE)).normals == 0


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (lambda w: w, r"takes \(w, direction, <names>\), not \(w\)"),
        (lambda w, direction, gamma: w, "asks for 'gamma'.*dwmin_down, dwmin_up, max_bound.*fields of Device"),
        (lambda w, direction, replace: w, "asks for 'replace'"),
    ],
)
def test_steps_that_cannot_be_bound(step, message):
    values = state(SHAPE)
    with pytest.raises(ConfigError, match=message):
        write(Law(step, Device()), values, site(SHAPE), np.ones(SHAPE, np.int32))
    assert not values.numbers
    assert not values.arrays["weights"].any()


def test_a_law_is_a_value():
    assert Law(soft, Device()) == Law(soft, Device())
