"""Several devices per crosspoint."""

from __future__ import annotations

import numpy as np
import pytest

from analog.compound import ReferenceUnitCell, VectorUnitCell, VectorUnitCellUpdatePolicy
from analog.devices import IdealDevice, SoftBoundsDevice
from analog.errors import ConfigError
from analog.parameters import UpdateParameters
from tensorlayer.errors import ShapeError
from tests.analog.compound.oracle import pulses
from tests.analog.compound.places import CERTAIN, CONSTANT, FINE, SOFT, devices, hidden, site, vectors

SHAPE = (4, 6)
LR = 0.05
POLICIES = VectorUnitCellUpdatePolicy


def turns(policy, current, batch, count):
    """The devices that vector pairs update, for the policies without chance."""
    if policy is POLICIES.ALL:
        return [range(count)] * batch
    step = int(policy is POLICIES.SINGLE_SEQUENTIAL)
    return [[(current + step * (number + 1)) % count] for number in range(batch)]


@pytest.mark.parametrize("policy", [POLICIES.ALL, POLICIES.SINGLE_FIXED, POLICIES.SINGLE_SEQUENTIAL])
def test_policies(policy):
    cell = VectorUnitCell(
        unit_cell_devices=(SOFT, FINE, CONSTANT), update_policy=policy, first_update_idx=1, gamma_vec=(1.0, 0.5, -0.25)
    )
    place = site(SHAPE)
    state = cell.create(place)
    oracle = devices(cell, state, place)
    current = 1
    for number, batch in enumerate((5, 1, 8)):
        x, d = vectors(SHAPE, batch, number)
        cell.update(state, place, x, d, LR, CERTAIN)
        chosen = turns(policy, current, batch, 3)
        for one_x, one_d, updated in zip(x.astype(float), d.astype(float), chosen, strict=True):
            counts = pulses(one_x, one_d, LR, cell.granularity, CERTAIN)
            for index in updated:
                oracle[index].step(counts)
        current = chosen[-1][-1] if policy is not POLICIES.ALL else current
    for index, device in enumerate(oracle):
        np.testing.assert_allclose(cell.part_weights(index, state, place), device.w, atol=1e-5)
    visible = oracle[0].w + 0.5 * oracle[1].w - 0.25 * oracle[2].w
    np.testing.assert_allclose(cell.weights(state, place), visible, atol=1e-5)


def test_all_devices_see_the_same_coincidences():
    """Two equal devices without noise stay equal under random trains."""
    quiet = SoftBoundsDevice(dw_min_dtod=0.0, w_max_dtod=0.0, w_min_dtod=0.0, up_down_dtod=0.0, dw_min_std=0.0)
    cell = VectorUnitCell(unit_cell_devices=(quiet, quiet))
    place = site(SHAPE)
    state = cell.create(place)
    cell.update(state, place, *vectors(SHAPE, 9), LR, UpdateParameters())
    np.testing.assert_array_equal(cell.part_weights(0, state, place), cell.part_weights(1, state, place))
    assert np.ptp(cell.part_weights(0, state, place)) > 0.1


def test_random_devices_are_chosen_evenly():
    """A multinomial count of 3 devices: the chi-squared bound is exceeded with a probability of 1e-6."""
    cell = VectorUnitCell(unit_cell_devices=(CONSTANT,) * 3, update_policy=POLICIES.SINGLE_RANDOM)
    place = site((1, 1))
    state = cell.create(place)
    counts = np.zeros(3)
    for _ in range(30):
        for number, kept in cell._shares(state, place, 100):
            counts[number] += kept.sum()
    assert counts.sum() == 3000
    assert ((counts - 1000) ** 2 / 1000).sum() < 27.6


def test_writing_weights():
    weights = np.random.default_rng(0).uniform(-0.1, 0.1, SHAPE).astype(np.float32)
    place = site(SHAPE)
    for policy, written in ((POLICIES.ALL, {0, 1}), (POLICIES.SINGLE_FIXED, {1})):
        cell = VectorUnitCell(unit_cell_devices=(CONSTANT, CONSTANT), update_policy=policy)
        state = cell.create(place)
        cell.select(state, 1)
        cell.set_weights(state, place, weights)
        equal = {k for k in range(2) if np.array_equal(cell.part_weights(k, state, place), weights)}
        assert equal == written


def test_selected_device_alone_is_updated():
    cell = VectorUnitCell(unit_cell_devices=(CONSTANT, CONSTANT), update_policy=POLICIES.SINGLE_FIXED)
    place = site(SHAPE)
    state = cell.create(place)
    for chosen in (0, 1):
        cell.select(state, chosen)
        before = [np.array(cell.part_weights(k, state, place)) for k in range(2)]
        cell.update(state, place, *vectors(SHAPE, 4), LR, CERTAIN)
        after = [cell.part_weights(k, state, place) for k in range(2)]
        assert [bool((a != b).any()) for a, b in zip(before, after, strict=True)] == [k == chosen for k in range(2)]
    with pytest.raises(ConfigError, match="no device 2"):
        cell.select(state, 2)


def test_reference_stays():
    cell = ReferenceUnitCell(unit_cell_devices=(SOFT,))
    assert cell.parts == (SOFT, SOFT)
    place = site(SHAPE)
    state = cell.create(place)
    reference = np.float32(0.05) * np.ones(SHAPE, np.float32)
    cell.select(state, 1)
    cell.set_weights(state, place, reference)
    cell.select(state, 0)
    cell.set_weights(state, place, 2 * reference)
    np.testing.assert_allclose(cell.weights(state, place), reference, atol=1e-7)
    cell.update(state, place, *vectors(SHAPE, 4), LR, CERTAIN)
    np.testing.assert_array_equal(cell.part_weights(1, state, place), reference)
    np.testing.assert_allclose(cell.weights(state, place), cell.part_weights(0, state, place) - reference, atol=1e-7)


def test_hidden_arrays():
    cell = VectorUnitCell(unit_cell_devices=(SOFT, CONSTANT))
    place = site(SHAPE)
    state = cell.create(place)
    view = cell.hidden(state, place)
    assert {"max_bound_0", "slope_up_0", "hidden_weights_0", "max_bound_1", "hidden_weights_1"} <= set(view)
    assert "slope_up_1" not in view
    assert len(view) == len(list(view))
    view["hidden_weights_1"] = np.full(SHAPE, 0.1, np.float32)
    expected = 0.5 * np.array(view["hidden_weights_0"]) + 0.05
    np.testing.assert_allclose(cell.weights(state, place), expected, atol=1e-7)
    view["max_bound_1"] = np.full(SHAPE, 0.02, np.float32)
    np.testing.assert_allclose(view["hidden_weights_1"], 0.02)
    with pytest.raises(ConfigError, match="no hidden array"):
        view["hidden_weights_2"]
    with pytest.raises(ShapeError, match="hidden_weights"):
        view["hidden_weights_0"] = np.zeros((2, 2), np.float32)
    with pytest.raises(ConfigError, match="cannot be removed"):
        del view["hidden_weights_0"]


def test_nested_names():
    inner = ReferenceUnitCell(unit_cell_devices=(CONSTANT, CONSTANT))
    cell = VectorUnitCell(unit_cell_devices=(inner, CONSTANT))
    place = site((2, 2))
    names = set(cell.hidden(cell.create(place), place))
    assert {"hidden_weights_0_0", "hidden_weights_1_0", "hidden_weights_0", "hidden_weights_1"} <= names


def test_construction_seed_fixes_parameters_of_all_cells_but_not_weights():
    cell = VectorUnitCell(unit_cell_devices=(SOFT, CONSTANT), construction_seed=10)
    views = [hidden(cell, cell.create(site(SHAPE, seed)), site(SHAPE, seed)) for seed in (1, 2)]
    for name in views[0]:
        same = np.array_equal(views[0][name], views[1][name])
        assert same != name.startswith("hidden_weights"), name
    other = cell.replace(construction_seed=0)
    place = site(SHAPE)
    assert not np.array_equal(hidden(other, other.create(place), place)["max_bound_0"], views[0]["max_bound_0"])


def test_decay_of_each_device():
    """The catalogue of reference assertions: ``(w - b) * s**2 + b`` after two steps."""
    inner = ReferenceUnitCell(unit_cell_devices=(CONSTANT.replace(lifetime=50.0, lifetime_dtod=0.1),) * 2)
    place = site((1, 1))
    state = inner.create(place)
    view = inner.hidden(state, place)
    for number, (weight, scale, bias) in enumerate(((0.3, 0.95, 0.3), (-0.2, 0.28, -0.3))):
        for name, value in (("hidden_weights", weight), ("decay_scales", scale), ("reset_bias", bias)):
            view[f"{name}_{number}"] = np.full((1, 1), value, np.float32)
    for _ in range(2):
        inner.post_update(state, place)
    expected = [(w - b) * s**2 + b for w, s, b in ((0.3, 0.95, 0.3), (-0.2, 0.28, -0.3))]
    for number, value in enumerate(expected):
        np.testing.assert_allclose(view[f"hidden_weights_{number}"], value, atol=1e-6)
    np.testing.assert_allclose(inner.weights(state, place), expected[0] - expected[1], atol=1e-6)


def test_housekeeping_reaches_every_device():
    cell = VectorUnitCell(unit_cell_devices=(CONSTANT.replace(diffusion=0.01), SOFT.replace(diffusion=0.01)))
    place = site(SHAPE)
    state = cell.create(place)
    for change in (
        lambda: cell.diffuse_weights(state, place),
        lambda: cell.reset_columns(state, place, 1, 2),
    ):
        before = [np.array(cell.part_weights(k, state, place)) for k in range(2)]
        change()
        after = [np.array(cell.part_weights(k, state, place)) for k in range(2)]
        assert all((a != b).any() for a, b in zip(before, after, strict=True))
        np.testing.assert_allclose(cell.weights(state, place), (after[0] + after[1]) / 2, atol=1e-7)


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (VectorUnitCell, {"unit_cell_devices": ()}, "1 to 14 cells"),
        (VectorUnitCell, {"gamma_vec": (1.0, 2.0, 3.0)}, "3 factors for 2 devices"),
        (VectorUnitCell, {"first_update_idx": 2}, "devices 0 to 1"),
        (VectorUnitCell, {"unit_cell_devices": (IdealDevice(), CONSTANT)}, "IdealDevice"),
        (VectorUnitCell, {"update_policy": "SOME"}, "member of VectorUnitCellUpdatePolicy"),
        (ReferenceUnitCell, {"unit_cell_devices": (CONSTANT,) * 3}, "a device and its reference"),
    ],
)
def test_refused(kind, options, message):
    with pytest.raises(ConfigError, match=message):
        kind(**{"unit_cell_devices": (CONSTANT, CONSTANT), **options})
