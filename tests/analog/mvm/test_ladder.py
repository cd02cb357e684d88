"""Pulses of different length on lines that resist: by the nodes of the circuit, step of time by step, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analog import Crossbar
from analog.config import (
    IdealDevice,
    IOParameters,
    MappingParameter,
    SingleRPUConfig,
    TorchInferenceRPUConfigIRDropT,
)
from analog.errors import ConfigError
from analog.kernels import running_on
from analog.mvm import Periphery
from analog.nn import AnalogLinear
from analog.parameters import IOParametersIRDropT, WireParameters
from tests.analog.mvm.sites import Plain, product, site

#: Nothing random, and nothing in front of the array but the input converter.
BARE = {"out_noise": 0.0, "noise_management": "NONE", "bound_management": "NONE", "out_bound": 0.0}
W = np.array(
    [[0.3, -0.2, 0.1, 0.05], [-0.15, 0.25, 0.4, -0.35], [0.05, 0.1, -0.3, 0.2], [0.0, -0.4, 0.15, 0.25]], np.float32
)
X = np.array([[0.25, -0.4, 0.05, 0.45], [-0.1, 0.3, 0.48, -0.2]])


def line_currents(g: np.ndarray, sources: np.ndarray, wire: float, v_read: float) -> np.ndarray:
    """Microamperes out of a line of nodes, by Kirchhoff's law at every one; (steps,)."""
    count = len(g)
    links = np.full(count - 1, 1 / wire)
    matrix = np.diag(g + np.append(links, 0) + np.append(0, links)) - np.diag(links, 1) - np.diag(links, -1)
    # Half a piece of wire leads to the amplifier.
    matrix[-1, -1] += 2 / wire
    known = sources.copy()
    known[:, -1] += v_read * 2 / wire
    return (np.linalg.solve(matrix, known.T)[-1] - v_read) * 2 / wire


def charge(io: IOParametersIRDropT, g: np.ndarray, signs: np.ndarray, on: np.ndarray, steps: int) -> float:
    """What flows out of one line, its devices (rows, both signs) in the order of rows, the last one next to the end."""
    segments = min(io.ir_drop_segments, len(g))
    cuts = np.arange(segments) * len(g) // segments
    drive = 0.2 * signs * (on > np.arange(steps)[:, None])
    per_row = g[:, 0] * (0.4 + drive) + g[:, 1] * (0.4 - drive)
    parts, sources = np.add.reduceat(g.sum(1), cuts), np.add.reduceat(per_row, cuts, axis=1)
    wire = 1e-6 * io.ir_drop * io.ir_drop_rs * len(g) / segments
    current = line_currents(parts, sources, wire, io.ir_drop_v_read)
    return float(current.sum() if io.ir_drop_integration_sum else np.trapezoid(np.append(current[0], current)))


def counted(io: IOParametersIRDropT, total: float) -> tuple[float, bool]:
    """What the counter makes of a charge, and whether another count is close."""
    if not io.adc_quantization:
        return total, False
    counts = total * io.adc_frequency / 100
    return float(np.trunc(counts)) * 100 / io.adc_frequency, bool(abs(counts - np.rint(counts)) < 1e-3)


def expected(io: IOParametersIRDropT, weights: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outputs for one vector, and which of them hang on the last bit."""
    (outputs, inputs), levels = weights.shape, round(0.5 / io.inp_res if io.inp_res < 1 else 0.5 * io.inp_res)
    height = max(io.ir_drop_rows, inputs)
    slope = (io.ir_drop_g_max or 25.0) / np.abs(weights).max()
    level = np.rint(np.clip(np.abs(x) / io.inp_bound, 0, 1) * levels).astype(int)
    match io.mv_type.name:
        case "ONE_PASS":
            steps = int((levels + 1) * io.ir_drop_time_step_resolution_scale)
            lengths = (np.arange(steps) / (steps - 1) < level[:, None] / levels - 1e-9).sum(1)
            reads = [(lengths, steps, levels / (steps - 1), 1)]
        case "SPLIT_MODE":
            low, bits = 2**io.split_mode_bit_shift, int(np.log2(levels + 1))
            reads = [(level % low, low, 1, 1), (level // low, 2**bits // low, 1, low)]
        case _:
            reads = [(level >> bit & 1, 2, 1, 2**bit) for bit in range(int(np.log2(levels + 1)))]
    result, close, begin = np.zeros(outputs), np.zeros(outputs, bool), (height - inputs) // 2
    for output in range(outputs):
        for lengths, steps, step, worth in reads:
            rows = np.zeros((height, 4))
            rows[begin : begin + inputs] = np.stack(
                (slope * np.maximum(weights[output], 0), slope * np.maximum(-weights[output], 0), np.sign(x), lengths),
                1,
            )
            rows = rows[::-1] if output % 2 else rows
            flown = step * charge(io, np.maximum(rows[:, :2], 1e-12), rows[:, 2], rows[:, 3], steps)
            number, hangs = counted(io, flown)
            result[output] += worth * number * io.inp_bound / (slope * 0.2 * levels)
            close[output] |= hangs
    return result, close


OPTIONS = st.fixed_dictionaries(
    {
        "mv_type": st.sampled_from(["ONE_PASS", "SPLIT_MODE", "BIT_WISE"]),
        "inp_res": st.sampled_from([1 / 126, 1 / 30, 254.0]),
        "inp_bound": st.sampled_from([1.0, 0.5]),
        "ir_drop": st.sampled_from([1.0, 0.3]),
        "ir_drop_rs": st.sampled_from([0.15, 30.0, 3000.0]),
        "ir_drop_segments": st.sampled_from([1, 2, 3, 8, 100]),
        "ir_drop_time_step_resolution_scale": st.sampled_from([1.0, 3.0, 0.4]),
        "ir_drop_v_read": st.sampled_from([0.4005, 0.4, 0.38]),
        "adc_quantization": st.booleans(),
        "adc_frequency": st.sampled_from([6.24, 60.0]),
        "ir_drop_integration_sum": st.booleans(),
        "split_mode_bit_shift": st.sampled_from([1, 3]),
        "ir_drop_g_max": st.sampled_from([None, 10.0]),
        "ir_drop_rows": st.sampled_from([0, 3, 9, 16]),
    }
)
RNG = np.random.default_rng(4)
WEIGHTS = RNG.uniform(-0.6, 0.6, (3, 7)).astype(np.float32)
WEIGHTS[1, 2:5] = 0
VECTORS = RNG.uniform(-0.9, 0.9, (3, 7)).astype(np.float32)


def compare(options: dict[str, Any]) -> int:
    io = IOParametersIRDropT(**BARE, **options)
    made, count = product(io, WEIGHTS, VECTORS), 0
    for row, x in zip(made, VECTORS.astype(float), strict=True):
        wanted, close = expected(io, WEIGHTS.astype(float), x)
        np.testing.assert_allclose(row[~close], wanted[~close], rtol=2e-5, atol=2e-5)
        count += int((~close).sum())
    return count


@settings(max_examples=60, deadline=None, derandomize=True)
@given(OPTIONS)
def test_all_combinations(options: dict[str, Any]) -> None:
    with running_on(Plain()):
        assert compare(options) >= 5


@pytest.mark.parametrize("mv_type", ["ONE_PASS", "SPLIT_MODE", "BIT_WISE"])
def test_compiled(mv_type: str) -> None:
    assert compare({"mv_type": mv_type, "ir_drop_rs": 30.0, "ir_drop_rows": 16}) >= 5


#: Of aihwkit 1.2.0, inputs below a half: above, its steps of time hang on the last bit of float32.
GOLDEN: list[tuple[dict[str, Any], list[list[float]]]] = [
    ({}, [[0.18315, -0.26455, 0.0407, 0.26455], [-0.0407, 0.34595, -0.1628, -0.10175]]),
    (
        {"adc_quantization": False},
        [[0.186043, -0.279496, 0.044777, 0.281293], [-0.056808, 0.358573, -0.163949, -0.106791]],
    ),
    (
        {"adc_quantization": False, "ir_drop_rs": 1000.0},
        [[0.159247, -0.220699, 0.042042, 0.236083], [-0.047418, 0.280337, -0.146331, -0.090793]],
    ),
    (
        {"adc_quantization": False, "ir_drop_rs": 1000.0, "ir_drop_segments": 2, "ir_drop": 0.5},
        [[0.17014, -0.250668, 0.043528, 0.262743], [-0.049358, 0.31439, -0.158027, -0.102642]],
    ),
    (
        {"adc_quantization": False, "ir_drop_integration_sum": True},
        [[0.180884, -0.276719, 0.045968, 0.274944], [-0.053237, 0.349446, -0.160378, -0.102823]],
    ),
    (
        {"mv_type": "BIT_WISE", "ir_drop_rs": 1000.0, "adc_quantization": False},
        [[0.231585, -0.328714, 0.063892, 0.345336], [-0.067263, 0.408643, -0.215384, -0.131973]],
    ),
    (
        {"mv_type": "SPLIT_MODE", "inp_res": 1 / 254, "ir_drop_rs": 1000.0, "adc_quantization": False},
        [[0.171179, -0.239932, 0.047037, 0.252981], [-0.058538, 0.304318, -0.157389, -0.099198]],
    ),
    (
        {"mv_type": "SPLIT_MODE", "inp_res": 1 / 254, "adc_frequency": 60.0},
        [[0.195276, -0.302362, 0.043045, 0.298163], [-0.069291, 0.384252, -0.171129, -0.109186]],
    ),
]


@pytest.mark.parametrize(("options", "golden"), GOLDEN)
def test_golden_numbers(options: dict[str, Any], golden: list[list[float]]) -> None:
    io = IOParametersIRDropT(**BARE, **options)
    config = TorchInferenceRPUConfigIRDropT(forward=io, mapping=MappingParameter(max_input_size=8))
    np.testing.assert_allclose(Crossbar(W.shape, config, seed=1).set_weights(W).mvm(X), golden, rtol=0, atol=6e-6)


def test_without_resistance_and_offset_it_is_the_product() -> None:
    io = IOParametersIRDropT(
        **BARE, ir_drop=1e-9, ir_drop_v_read=0.4, adc_quantization=False, ir_drop_integration_sum=True
    )
    plain = IOParameters(**BARE)
    np.testing.assert_allclose(product(io, W, X), product(plain, W, X), atol=1e-6)
    assert np.array_equal(product(io.replace(ir_drop=0.0), W, X), product(plain, W, X))
    assert np.array_equal(product(io.replace(mv_type="IDEAL"), W, X), product(plain.replace(is_perfect=True), W, X))


@pytest.mark.parametrize("mv_type", ["ONE_PASS", "SPLIT_MODE", "BIT_WISE"])
def test_no_pulse_is_longer_than_that_of_the_bound(mv_type: str) -> None:
    io, weights = IOParametersIRDropT(**BARE, mv_type=mv_type), np.ones((1, 1), np.float32)
    noisy = product(io.replace(inp_noise=2.0), weights, np.zeros((100, 1)))
    longest = product(io, weights, np.array([[-1.0], [1.0]]))
    assert (noisy.min(), noisy.max()) == (longest[0], longest[1])


def test_reads_of_a_product_have_noise_of_their_own() -> None:
    """Digits are converted one by one: the variance is that of 1 and of 8 times the output noise."""
    io = IOParametersIRDropT(**BARE | {"out_noise": 0.1}, mv_type="SPLIT_MODE", adc_quantization=False)
    quiet = io.replace(out_noise=0.0)
    x = np.tile(X[:1], (4000, 1))
    noise = product(io, W, x) - product(quiet, W, x[:1])
    # The variance of 16,000 normal numbers is within 4.5 % of what it should be, four standard deviations.
    np.testing.assert_allclose(noise.var(), 0.01 * (1 + 64), rtol=0.045)


def read_noise(g: np.ndarray, level: float) -> np.ndarray:
    """Standard deviation of conductances in microsiemens, where inputs have that mean level."""
    powers = np.log10(level) ** np.arange(4, -1, -1)
    slope = powers @ [0.00021926, -0.00187352, 0.00655714, -0.0146159, 0.02578764]
    offset = 1e6 * powers @ [1.11906167e-09, -9.08576764e-09, 3.07015063e-08, -6.77079241e-08, 1.17763144e-07]
    return np.where(g > 0, slope * g + offset, 0)


@pytest.mark.parametrize("levels", [(20, 0, 0, 0), (63, 63, -63, 63)])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_read_noise_depends_on_how_long_inputs_are_on(levels: tuple[int, ...], scale: float) -> None:
    options = BARE | {
        "adc_quantization": False,
        "ir_drop": 1e-9,
        "ir_drop_v_read": 0.4,
        "ir_drop_integration_sum": True,
    }
    io = IOParametersIRDropT(**options, apply_xdep_pcm_read_noise=True, xdep_pcm_read_noise_scale=scale)
    x = np.tile(np.array(levels) / 63, (4000, 1))
    y = product(io, W, x)
    g = 25 * np.abs(W) / 0.4
    deviation = scale * read_noise(g, np.abs(levels).mean()) * 0.4 / 25
    wanted = np.sqrt(deviation**2 @ (np.array(levels) / 63) ** 2)
    # Standard deviations of 4,000 numbers are within 4.5 % of what they should be, four times their own.
    np.testing.assert_allclose(y.std(0), wanted, rtol=0.045)
    np.testing.assert_allclose(y.mean(0), W @ x[0], atol=4 * wanted.max() / np.sqrt(len(x)) + 1e-6)
    # What one vector, or one output, reads says nothing about the others.
    assert np.abs(np.corrcoef(y[:, :3].T)[~np.eye(3, dtype=bool)]).max() < 4 / np.sqrt(len(x))
    assert np.abs(np.corrcoef(y[:-1, 0], y[1:, 0])[0, 1]) < 4 / np.sqrt(len(x))


def test_noise_does_not_hang_on_batches() -> None:
    config = SingleRPUConfig(
        device=IdealDevice(), forward=IOParametersIRDropT(apply_xdep_pcm_read_noise=True, mv_type="BIT_WISE")
    )
    x = np.random.default_rng(3).normal(size=(6, 4))
    whole, parts = (Crossbar(W.shape, config, seed=1).set_weights(W) for _ in range(2))
    np.testing.assert_allclose(np.concatenate([parts.mvm(x[:1]), parts.mvm(x[1:])]), whole.mvm(x), atol=1e-5)


def test_layers_use_it() -> None:
    """A grid of crossbars with padded lines; the noise model says what the largest weight conducts."""
    config = TorchInferenceRPUConfigIRDropT(mapping=MappingParameter(max_input_size=6))
    layer = AnalogLinear(10, 3, rpu_config=config.replace(**{"noise_model.g_max": 12.0}), seed=1)
    grid = layer.matrix.grid
    x = np.random.default_rng(3).normal(size=(4, 10)).astype(np.float32)
    parts = []
    for (_, column), crossbar in grid.crossbars.items():
        assert crossbar.config.core().forward.ir_drop_rows == 6
        assert crossbar.config.core().forward.largest_conductance == 12.0
        parts.append(crossbar.copy().mvm(x[:, 5 * column : 5 * column + 5]))
    np.testing.assert_allclose(grid.mvm(x), sum(parts), rtol=1e-6)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "signs": ({"mv_type": "POS_NEG_SEPARATE"}, "is of IOParameters; IOParametersIRDropT takes"),
    "no steps": ({"inp_res": -1.0}, "quantise no inputs"),
    "no digits": ({"mv_type": "BIT_WISE", "inp_res": 1 / 100}, r"50 levels: it must be 2\*\*n - 1"),
    "no high part": ({"mv_type": "SPLIT_MODE", "split_mode_bit_shift": 6}, "no high part of 6 bits"),
    "too short": ({"ir_drop_time_step_resolution_scale": 0.01}, "less than two steps"),
    "wires": ({"wires": WireParameters()}, "wires is set"),
    "weight noise": ({"w_noise": 0.1, "w_noise_type": "PCM_READ"}, "w_noise is set"),
    "offset": ({"v_offset_std": 0.1}, "v_offset_std is set"),
    "series resistance": ({"r_series": 0.1}, "r_series is set"),
}


@pytest.mark.parametrize(("options", "message"), REFUSED.values(), ids=REFUSED)
def test_what_contradicts_it_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        IOParametersIRDropT(**options)
    if options.get("mv_type") != "POS_NEG_SEPARATE":
        IOParametersIRDropT(**options, is_perfect=True)


def test_errors_may_have_the_same_parameters_without_pulses() -> None:
    Crossbar((2, 2), SingleRPUConfig(backward=IOParametersIRDropT(ir_drop=0.0)))


def test_vectors_of_zeros_and_none() -> None:
    io = IOParametersIRDropT(apply_xdep_pcm_read_noise=True)
    assert not product(io, W, np.zeros((2, 4))).any()
    place, periphery = site(W.shape), Periphery(io)
    empty = periphery.product(periphery.create(place), place, W, np.zeros((0, 4), np.float32))
    assert empty.shape == (0, 4)
    assert np.isfinite(product(io, np.zeros((3, 4)), X)).all()
