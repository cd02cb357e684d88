"""Weights after 1, 10, 100, 200 pulses up and then as many down, without spread and noise, from published tables."""

from __future__ import annotations

import numpy as np
import pytest

from analog.devices import (
    ConstantStepDevice,
    ExpStepDevice,
    LinearStepDevice,
    PiecewiseStepDevice,
    PowStepDevice,
    PowStepReferenceDevice,
    PulsedDevice,
    SoftBoundsDevice,
    SoftBoundsPmaxDevice,
    SoftBoundsReferenceDevice,
)
from analog.parameters import UpdateParameters
from tests.analog.devices.sites import QUIET, made

LINEAR = QUIET | {"gamma_up_dtod": 0.0, "gamma_down_dtod": 0.0}
POWER = QUIET | {"pow_gamma": 1.5, "pow_gamma_dtod": 0.0}
WIDE = {"w_max": 1.0, "w_min": -1.0}

TRACES = {
    "constant": (ConstantStepDevice(**QUIET), [0.001, 0.01, 0.1, 0.2, 0.199, 0.19, 0.1, 0]),
    "constant, asymmetric": (
        ConstantStepDevice(**QUIET, up_down=0.2),
        [0.001, 0.01, 0.1, 0.2, 0.1992, 0.192, 0.12, 0.04],
    ),
    "linear": (
        LinearStepDevice(**LINEAR, gamma_up=0.3, gamma_down=0.5),
        [0.001, 0.009978, 0.097565, 0.19037, 0.189212, 0.178827, 0.079158, -0.023159],
    ),
    "soft bounds": (
        SoftBoundsDevice(**QUIET),
        [0.001, 0.009925, 0.092182, 0.170201, 0.168917, 0.15746, 0.05187, -0.048281],
    ),
    "soft bounds by pulses": (
        SoftBoundsPmaxDevice(**QUIET),
        [0.002541, 0.025344, 0.246475, 0.478072, 0.476594, 0.463358, 0.337348, 0.210022],
    ),
    "soft bounds, reference": (
        SoftBoundsReferenceDevice(**QUIET, reference_mean=0.1),
        [0.000833, 0.008271, 0.076818, 0.141834, 0.140431, 0.127908, 0.012498, -0.096968],
    ),
    "soft bounds, symmetric point": (
        SoftBoundsReferenceDevice(**QUIET, w_max=0.8, subtract_symmetry_point=True),
        [0.001, 0.009944, 0.094058, 0.177057, 0.175762, 0.164203, 0.057673, -0.043369],
    ),
    "exponential": (
        ExpStepDevice(**QUIET),
        [0.000983, 0.009831, 0.09786, 0.194361, 0.193367, 0.184422, 0.095148, -0.003534],
    ),
    "power": (
        PowStepDevice(**POWER, up_down=0.0, pow_up_down=0.1),
        [0.000354, 0.003522, 0.033866, 0.064944, 0.064493, 0.060455, 0.021843, -0.01757],
    ),
    "power, reference": (
        PowStepReferenceDevice(**POWER, w_max=0.8, subtract_symmetry_point=True),
        [0.000354, 0.003524, 0.034072, 0.065716, 0.065311, 0.061685, 0.0268, -0.009222],
    ),
    "table": (
        PiecewiseStepDevice(**QUIET, piecewise_up=[1, 0.5, 0.2], piecewise_down=[0.3, 0.6, 1.2]),
        [0.0005, 0.004989, 0.048782, 0.095185, 0.09449, 0.088265, 0.028998, -0.031288],
    ),
    "ReRamES": (
        ExpStepDevice(
            **QUIET | WIDE, dw_min=0.00135, up_down=0.259359, A_up=-1.18445, A_down=-0.081404,
            gamma_up=5, gamma_down=5, a=-0.5, b=-0.5,
        ),
        [0.001481, 0.014791, 0.146008, 0.28868, 0.28564, 0.258949, 0.039296, -0.147556],
    ),
    "ReRamSB": (
        SoftBoundsReferenceDevice(**QUIET, dw_min=0.002, w_max=1.25, w_min=-0.75),
        [0.002, 0.019857, 0.184957, 0.342546, 0.339633, 0.313759, 0.086514, -0.109518],
    ),
    "Capacitor": (
        LinearStepDevice(**LINEAR | WIDE, dw_min=0.005, gamma_up=0.05, gamma_down=0.05, mult_noise=False),
        [0.005, 0.049944, 0.493863, 0.97553, 0.970286, 0.92315, 0.457579, -0.047583],
    ),
    "EcRam": (
        LinearStepDevice(**LINEAR, dw_min=0.002, w_max=1.1724, w_min=-0.8276, gamma_up=0.1153, gamma_down=0.5085),
        [0.002, 0.019982, 0.198065, 0.392272, 0.38979, 0.367589, 0.158577, -0.048079],
    ),
    "EcRamMO": (
        LinearStepDevice(**LINEAR, dw_min=2.8214e-4, w_max=1.1714, w_min=-0.8286, gamma_up=0.4152, gamma_down=0.7342),
        [0.000282, 0.00282, 0.028075, 0.05587, 0.055574, 0.052912, 0.026623, -0.001902],
    ),
    "Idealized": (
        ConstantStepDevice(**QUIET | WIDE, dw_min=0.0002),
        [0.0002, 0.002, 0.02, 0.04, 0.0398, 0.038, 0.02, 0],
    ),
    "GokmenVlasov": (
        ConstantStepDevice(**QUIET | WIDE, dw_min=0.0016),
        [0.0016, 0.016, 0.16, 0.32, 0.3184, 0.304, 0.16, 0],
    ),
    "PCM": (
        ExpStepDevice(
            **QUIET, dw_min=0.01, w_max=2, w_min=0, A_up=-27.235, A_down=-2.235,
            gamma_up=2.5, gamma_down=2.5, a=-1, b=0,
        ),
        [0.28235, 0.924401, 2, 2, 0, 0, 0, 0],
    ),
}  # fmt: skip

GRANULARITIES = {
    "constant": 0.001,
    "linear": 0.001,
    "soft bounds by pulses": 0.00254149,
    "power": 0.00035355,
    "power, reference": 0.00035355,
    "table": 0.0005,
    "EcRamMO": 0.00028214,
    # Exponential steps: the mean of a pulse up and a pulse down at 0 (by hand).
    "exponential": 0.001 * (1 - (0.00081 * np.exp(12.44625 * 0.2425) + 0.36833 * np.exp(-12.78785 * 0.2425)) / 2),
    "PCM": 0.01 * (28.235 + 3.235) / 2,
}


def pulses(device: PulsedDevice, state, place, count: int) -> float:
    device.write(state, place, np.full(place.shape, count, np.int32))
    return float(state.arrays["weights"][0, 0])


@pytest.mark.parametrize("name", TRACES)
def test_traces(name):
    device, expected = TRACES[name]
    state, place = made(device)
    trace = [pulses(device, state, place, count) for count in (1, 9, 90, 100, -1, -9, -90, -100)]
    np.testing.assert_allclose(trace, expected, rtol=0, atol=1.1e-6)


@pytest.mark.parametrize("name", GRANULARITIES)
def test_granularity(name):
    assert TRACES[name][0].granularity == pytest.approx(GRANULARITIES[name], rel=2e-5)


@pytest.mark.parametrize("name", ["constant, asymmetric", "soft bounds", "exponential", "power", "table"])
def test_updates_go_through_the_same_law(name):
    """With x = d = 1 the trains of `desired_bl` slots always coincide: an update is that many pulses."""
    device, expected = TRACES[name]
    state, place = made(device)
    parameters = UpdateParameters(desired_bl=10)
    one = np.ones((1, 1), np.float32)
    for _ in range(10):
        device.update(state, place, one, one, -10 * device.granularity, parameters)
    assert state.arrays["weights"][0, 0] == pytest.approx(expected[2], abs=1e-6)
    device.update(state, place, one, one, 10 * device.granularity, parameters)
    before = float(state.arrays["weights"][0, 0])
    assert before < expected[2] - 5 * device.granularity


def test_tables_of_any_length():
    """The same line by 2, 5 and 41 nodes."""
    traces = []
    for nodes in (2, 5, 41):
        line = np.linspace(1.2, 0.4, nodes)
        device = PiecewiseStepDevice(**QUIET, piecewise_up=line, piecewise_down=line[::-1])
        state, place = made(device, weight=0.1)
        traces.append([pulses(device, state, place, count) for count in (150, -400)])
    np.testing.assert_allclose(traces[1:], [traces[0]] * 2, atol=1e-6)
