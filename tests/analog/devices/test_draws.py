"""Numbers by name."""

from __future__ import annotations

import numpy as np
import pytest

from analog.devices import Draws
from analog.errors import ConfigError
from tests.analog.devices.sites import site


def test_each_name_has_numbers_of_its_own():
    draws = Draws(site((50, 40)))
    arrays = [draws.normal(name) for name in ("max_bound", "min_bound", "gain", "mine", "another")]
    correlations = np.corrcoef([array.ravel() for array in arrays])
    assert np.abs(correlations - np.eye(5)).max() < 5 / np.sqrt(2000)
    np.testing.assert_array_equal(draws.normal("mine"), arrays[3])


def test_common_names_do_not_depend_on_what_was_drawn_before():
    first, second = Draws(site((3, 4))), Draws(site((3, 4)))
    first.normal("mine")
    np.testing.assert_array_equal(first.normal("gain"), second.normal("gain"))


def test_what_does_not_differ_is_a_number():
    draws = Draws(site((3, 4)))
    assert draws.spread("a", 2.0, 0.0) == 2.0
    assert draws.spread("a", 0.0, 0.5) == 0.0
    assert draws.shifted("a", 2.0, 0.0) == 2.0
    assert draws.gain("a", 0.0, log_normal=True) == 1.0


def test_there_is_an_end():
    draws = Draws(site())
    for number in range(176):
        draws.normal(f"name {number}")
    with pytest.raises(ConfigError, match=r"at most 176.*'one more'"):
        draws.normal("one more")
