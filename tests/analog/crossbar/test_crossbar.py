"""The face of a crossbar: exact devices against NumPy, values that are not changed by accident, bad input refused."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

import tensorlayer as tl
from analog import Crossbar
from analog.cell import Storage
from analog.config import (
    ConstantStepDevice,
    CustomRPUConfig,
    DigitalRankUpdateRPUConfig,
    FloatingPointRPUConfig,
    InputRangeParameter,
    IOParameters,
    IOParametersIRDropT,
    LRTTTransferCompound,
    MappingParameter,
    MixedPrecisionCompound,
    OneSidedUnitCell,
    PrePostProcessingParameter,
    ReferenceUnitCell,
    RPUConfig,
    RuntimeParameter,
    SingleRPUConfig,
    SoftBoundsDevice,
    TransferCompound,
    UnitCellRPUConfig,
    UpdateParameters,
    VectorUnitCell,
)
from analog.crossbar.operands import take_rows
from analog.errors import ConfigError, NotFiniteError
from tensorlayer.backend import get_backend
from tensorlayer.errors import ConversionError, DtypeError, ShapeError, TensorlayerError, UnsupportedOperationError
from tests.analog.crossbar.cells import Exact, Ledger

RNG = np.random.default_rng(5)
W = RNG.uniform(-0.5, 0.5, (3, 4)).astype(np.float32)
X = RNG.uniform(-1, 1, (5, 4)).astype(np.float32)
D = RNG.uniform(-1, 1, (5, 3)).astype(np.float32)


@pytest.fixture
def tile() -> Crossbar:
    return Crossbar((3, 4), Exact(), seed=1).set_weights(W)


@pytest.fixture
def noisy() -> Crossbar:
    return Crossbar((3, 4), SingleRPUConfig(), seed=1).set_weights(W)


def test_products_and_updates_are_those_of_the_formula(tile: Crossbar) -> None:
    np.testing.assert_allclose(tile.mvm(X), X @ W.T, rtol=1e-6)
    np.testing.assert_allclose(tile.mvm_transposed(D), D @ W, rtol=1e-6)
    np.testing.assert_allclose(tile.update(X, D, lr=0.1).weights, W - 0.1 * D.T @ X, rtol=1e-6)


@pytest.mark.parametrize("leading", [(), (1,), (2, 3), (0,), (2, 0, 3)])
def test_any_number_of_axes_in_front(tile: Crossbar, leading: tuple[int, ...]) -> None:
    x, d = RNG.random((*leading, 4)), RNG.random((*leading, 3))
    assert tile.mvm(x).shape == (*leading, 3)
    assert tile.mvm_transposed(d).shape == (*leading, 4)
    np.testing.assert_allclose(tile.mvm(x), x @ W.T, rtol=1e-5)
    expected = W - 0.1 * d.reshape(-1, 3).T @ x.reshape(-1, 4)
    np.testing.assert_allclose(tile.update(x, d, 0.1).weights, expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda x: x, np.ndarray),
        (lambda x: x.tolist(), np.ndarray),
        (lambda x: x.astype(np.float64), np.ndarray),
        (lambda x: x.astype(np.float16), np.ndarray),
        (lambda x: x[:, ::-1][:, ::-1], np.ndarray),
        (np.asfortranarray, np.ndarray),
        (lambda x: np.broadcast_to(x, x.shape), np.ndarray),
        (lambda x: x.astype(">f4"), np.ndarray),
        (torch.tensor, torch.Tensor),
        (lambda x: torch.tensor(x, dtype=torch.float64, requires_grad=True), torch.Tensor),
        (tl.tensor, tl.Tensor),
        (lambda x: tl.tensor(torch.tensor(x)), tl.Tensor),
        (lambda x: (tl.tensor(x)["b,i"] * 1.0)["b,i"], tl.Tensor),
    ],
    ids="array list float64 float16 view fortran broadcast bytes torch gradient tensor of_torch recorded".split(),
)
def test_vectors_of_any_library_and_results_of_the_same(tile: Crossbar, make: Callable[..., Any], kind: type) -> None:
    result = tile.mvm(make(X))
    assert isinstance(result, kind)
    assert np.dtype(str(result.dtype).removeprefix("torch.")) == np.float32
    np.testing.assert_allclose(np.asarray(result), X @ W.T, rtol=2e-3, atol=1e-3)
    np.testing.assert_allclose(tile.update(make(X), D, 0.1).weights, W - 0.1 * D.T @ X, rtol=2e-3, atol=1e-3)


def test_integers_are_numbers(tile: Crossbar) -> None:
    x = np.array([[1, 0, -1, 2]])
    np.testing.assert_allclose(tile.mvm(x), x @ W.T, rtol=1e-6)
    np.testing.assert_allclose(tile.mvm(x == 1), (x == 1) @ W.T, rtol=1e-6)


def test_kernels_are_not_compiled_again_for_read_only_vectors() -> None:
    """To numba a read-only array is another type; compiling for it would take seconds."""
    storage = Storage(get_backend("numba").allocator())
    x = X.copy()
    assert np.shares_memory(take_rows(x, 4, storage, "x").array, x), "and others are not copied"
    x.flags.writeable = False
    assert take_rows(x, 4, storage, "x").array.flags.writeable


def test_vectors_are_not_written_to(noisy: Crossbar) -> None:
    x, d = X.copy(), D.copy()
    noisy.mvm(x)
    noisy.mvm_transposed(d)
    noisy.update(x, d, 0.1)
    assert x.tobytes() == X.tobytes()
    assert d.tobytes() == D.tobytes()


# -- values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pure", "in_place"),
    [
        (lambda t: t.update(X, D, 0.1), lambda t: t.update_(X, D, 0.1)),
        (lambda t: t.with_weights(2 * W), lambda t: t.set_weights(2 * W)),
        (lambda t: t.decay_weights(2), lambda t: t.decay_weights_(2)),
        (lambda t: t.diffuse_weights(), lambda t: t.diffuse_weights_()),
        (lambda t: t.reset_columns(3, 2, 0.5), lambda t: t.reset_columns_(3, 2, 0.5)),
        (lambda t: t.drift_weights(3), lambda t: t.drift_weights_(3)),
        (lambda t: t.clip_weights(), lambda t: t.clip_weights_()),
        (lambda t: t.post_update(), lambda t: t.post_update_()),
        (lambda t: t.program_weights(max_iter=3), lambda t: t.program_weights_(max_iter=3)),
    ],
    ids="update weights decay diffuse reset drift clip post_update program".split(),
)
@pytest.mark.parametrize(
    "config",
    [Exact(), SingleRPUConfig(device=ConstantStepDevice(lifetime=10.0, diffusion=0.1, reset=0.1))],
    ids=["exact", "noisy"],
)
def test_pure_and_in_place_are_the_same_transition(config: RPUConfig, pure: Any, in_place: Any) -> None:
    tile = Crossbar((3, 4), config, seed=1).set_weights(W)
    before = tile.state.copy()
    changed = pure(tile)
    assert changed is not tile
    assert tile.state == before
    assert in_place(tile) is tile
    assert tile.state == changed.state


def test_set_weights_works_as_a_statement_and_as_an_expression(tile: Crossbar) -> None:
    tile.set_weights(2 * W)
    np.testing.assert_array_equal(tile.weights, 2 * W)
    tile = tile.set_weights(W)
    np.testing.assert_array_equal(tile.weights, W)


def test_weights_are_a_snapshot(tile: Crossbar) -> None:
    seen = tile.weights
    tile.set_weights(0 * W)
    np.testing.assert_array_equal(seen, W)
    source = W.copy()
    tile.set_weights(source)
    source[...] = 7
    np.testing.assert_array_equal(tile.weights, W)


@pytest.mark.parametrize(
    "twin",
    [copy.copy, copy.deepcopy, Crossbar.copy, lambda t: pickle.loads(pickle.dumps(t))],
    ids=["copy", "deepcopy", "method", "pickle"],
)
def test_copies_are_independent(noisy: Crossbar, twin: Callable[[Crossbar], Crossbar]) -> None:
    noisy.update_(X, D, 0.1).mvm(X)
    other = twin(noisy)
    assert other.state == noisy.state
    assert (other.config, other.seed, other.tile, other.shape) == (noisy.config, 1, 0, (3, 4))
    before = noisy.state.copy()
    other.update_(X, D, 0.1)
    assert noisy.state == before
    assert other.state == noisy.update_(X, D, 0.1).state


def test_a_state_shows_buffers_and_counters(noisy: Crossbar) -> None:
    state = noisy.state
    assert isinstance(state["weights"], tl.buffer.Buffer)
    np.testing.assert_array_equal(state["weights"].unwrap(), noisy.weights)
    assert state["forward/weights/vectors"] == 0
    noisy.mvm(X)
    assert state["forward/weights/vectors"] == 5, "it is no copy"
    assert state == noisy.set_hidden_parameters({"reset_bias": np.ones((3, 4))}).state
    assert "weights: float32[3, 4]" in repr(state)
    assert state.nbytes == sum(b.unwrap().nbytes for b in state.values() if isinstance(b, tl.buffer.Buffer))
    with pytest.raises(KeyError):
        state["wieghts"]


def test_states_differ_by_a_single_bit(tile: Crossbar) -> None:
    other = tile.with_weights(np.where(np.arange(12).reshape(3, 4) == 5, np.nextafter(W, 1), W))
    assert other.state != tile.state
    zero = tile.with_weights(np.zeros((3, 4)))
    assert zero.state != tile.with_weights(-np.zeros((3, 4))).state
    assert zero.state != Crossbar((4, 3), Exact()).state
    assert zero.state != 3


# -- randomness --------------------------------------------------------------------------------------------


def test_seed_and_tile_say_everything() -> None:
    one, twin = (Crossbar((3, 4), SingleRPUConfig(), seed=7, tile=2) for _ in range(2))
    for tile in (one, twin):
        tile.update_(X, D, 0.1)
    assert one.state == twin.state
    np.testing.assert_array_equal(one.mvm(X), twin.mvm(X))
    assert (
        Crossbar((3, 4), SingleRPUConfig(), seed=8, tile=2).state != Crossbar((3, 4), SingleRPUConfig(), seed=7).state
    )


def test_a_seed_is_drawn_and_recorded() -> None:
    first, second = (Crossbar((3, 4), SingleRPUConfig()) for _ in range(2))
    assert first.seed != second.seed  # equal once in 4e9 runs
    assert Crossbar((3, 4), SingleRPUConfig(), seed=first.seed).state == first.state
    assert f"seed={first.seed}" in repr(first)


def test_reads_differ_unless_their_number_is_given(noisy: Crossbar) -> None:
    first = noisy.mvm(X)
    second = noisy.mvm(X)
    assert not np.array_equal(first, second)
    before = noisy.state.copy()
    np.testing.assert_array_equal(noisy.mvm(X, step=0), first)
    np.testing.assert_array_equal(noisy.mvm(X, step=5), second)
    np.testing.assert_array_equal(noisy.mvm(X[2:], step=7), second[2:])
    back = noisy.mvm_transposed(D)
    np.testing.assert_array_equal(noisy.mvm_transposed(D, step=0), back)
    assert noisy.state["forward/weights/vectors"] == before["forward/weights/vectors"] == 10


# -- what is behind the weights ----------------------------------------------------------------------------


def test_what_is_handed_out_as_a_copy_is_not_written_to(noisy: Crossbar) -> None:
    before = noisy.state.copy()
    seen = noisy.weights
    for array in (seen, *noisy.hidden_parameters.values()):
        with pytest.raises(ValueError, match="read-only"):
            array[0, 0] = 1.0
        array.copy()[0, 0] = 1.0
    assert noisy.state == before
    assert noisy.set_weights(seen).state == before
    noisy.set_hidden_parameters(noisy.hidden_parameters)
    np.testing.assert_array_equal(noisy.weights, seen)


def test_hidden_parameters_are_read_and_written(noisy: Crossbar) -> None:
    hidden = noisy.hidden_parameters
    assert {"max_bound", "min_bound", "dwmin_up", "dwmin_down"} <= hidden.keys()
    noisy.set_hidden_parameters({"max_bound": np.full((3, 4), 0.05)})
    assert noisy.set_weights(np.ones((3, 4))).weights.max() == np.float32(0.05)


def test_hidden_parameters_are_written_all_or_none(noisy: Crossbar) -> None:
    before = noisy.state.copy()
    with pytest.raises(ConfigError, match="no parameter 'max_bond': it has max_bound"):
        noisy.set_hidden_parameters({"max_bound": np.ones((3, 4)), "max_bond": np.ones((3, 4))})
    with pytest.raises(ShapeError):
        noisy.set_hidden_parameters({"max_bound": np.ones((3, 4)), "min_bound": np.ones((4, 3))})
    with pytest.raises(NotFiniteError):
        noisy.set_hidden_parameters({"max_bound": np.full((3, 4), np.nan)})
    assert noisy.state == before


def test_one_device_of_a_vector_cell_is_chosen(noisy: Crossbar) -> None:
    pair = ReferenceUnitCell((ConstantStepDevice(w_max_dtod=0, w_min_dtod=0),) * 2)
    tile = Crossbar((3, 4), UnitCellRPUConfig(device=pair), seed=1).set_weights(0 * W)
    assert tile.hidden_update_index == 0
    tile.set_hidden_update_index(1).set_weights(0.5 * W).set_hidden_update_index(0).set_weights(W)
    np.testing.assert_allclose(tile.weights, 0.5 * W, rtol=1e-6)
    with pytest.raises(ConfigError, match="no device 2"):
        tile.set_hidden_update_index(2)
    with pytest.raises(ConfigError, match="no devices to choose from"):
        noisy.set_hidden_update_index(1)
    assert noisy.set_hidden_update_index(0).hidden_update_index == 0


def test_spreads_of_the_periphery_are_read_and_written() -> None:
    quiet = IOParameters(out_noise=0.123, out_noise_std=0.5, inp_res=-1, out_res=-1)
    tile = Crossbar((2, 4), SingleRPUConfig(forward=quiet), seed=1).set_weights(W[:2])
    assert tile.forward_parameters["out_noise_values"].shape == (2,)
    with pytest.raises(ValueError, match="read-only"):
        tile.forward_parameters["out_noise_values"][0] = 1.0
    tile.set_forward_parameters({"out_noise_values": [0.123, 0.0]})
    reads = np.stack([tile.mvm(X[0]) for _ in range(20)])
    assert reads[:, 0].std() > 0.01
    assert np.unique(reads[:, 1]).size == 1
    with pytest.raises(ConfigError, match=r"config\.forward switches on no spread 'v_offset'; there are out_noise"):
        tile.set_forward_parameters({"out_noise_values": [0.0, 0.0], "v_offset": [0.0, 0.0]})
    np.testing.assert_array_equal(tile.forward_parameters["out_noise_values"], np.float32([0.123, 0.0]))
    assert tile.backward_parameters == {}


def test_granularity_and_states(noisy: Crossbar, tile: Crossbar) -> None:
    assert noisy.granularity == 0.001
    assert noisy.num_states == pytest.approx(1200)
    with pytest.raises(UnsupportedOperationError, match="no number of states"):
        tile.num_states  # noqa: B018


def test_other_converters_around_the_same_devices(noisy: Crossbar) -> None:
    noisy.update_(X, D, 0.1)
    perfect = noisy.with_config(noisy.config.replace(forward=IOParameters(is_perfect=True)))
    np.testing.assert_allclose(perfect.mvm(X), X @ noisy.weights.T, rtol=1e-5)
    perfect.set_weights(np.zeros((3, 4)))
    assert np.abs(noisy.weights).max() > 0
    first = noisy.mvm(X)
    louder = noisy.with_config(noisy.config.replace(**{"forward.out_noise": 0.1}))
    assert louder.state["forward/weights/vectors"] == 5, "noise is not drawn again"
    assert not np.array_equal(louder.mvm(X), first)
    other_pulses = noisy.with_config(noisy.config.replace(**{"update.desired_bl": 7}))
    assert other_pulses.state == noisy.state
    with pytest.raises(ConfigError, match="make a new crossbar"):
        noisy.with_config(SingleRPUConfig(device=ConstantStepDevice(dw_min=0.5)))


def test_it_says_what_it_is(noisy: Crossbar) -> None:
    assert repr(noisy) == "Crossbar((3, 4), SingleRPUConfig(), seed=1, tile=0)"
    assert "3 outputs, 4 inputs" in noisy._repr_html_()


# -- writing and reading as a programmer would -------------------------------------------------------------


def test_reading_exact_products_gives_the_weights(tile: Crossbar) -> None:
    np.testing.assert_allclose(tile.read_weights(), W, atol=1e-6)
    np.testing.assert_allclose(tile.read_weights(np.eye(4)), W, atol=1e-6)


def test_reading_and_programming_noisy_crossbars_comes_near() -> None:
    target = RNG.uniform(-0.4, 0.4, (20, 30)).astype(np.float32)
    tile = Crossbar((20, 30), SingleRPUConfig(device=ConstantStepDevice(w_max_dtod=0, w_min_dtod=0)), seed=3)
    tile.set_weights(target)
    first, second = tile.read_weights(), tile.read_weights()
    assert not np.array_equal(first, second)
    assert np.abs(first - target).mean() / 0.6 < 0.1
    programmed = tile.program_weights(max_iter=300)
    assert not np.array_equal(programmed.weights, target)
    assert np.abs(programmed.weights - target).mean() / 0.6 < 0.05
    elsewhere = tile.program_weights(-target, max_iter=300)
    assert np.abs(elsewhere.weights + target).mean() / 0.6 < 0.05


def test_programming_ends_when_it_is_near_enough(tile: Crossbar) -> None:
    programmed = tile.program_weights(W, tolerance=0.3)
    share = np.abs(programmed.weights - W).mean() / np.abs(W).max()
    assert 0.2 < share <= 0.3, "it stops there, and not later"


# -- bad input ---------------------------------------------------------------------------------------------

NAN, INF = X.copy(), X.copy()
NAN[3, 2], INF[0, 0] = np.nan, -np.inf


BAD_CALLS: list[tuple[Callable[[Crossbar], Any], type[Exception], str]] = [
    (lambda t: t.mvm(NAN), NotFiniteError, "element 3, 2 of the vectors is nan"),
    (lambda t: t.mvm(INF), NotFiniteError, "element 0, 0 of the vectors is -inf"),
    (
        lambda t: t.mvm(np.full((1, 4), 1e300)),
        NotFiniteError,
        "4 of 4 are NaN or infinite in float32, which holds up to 3.4e38",
    ),
    (lambda t: t.mvm(X.T), ShapeError, r"x is \[4, 5\]: its last axis must have 4"),
    (lambda t: t.mvm(1.0), ShapeError, "last axis"),
    (lambda t: t.mvm([[1.0, 2.0], [1.0]]), ShapeError, "ragged"),
    (lambda t: t.mvm(X.astype(complex)), DtypeError, "x holds complex128"),
    (lambda t: t.mvm(np.array([["a"] * 4])), TensorlayerError, "x "),
    (lambda t: t.mvm("text"), ConversionError, "x is str"),
    (lambda t: t.mvm(None), ConversionError, "x is NoneType"),
    (lambda t: t.mvm(np.ma.masked_array(X, X > 0)), ConversionError, "MaskedArray"),
    (lambda t: t.mvm(torch.zeros(4, dtype=torch.bfloat16)), DtypeError, "bfloat16"),
    (lambda t: t.mvm(torch.zeros(4, device="meta")), ConversionError, "'torch' on meta to 'numba' on cpu"),
    (lambda t: t.mvm(X, step=-1), ConfigError, "step is -1"),
    (lambda t: t.with_config(3), ConfigError, "config is 3: give an RPUConfig"),
    (lambda t: t.set_hidden_parameters(3), ConfigError, "parameters is int: give a mapping"),
    (lambda t: t.mvm(X, step=0.5), ConfigError, "step is an integer"),
    (lambda t: t.mvm_transposed(X), ShapeError, r"d is \[5, 4\]: its last axis must have 3"),
    (lambda t: t.mvm_transposed(D * np.nan), NotFiniteError, "NaN or infinite"),
    (lambda t: t.update_(NAN, D, 0.1), NotFiniteError, "x has NaN"),
    (lambda t: t.update_(INF, D, 0.1), NotFiniteError, "x has NaN"),
    (lambda t: t.update_(np.full((5, 4), 1e300), D, 0.1), NotFiniteError, "too large for float32"),
    (lambda t: t.update_(X, D * np.inf, 0.1), NotFiniteError, "d has NaN"),
    (lambda t: t.update_(D, X, 0.1), ShapeError, "x is"),
    (lambda t: t.update_(X[:4], D, 0.1), ShapeError, r"leading axes \[4\], d \[5\]"),
    (lambda t: t.update_(X[None], D, 0.1), ShapeError, "pairs of vectors"),
    (lambda t: t.update_(X, D, math.nan), ConfigError, "lr is nan: it must be a finite number"),
    (lambda t: t.update_(X, D, math.inf), ConfigError, "lr is inf"),
    (lambda t: t.update_(X, D, 1e39), ConfigError, "lr is 1e.39: it must be a finite number, as float32 holds it"),
    (lambda t: t.update_(X, D, "0.1"), ConfigError, "lr is '0.1'"),
    (lambda t: t.update_(X, D, None), ConfigError, "lr is None"),
    (lambda t: t.update_(X, D, True), ConfigError, "lr is True"),
    (lambda t: t.set_weights(W.T), ShapeError, r"weights is \[4, 3\]: this crossbar takes \[3, 4\]"),
    (lambda t: t.set_weights(W * np.nan), NotFiniteError, "weights has NaN"),
    (lambda t: t.set_weights(1j * W), DtypeError, "complex"),
    (lambda t: t.decay_weights_(-1), ConfigError, "alpha is -1.*at least 0"),
    (lambda t: t.drift_weights_(-1), ConfigError, "duration is -1"),
    (lambda t: t.drift_weights_(math.inf), ConfigError, "duration is inf"),
    (lambda t: t.reset_columns_(4), ConfigError, "first is 4: it must be at least 0 and below 4"),
    (lambda t: t.reset_columns_(0, 5), ConfigError, "count is 5"),
    (lambda t: t.reset_columns_(0, 1, 1.5), ConfigError, r"probability is 1\.5"),
    (lambda t: t.read_weights(over_sampling=-1), ConfigError, "over_sampling is -1"),
    (lambda t: t.program_weights_(W.T), ShapeError, "target"),
    (lambda t: t.program_weights_(lr=math.nan), ConfigError, "lr is nan"),
    (lambda t: t.program_weights_(x=W.T), ShapeError, "x is"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD_CALLS, ids=range(len(BAD_CALLS)))
@pytest.mark.parametrize("kind", ["exact", "noisy"])
def test_bad_input_is_refused_and_nothing_changes(
    kind: str, call: Callable[[Crossbar], Any], error: type[Exception], message: str
) -> None:
    tile = Crossbar((3, 4), Exact() if kind == "exact" else SingleRPUConfig(), seed=1)
    before = tile.state.copy()
    with pytest.raises(error, match=message):
        call(tile)
    assert tile.state == before


@pytest.mark.parametrize("noise_management", ["NONE", "MAX", "CONSTANT", "ABS_MAX_NP_SUM", "AVERAGE_ABS_MAX"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_no_way_of_scaling_lets_through_what_is_no_number(noise_management: str, bad: float) -> None:
    io = IOParameters(noise_management=noise_management, nm_thres=0.5)
    low_rank = LRTTTransferCompound((ConstantStepDevice(),) * 3, rank=2, composition="separate_adc")
    for config in (SingleRPUConfig(forward=io), UnitCellRPUConfig(device=low_rank, forward=io, backward=io)):
        tile = Crossbar((3, 4), config, seed=1)
        before = tile.state.copy()
        with pytest.raises(NotFiniteError):
            tile.mvm(np.where(np.arange(4) == 2, bad, X))
        with pytest.raises(NotFiniteError):
            tile.mvm_transposed(np.where(np.arange(3) == 2, bad, D))
        assert tile.state == before


def nested(levels: int) -> Any:
    """A device inside so many vector cells."""
    return VectorUnitCell((nested(levels - 1),)) if levels else ConstantStepDevice()


def test_cells_may_be_nested_four_times() -> None:
    tile = Crossbar((2, 2), UnitCellRPUConfig(device=nested(4)), seed=1)
    assert np.isfinite(tile.update(np.ones((1, 2)), np.ones((1, 2)), lr=0.1).weights).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ConstantStepDevice(w_min=0.5, w_max=-0.5), "w_m.. is"),
        (lambda: ConstantStepDevice(w_mi=0.5), "did you mean 'w_min'"),
        (lambda: UpdateParameters(desired_bl=0), "desired_bl is 0"),
        (lambda: UpdateParameters(desired_bl=10**6), "desired_bl is 1000000"),
        (lambda: IOParameters(inp_bound=2.0), "inp_bound is 2"),
        (lambda: IOParameters(bound_management="SHIFT"), "SHIFT exists only as a name"),
        (lambda: IOParameters(out_noise=1e39), "IOParameters.out_noise is a number that float32 holds"),
        (lambda: IOParameters(out_bound=np.inf), "out_bound is a number that float32 holds"),
        (
            lambda: IOParameters(inp_bound=1e-37, noise_management="NONE"),
            "inp_res=0.00793651 of inp_bound=1e-37 is a step",
        ),
        (lambda: IOParameters(out_res=3e38, out_bound=0.1), "give larger ones, or out_res=0 for no quantisation"),
        (lambda: OneSidedUnitCell((ConstantStepDevice(w_max=0),), refresh_every=1), "bounds {'w_max': 0.0}"),
        (
            lambda: OneSidedUnitCell((ConstantStepDevice(w_min=0),), refresh_every=1, copy_inverted=True),
            "ConstantStepDevice has the bounds .*'w_min': 0.0}: give one that is not 0, or set refresh_every to 0",
        ),
        (lambda: TransferCompound(STEPS, no_self_transfer=False), "leave it True"),
        (lambda: Crossbar((2, 2), UnitCellRPUConfig(device=nested(5))), "nested too deeply: .* room for four levels"),
    ],
    ids=range(14),
)
def test_parameters_that_contradict_each_other_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        make()


def test_trains_that_would_be_too_long_change_nothing() -> None:
    pulses = UpdateParameters(fixed_bl=False, update_bl_management=False, update_management=False)
    tile = Crossbar((3, 4), SingleRPUConfig(update=pulses), seed=1)
    before = tile.state.copy()
    with pytest.raises(ConfigError, match="smaller learning rate"):
        tile.update_(X, D, lr=1e9)
    assert tile.state == before


@pytest.mark.parametrize("pulse_type", ["STOCHASTIC_COMPRESSED", "MEAN_COUNT", "DETERMINISTIC_IMPLICIT"])
@pytest.mark.parametrize("lr", [3e38, -3e38])
def test_the_largest_rates_lead_to_the_bounds(lr: float, pulse_type: str) -> None:
    tile = Crossbar((3, 4), SingleRPUConfig(update=UpdateParameters(pulse_type=pulse_type)), seed=1)
    x, d = np.ones((2000, 4)), np.ones((2000, 3))
    d[:, 1] = 0
    before, after = tile.weights, tile.update(x, d, lr).weights
    bounds = tile.hidden_parameters["min_bound" if lr > 0 else "max_bound"]
    np.testing.assert_array_equal(after[1], before[1])
    np.testing.assert_array_equal(after[::2], bounds[::2])


def test_vectors_of_zeros_and_rates_of_zero_change_no_weight(noisy: Crossbar) -> None:
    before = noisy.weights
    for x, d, lr in ((0 * X, D, 0.1), (X, 0 * D, 0.1), (X, D, 0.0), (X[:0], D[:0], 0.1)):
        np.testing.assert_array_equal(noisy.update(x, d, lr).weights, before)
    assert np.isfinite(noisy.mvm(0 * X)).all()


STEPS = (ConstantStepDevice(), SoftBoundsDevice(), ConstantStepDevice())


@pytest.mark.parametrize(
    "config",
    [
        SingleRPUConfig(),
        DigitalRankUpdateRPUConfig(device=MixedPrecisionCompound()),
        UnitCellRPUConfig(device=OneSidedUnitCell(STEPS[:1])),
        UnitCellRPUConfig(device=VectorUnitCell(STEPS, update_policy="SINGLE_SEQUENTIAL")),
        UnitCellRPUConfig(device=LRTTTransferCompound(STEPS, rank=2, composition="single_adc")),
    ],
    ids=lambda config: type(config.device).__name__,
)
def test_reading_and_rates_of_zero_leave_the_state_alone(config: RPUConfig) -> None:
    tile = Crossbar((3, 4), config, seed=1).update_(X, D, 0.1)
    before = tile.state.copy()
    assert tile.weights.shape == (3, 4)
    assert tile.hidden_parameters
    assert tile.update_(X, D, 0.0).state == before


def test_a_negative_rate_climbs() -> None:
    tile = Crossbar((3, 4), SingleRPUConfig(device=ConstantStepDevice(dw_min_dtod=0, up_down_dtod=0)), seed=1)
    tile.set_weights(np.zeros((3, 4)))
    for lr in (0.1, -0.1):
        change, wanted = tile.update(X, D, lr).weights, -lr * D.T @ X
        assert np.corrcoef(change.ravel(), wanted.ravel())[0, 1] > 0.9


BAD_ARGUMENTS: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"shape": (0, 4)}, ShapeError, "at least one output"),
    ({"shape": (3, -4)}, ShapeError, "at least one output"),
    ({"shape": (3,)}, ShapeError, "two integers"),
    ({"shape": 3}, ShapeError, "two integers"),
    ({"shape": (3.0, 4)}, ShapeError, "two integers"),
    ({"shape": (True, 4)}, ShapeError, "two integers"),
    ({"config": None}, ConfigError, "give an RPUConfig"),
    ({"config": ConstantStepDevice()}, ConfigError, "give an RPUConfig"),
    (
        {"config": CustomRPUConfig()},
        UnsupportedOperationError,
        "CustomRPUConfig is no configuration of a Crossbar, which is trained by pulses: use Fl",
    ),
    (
        {"config": SingleRPUConfig(runtime=RuntimeParameter(data_type="HALF"))},
        UnsupportedOperationError,
        "data_type",
    ),
    (
        {"config": SingleRPUConfig(mapping=MappingParameter(weight_scaling_omega=0.6))},
        UnsupportedOperationError,
        "weight_scaling_omega is set",
    ),
    (
        {"config": SingleRPUConfig(pre_post=PrePostProcessingParameter(input_range=InputRangeParameter(enable=True)))},
        UnsupportedOperationError,
        "input_range",
    ),
    (
        {"config": UnitCellRPUConfig(device=LRTTTransferCompound((ConstantStepDevice(),) * 3, rank=4))},
        ConfigError,
        "rank",
    ),
    (
        {"config": SingleRPUConfig(backward=IOParametersIRDropT())},
        UnsupportedOperationError,
        "backward is IOParametersIRDropT, but pulses of different length drive inputs only",
    ),
    ({"seed": -1}, ConfigError, "seed is -1"),
    ({"seed": 1 << 32}, ConfigError, "seed is 4294967296"),
    ({"seed": 1.0}, ConfigError, "seed is an integer"),
    ({"seed": True}, ConfigError, "seed is an integer"),
    ({"tile": -1}, ConfigError, "tile is -1"),
    ({"allocator": "numba"}, UnsupportedOperationError, r"as tensorlayer\.backend\.get_backend\('numba'\)"),
    ({"allocator": get_backend("torch").allocator(device="cuda:99")}, UnsupportedOperationError, "makes no arrays"),
    ({"allocator": get_backend("torch").allocator()}, UnsupportedOperationError, "arrays of NumPy or on a GPU"),
    ({"allocator": get_backend("numpy").allocator("on_demand")}, UnsupportedOperationError, "local ones"),
]


@pytest.mark.parametrize(("arguments", "error", "message"), BAD_ARGUMENTS, ids=range(len(BAD_ARGUMENTS)))
def test_no_crossbar_is_made_of_nonsense(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        Crossbar(**{"shape": (3, 4), "config": SingleRPUConfig(), "seed": 1} | arguments)


def test_numpys_allocator_is_as_good() -> None:
    first = Crossbar((3, 4), SingleRPUConfig(), seed=1, allocator=get_backend("numpy").allocator()).update_(X, D, 0.1)
    assert first.state == Crossbar((3, 4), SingleRPUConfig(), seed=1).update_(X, D, 0.1).state


def test_exact_crossbars() -> None:
    tile = Crossbar((3, 4), FloatingPointRPUConfig(), seed=1).set_weights(W)
    np.testing.assert_allclose(tile.mvm(X), X @ W.T, rtol=1e-6)
    np.testing.assert_allclose(tile.update(X, D, 0.5).weights, W - 0.5 * D.T @ X, rtol=1e-5, atol=1e-6)
    assert Ledger() == Ledger(bound=1)
