"""A device of a user's own, defined here and nowhere else, on the CPU and on CUDA."""

from __future__ import annotations

import numpy as np
import pytest

from analog.cell import CellState
from analog.compound import TransferCompound, VectorUnitCell
from analog.devices import (
    ConstantStepDevice,
    Draws,
    ExpStepDevice,
    HiddenStepDevice,
    LinearStepDevice,
    PiecewiseStepDevice,
    PowStepDevice,
    PulsedDevice,
    SoftBoundsDevice,
    SoftBoundsReferenceDevice,
)
from analog.errors import ConfigError
from analog.parameters import UpdateParameters
from tests.analog.devices.sites import QUIET, made, site


class Quadratic(PulsedDevice):
    curvature: float = 0.5

    @staticmethod
    def step(w, direction, dwmin_up, dwmin_down, dw_min_std, curvature, normal):
        size = dwmin_up if direction > 0 else dwmin_down
        return w + direction * size * (1 - curvature * w * w) * (1 + dw_min_std * normal)


class Sticky(PulsedDevice):
    """With a parameter of its own for each crosspoint."""

    stickiness: float = 0.5

    def draw(self, draws: Draws):
        return super().draw(draws) | {"threshold": abs(draws.normal("threshold")), "lag": draws.spread("lag", 2.0, 0.1)}

    @staticmethod
    def step(w, direction, dwmin_up, threshold, stickiness, lag, normal2):
        return w + direction * dwmin_up * lag * (stickiness if threshold > abs(normal2) else 1.0)


class Forgetful(PulsedDevice):
    @staticmethod
    def step(w, direction, dwmin_up, dwmin_dwon):
        return w


def test_its_law_by_hand():
    device = Quadratic(**QUIET, curvature=2.0)
    state, place = made(device, weight=0.3)
    device.write(state, place, np.full((1, 1), 20, np.int32))
    w = 0.3
    for _ in range(20):
        w += 0.001 * (1 - 2.0 * w * w)
    assert state.arrays["weights"][0, 0] == pytest.approx(w, abs=1e-6)


def test_it_takes_part_in_compounds():
    quadratic, constant = Quadratic(**QUIET, curvature=2.0), ConstantStepDevice(**QUIET)
    cell = VectorUnitCell(unit_cell_devices=(quadratic, constant), gamma_vec=(1.0, 0.5))
    state, place = made(cell, weight=0.0)
    cell.write(state, place, np.full((1, 1), 100, np.int32))
    alone, _ = made(quadratic, weight=0.0)
    quadratic.write(alone, place, np.full((1, 1), 100, np.int32))
    assert cell.weights(state, place)[0, 0] == pytest.approx(float(alone.arrays["weights"][0, 0]) + 0.05, abs=1e-6)


def test_it_is_trained_by_transfer():
    """The fast and the slow array both have the new law; each batch carries over one column."""
    cell = TransferCompound(unit_cell_devices=(Quadratic(**QUIET), Quadratic(**QUIET)), transfer_every=1.0)
    state, place = made(cell, (2, 3))
    x, d = np.full((20, 3), 0.5, np.float32), np.full((20, 2), -0.5, np.float32)
    for _ in range(3):
        cell.update(state, place, x, d, 0.1, UpdateParameters())
    assert np.all(cell.weights(state, place) > 0.01)


def test_parameters_of_its_crosspoints():
    state, place = made(Sticky(), (40, 40))
    hidden = Sticky().hidden(state, place)
    assert list(hidden)[-2:] == ["threshold", "lag"]
    assert hidden["threshold"].mean() == pytest.approx(np.sqrt(2 / np.pi), abs=5 * 0.6 / 40)
    assert hidden["lag"].std() == pytest.approx(0.2, rel=0.1)
    # Streams go by name: what others draw is the same with and without them.
    np.testing.assert_array_equal(hidden["max_bound"], made(Quadratic(), (40, 40))[0].arrays["max_bound"])


def test_a_name_that_nobody_knows():
    state, place = made(Forgetful())
    with pytest.raises(ConfigError, match="'dwmin_dwon'"):
        Forgetful().write(state, place, np.ones((1, 1), np.int32))


DEVICES = {
    "constant": ConstantStepDevice(),
    "linear": LinearStepDevice(gamma_up=0.3, gamma_down=0.2, mult_noise=False),
    "soft bounds": SoftBoundsDevice(write_noise_std=2.0),
    "reference": SoftBoundsReferenceDevice(subtract_symmetry_point=True, reference_std=0.05),
    "exponential": ExpStepDevice(dw_min_std_add=0.0001),
    "power": PowStepDevice(pow_gamma=1.5),
    "table": PiecewiseStepDevice(piecewise_up=[1, 0.5, 0.2]),
    "hidden": HiddenStepDevice(hs_hidden_states=2),
    "quadratic": Quadratic(),
    "sticky": Sticky(),
}


def written(name: str, state: CellState) -> CellState:
    """After some pulses."""
    counts = np.array([[-4, 0, 1], [3, -1, 2]], np.int32)
    DEVICES[name].write(state, site((2, 3)), counts)
    return state


def life(name: str) -> CellState:
    """Of a device that was made, updated, reset and left alone."""
    device, place = DEVICES[name].replace(lifetime=50.0, diffusion=0.01, corrupt_devices_prob=0.1), site((2, 3))
    state = device.create(place)
    x, d = np.array([[0.5, -0.2, 0.9]], np.float32), np.array([[-0.3, 0.4]], np.float32)
    device.update(state, place, x, d, 0.05, UpdateParameters())
    device.reset_columns(state, place, 2, 2, 0.5)
    device.post_update(state, place)
    return state


def assert_equal(here: CellState, there: CellState) -> None:
    assert here.numbers == there.numbers
    assert here.arrays.keys() == there.arrays.keys()
    for key, values in here.arrays.items():
        np.testing.assert_allclose(there.arrays[key], values, rtol=1e-6, atol=1e-7, err_msg=key)


@pytest.mark.parametrize("name", DEVICES)
def test_pulses_do_the_same_on_the_cpu_and_on_cuda(name, simulator):
    state = DEVICES[name].create(site((2, 3)))
    there = simulator(written, name, state.copy())
    before = state.copy()
    assert_equal(written(name, state), there)
    assert not np.array_equal(before.arrays["weights"], state.arrays["weights"])


def test_a_whole_life_is_the_same_on_the_cpu_and_on_cuda(simulator):
    assert_equal(life("reference"), simulator(life, "reference"))
