"""Pulsed updates against their definition: the same bits, stepped one by one in Python."""

from __future__ import annotations

import numpy as np
import pytest

from analog.kernels import kernel as kernels
from analog.parameters import UpdateParameters
from analog.parameters.enums import PulseType
from analog.pulses import make_trains, pulsed_update
from analog.pulses.few_words import FEW
from analog.pulses.scaling import scaling
from analog.random import Stream
from tests.analog.pulses import reference
from tests.analog.pulses.laws import STEP, STEPS, law, site, state, vectors
from tests.analog.random.reference import normals, words

SHAPE = (5, 7)
PULSED = [
    PulseType.STOCHASTIC_COMPRESSED,
    PulseType.STOCHASTIC,
    PulseType.MEAN_COUNT,
    PulseType.DETERMINISTIC_IMPLICIT,
]


def updated(name, lr, parameters, *, additive=False, noise=0.3, shape=SHAPE, bound=0.6, batch=6):
    """Weights after one update by the kernels of the target."""
    here, values = site(shape), state(shape, bound)
    x, d = vectors(batch, shape)
    pulsed_update(law(name, noise=noise, additive=additive), values, here, x, d, lr, STEP, parameters)
    return np.array(values.arrays["weights"])


def expected(name, lr, parameters, *, noise=0.3, shape=SHAPE, bound=0.6, batch=6):
    x, d = vectors(batch, shape)
    sizes = scaling(x, d, lr, STEP, parameters, site(SHAPE))
    slots = reference.directions(x, d, sizes, lr < 0, parameters, site(shape).key)
    return reference.step_through(law(name, noise=noise), state(shape, bound).arrays, slots, site(shape).key)


@pytest.mark.parametrize("kind", PULSED)
@pytest.mark.parametrize(("lr", "few"), [(0.7, FEW), (-0.7, 0)])
def test_every_type_of_pulses(kind, lr, few, monkeypatch):
    monkeypatch.setattr("analog.pulses.trains.FEW", few)
    parameters = UpdateParameters(pulse_type=kind)
    np.testing.assert_allclose(updated("soft", lr, parameters), expected("soft", lr, parameters), rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize(
    ("name", "noise"), [(name, noise) for name in STEPS for noise in (0.0, 0.3) if (name, noise) != ("soft", 0.3)]
)
def test_every_kind_of_law(name, noise):
    parameters = UpdateParameters()
    weights = updated(name, 0.7, parameters, noise=noise)
    np.testing.assert_allclose(weights, expected(name, 0.7, parameters, noise=noise), rtol=2e-6, atol=1e-7)
    assert np.count_nonzero(weights) > weights.size / 2


@pytest.mark.parametrize(
    "options",
    [
        {"desired_bl": 100, "update_bl_management": False},
        {"desired_bl": 40, "update_bl_management": False, "pulse_type": "STOCHASTIC"},
        {"desired_bl": 3, "um_grad_scale": 0.5},
        {"desired_bl": 7, "update_bl_management": False, "update_management": False},
        {"desired_bl": 1, "update_bl_management": False, "update_management": False, "fixed_bl": False},
        {"res": 0.25},
        {"res": 0.25, "sto_round": True},
        {"pulse_type": "DETERMINISTIC_IMPLICIT", "x_res_implicit": 0.25, "d_res_implicit": 0.125},
    ],
    ids=str,
)
def test_every_option(options):
    parameters = UpdateParameters(**options)
    np.testing.assert_allclose(
        updated("soft", 0.7, parameters), expected("soft", 0.7, parameters), rtol=2e-6, atol=1e-7
    )


def test_bounds_hold_after_every_pulse():
    parameters = UpdateParameters()
    for additive in (False, True):
        weights = updated("constant", 3.0, parameters, bound=0.02, additive=additive)
        np.testing.assert_allclose(weights, expected("constant", 3.0, parameters, bound=0.02), rtol=2e-6, atol=1e-7)
    assert (weights == state(SHAPE, 0.02).arrays["max_bound"]).any()


@pytest.mark.parametrize("kind", PULSED)
def test_pulses_at_once_are_pulses_one_by_one(kind):
    parameters = UpdateParameters(pulse_type=kind)
    at_once = updated("constant", 0.7, parameters, additive=True, noise=0.0)
    np.testing.assert_allclose(at_once, updated("constant", 0.7, parameters, noise=0.0), rtol=1e-5, atol=1e-7)


def test_the_noise_of_all_pulses_has_an_address_of_its_own():
    """Draw 2**31, which no sequence of pulses reaches, in the order of an array."""
    here, parameters, (x, d) = site(SHAPE), UpdateParameters(), vectors(6, SHAPE)
    sizes = scaling(x, d, 0.7, STEP, parameters, site(SHAPE))
    slots = np.array(list(reference.directions(x, d, sizes, False, parameters, here.key)))
    ups, downs, values = (slots > 0).sum(0), (slots < 0).sum(0), state(SHAPE).arrays
    address = (0, here.key.of(Stream.CYCLE_TO_CYCLE), here.key.seed, here.key.tile)
    normal = normals(words(np.arange(9), 1 << 31, *address).reshape(-1, 2)).reshape(-1)[:35].reshape(SHAPE)
    up, down = values["dwmin_up"], values["dwmin_down"]
    expected = ups * up - downs * down + 0.3 * np.sqrt(ups * up**2 + downs * down**2) * normal
    weights = updated("constant", 0.7, parameters, additive=True, bound=9.0)
    np.testing.assert_allclose(weights, expected, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", ["constant", "soft"])
def test_a_batch_is_its_vector_pairs_one_after_the_other(name):
    (x, d), parameters = vectors(6, SHAPE), UpdateParameters()
    here, values = site(SHAPE), state(SHAPE)
    for number in range(6):
        one = slice(number, number + 1)
        pulsed_update(
            law(name, noise=0, additive=name == "constant"), values, here, x[one], d[one], 0.7, STEP, parameters
        )
    together = updated(name, 0.7, parameters, noise=0.0, additive=name == "constant")
    np.testing.assert_allclose(values.arrays["weights"], together, rtol=1e-5, atol=1e-7)
    assert values.numbers == {"vectors": 6, "updates": 6}


@pytest.mark.parametrize(("name", "bound"), [("constant", 0.6), ("constant", 0.1), ("soft", 0.6), ("twice_noisy", 0.6)])
@pytest.mark.parametrize("shape", [(40, 37), (3, 130)])
@pytest.mark.parametrize("options", [{}, {"desired_bl": 31, "update_bl_management": False}], ids=str)
def test_rows_at_once_give_the_bits_of_the_definition(name, bound, shape, options, monkeypatch):
    """What the CPU does with whole rows, and what a thread of CUDA does with one crosspoint."""
    parameters = UpdateParameters(**options)
    additive = name == "constant"
    given = {"additive": additive, "shape": shape, "bound": bound, "batch": 20}
    rows = updated(name, 2.0, parameters, **given)
    launch = kernels.CPU.launch

    def elements(self, kernel, *arguments, **work):
        launch(kernels.Kernel(kernel.cuda or kernel.body, kernel.per), *arguments, **work)

    monkeypatch.setattr(type(kernels.CPU), "launch", elements)
    np.testing.assert_array_equal(rows, updated(name, 2.0, parameters, **given))


@pytest.mark.parametrize("options", [{}, {"pulse_type": "STOCHASTIC"}, {"res": 0.1, "sto_round": True}], ids=str)
@pytest.mark.parametrize("shape", [(5, 7), (40, 7), (3, 130), (40, 37)])
def test_silent_slots_do_not_matter(options, shape, monkeypatch):
    """Lines drawn by themselves give the pulses of lines drawn where the other side fires."""
    weights = []
    for few in (0, 40):
        monkeypatch.setattr("analog.pulses.trains.FEW", few)
        given = {"shape": shape, "batch": 40, "additive": True}
        weights.append(updated("constant", 0.2, UpdateParameters(**options), **given))
    np.testing.assert_array_equal(*weights)
    assert np.count_nonzero(weights[0]) > weights[0].size / 2


@pytest.mark.parametrize("name", ["constant", "soft"])
def test_threads_do_not_matter(name, monkeypatch):
    results = []
    for threads in (1, 2, 3):
        monkeypatch.setattr(type(kernels.CPU), "_threads", lambda *_, threads=threads: (threads, 0.0))
        results.append(updated(name, 2.0, UpdateParameters(), additive=name == "constant", shape=(33, 20)))
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


CUDA_CASES = [
    ("constant", {}, True),
    ("soft", {}, False),
    ("twice_noisy", {"desired_bl": 40, "update_bl_management": False}, False),
    ("table", {"pulse_type": "MEAN_COUNT"}, False),
    ("constant", {"pulse_type": "STOCHASTIC", "res": 0.1, "sto_round": True}, False),
]


def on_target(name, options, additive):
    """Trains and weights of an update by the kernels of the target."""
    here, parameters = site((3, 5)), UpdateParameters(**options)
    x, d = vectors(3, (3, 5))
    pulses = make_trains(x, d, 0.7, STEP, parameters, here, 0)
    weights = updated(name, 0.7, parameters, additive=additive, shape=(3, 5), batch=3)
    return [np.array(array) for array in pulses.source], weights


@pytest.mark.parametrize(("name", "options", "additive"), CUDA_CASES)
def test_cuda_draws_the_same_bits_and_steps_alike(name, options, additive, simulator):
    (pulses, weights), (cuda_pulses, cuda_weights) = (
        call(*arguments)
        for call, *arguments in ((on_target, name, options, additive), (simulator, on_target, name, options, additive))
    )
    for here, there in zip(pulses, cuda_pulses, strict=True):
        np.testing.assert_array_equal(here, there)
    np.testing.assert_allclose(cuda_weights, weights, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("lr", "scale"), [(0.0, 1), (0.7, 0)])
def test_no_pulses_change_nothing(lr, scale):
    here, values = site(SHAPE), state(SHAPE, weight=0.1)
    x, d = vectors(6, SHAPE)
    for kind in PULSED:
        pulsed_update(law("soft"), values, here, scale * x, d, lr, STEP, UpdateParameters(pulse_type=kind))
    assert (values.arrays["weights"] == np.float32(0.1)).all()
    assert values.numbers["vectors"] == 24


def test_empty_batches():
    here, values = site(SHAPE), state(SHAPE, weight=0.1)
    x, d = (each[:0] for each in vectors(2, SHAPE))
    for kind in PulseType:
        pulsed_update(law("soft"), values, here, x, d, 0.7, STEP, UpdateParameters(pulse_type=kind))
    assert (values.arrays["weights"] == np.float32(0.1)).all()


@pytest.mark.parametrize(("kind", "bounded"), [("NONE", False), ("NONE_WITH_DEVICE", True)])
def test_without_pulses(kind, bounded):
    here, values = site(SHAPE), state(SHAPE, bound=0.05)
    x, d = vectors(6, SHAPE)
    pulsed_update(law("soft"), values, here, x, d, 0.7, STEP, UpdateParameters(pulse_type=kind, d_sparsity=True))
    expected = np.zeros(SHAPE)
    for one_x, one_d in zip(x, d.astype(np.float64), strict=True):
        expected -= 0.7 * np.outer(one_d, one_x)
        if bounded:
            expected = np.clip(expected, values.arrays["min_bound"], values.arrays["max_bound"])
    np.testing.assert_allclose(values.arrays["weights"], expected, rtol=1e-5, atol=1e-7)
    assert values.numbers["d_sparsity"] == pytest.approx((d == 0).mean())


def test_counters_of_pulses():
    here, values = site(SHAPE), state(SHAPE)
    x, d = vectors(6, SHAPE)
    values.arrays |= {name: np.zeros(SHAPE, np.int64) for name in ("positive_pulses", "negative_pulses")}
    pulsed_update(law("soft"), values, here, x, d, 0.7, STEP, UpdateParameters())
    sizes = scaling(x, d, 0.7, STEP, UpdateParameters(), site(SHAPE))
    slots = np.array(list(reference.directions(x, d, sizes, False, UpdateParameters(), here.key)))
    np.testing.assert_array_equal(values.arrays["positive_pulses"], (slots > 0).sum(0))
    np.testing.assert_array_equal(values.arrays["negative_pulses"], (slots < 0).sum(0))
