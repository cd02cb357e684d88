"""Products with a tensor on crossbars, against NumPy's einsum in double precision."""

import pickle

import numpy as np
import pytest

import tensorlayer as tl
from analog.backend import AnalogMatmul, NoiseTerms, expected_noise
from analog.config import FloatingPointRPUConfig, IdealDevice, IOParameters, SingleRPUConfig
from analog.errors import ConfigError, NotFiniteError
from tensorlayer.errors import ConversionError, DtypeError, OptionError, ShapeError, UnsupportedOperationError
from tensorlayer.language.evaluation import plan_for

EXTENTS = {"a": 2, "b": 3, "c": 4, "h": 5, "i": 6, "j": 2, "o": 7, "p": 3}


def elements(labels, seed, dtype="float64"):
    return np.random.default_rng(seed).standard_normal([EXTENTS[x] for x in labels]).astype(dtype)


def close(actual, expected, factor=40):
    """Equal to the rounding of float32, relative to the largest element."""
    scale = max(float(np.abs(expected).max(initial=0)), 1.0)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=factor * np.finfo(np.float32).eps * scale)


def labelled(tensor, labels):
    return tensor[",".join(labels)]


#: The matrix's labels, how many of them are outputs, the other operands, and the result.
CASES = [
    ("oi", 1, "i", "o"),
    ("oi", 1, "bi", "bo"),
    ("oi", 1, "bi", "ob"),
    ("oi", 1, "ib", "bo"),
    ("oi", 1, "abi", "aob"),
    ("oi", 1, "bo", "bi"),
    ("oi", 1, "ob", "ib"),
    ("io", 1, "bi", "bo"),
    ("opij", 2, "bij", "bop"),
    ("opij", 2, "jbi", "pbo"),
    ("opij", 2, "bpo", "ijb"),
    ("oij", 1, "ij", "o"),
    ("opi", 2, "o p", "i"),
    ("oi", 1, "bi c", "boc"),
    ("oi", 1, "bi b", "bo"),
    ("oi", 1, "bi bi", "bo"),
    ("oi", 1, "bi co", "bc"),
    ("oi", 1, "bi bo", "b"),
    ("oi", 1, "bi bo", ""),
    ("oi", 1, "i o", ""),
    ("oi", 1, "", "o"),
    ("oi", 1, "", "i"),
    ("oi", 1, "", ""),
    ("oi", 1, "b", "bo"),
    ("oi", 1, "ho bi", "hb"),
    ("oi", 1, "i o", "o"),
    ("i", 0, "bi", "b"),
    ("i", 1, "bi", "b"),
]


@pytest.mark.parametrize("tile_shape", [None, (2, 4)], ids=["one", "grid"])
@pytest.mark.parametrize(("matrix", "rows", "others", "result"), CASES, ids=str)
def test_product_is_that_of_numpy(matrix, rows, others, result, tile_shape):
    w, rest = elements(matrix, 0), [elements(x, i) for i, x in enumerate(others.split(), 1)]
    W = tl.tensor(w, backend="analog", rows=rows, seed=1, tile_shape=tile_shape)
    product = labelled(W, matrix)
    for array, labels in zip(rest, others.split(), strict=True):
        product = labelled(tl.tensor(array), labels) * product
    y = product[",".join(result)]
    plan, _ = plan_for([y.value])
    assert sum(isinstance(node, AnalogMatmul) for node in plan.final.operations) == 1
    assert y.place == ("numpy", "cpu")
    assert y.dtype == np.float64
    close(y.numpy(), np.einsum(",".join([matrix, *others.split()]) + "->" + result, w, *rest))


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex64", "complex128", "int32", "bool"])
def test_element_types_are_those_of_numpy(dtype):
    w = elements("oi", 0, "float32")
    x = (elements("bi", 1) * (1 + 2j if "complex" in dtype else 3)).astype(dtype)
    y = (tl.tensor(x)["b,i"] * tl.tensor(w, backend="analog")["o,i"])["b,o"]
    expected = x @ w.T
    assert y.dtype == y.numpy().dtype == expected.dtype
    close(y.numpy(), expected)


def test_several_matrices_and_the_rest_of_a_statement():
    w1, w2, x, d = elements("hi", 0), elements("oh", 1), elements("bi", 2), elements("bo", 3)
    A, B = (tl.tensor(w, backend="analog", seed=i) for i, w in enumerate((w1, w2)))
    X, D = tl.tensor(x), tl.tensor(d)
    y = tl.Tensor()
    y["b,o"] = tl.maximum((0.5 * A["h,i"] * B["o,h"] * X["b,i"] - D["b,o"] / 2)["b,o"], 0.0)
    close(y.numpy(), np.maximum(0.5 * x @ w1.T @ w2.T - d / 2, 0))
    hidden = (A["h,i"] * X["b,i"])["b,h"]
    close((tl.tanh(hidden["b,h"]) * B["o,h"])["b,o"].numpy(), np.tanh(x @ w1.T) @ w2.T)


def test_slices_and_transposes_of_results_and_operands():
    w, x = elements("oi", 0), elements("bi", 1)
    W, X = tl.tensor(w, backend="analog"), tl.tensor(x)
    y = (W["o,i"] * X["b,i"])["b,o"]
    close(y[1:, 2].numpy(), (x @ w.T)[1:, 2])
    close((W.T["i,o"] * X["b,i"])["b,o"].numpy(), x @ w.T)
    close((X.T["i,b"] * W["o,i"])["o,b"].numpy(), w @ x.T)
    close((W @ X.T).numpy(), w @ x.T)


@pytest.mark.parametrize(
    "read",
    [
        lambda W: W.to("numpy")[1:3],
        lambda W: W.to("numpy")[2],
        lambda W: W.to("numpy")[4, 5],
        lambda W: W.to("numpy")[::2, 1],
        lambda W: W.T.to("numpy"),
        lambda W: W.T.to("numpy")[1:3, 2],
        lambda W: (2 * W.T.to("numpy")["i,o"])["i,o"][0],
    ],
    ids=["rows", "row", "element", "column", "transpose", "part of the transpose", "function of the transpose"],
)
def test_elements_that_are_read_out_are_cut_and_transposed(read):
    w = elements("oi", 0)
    close(read(tl.tensor(w, backend="analog")).numpy(), read(tl.tensor(w)).numpy(), 1)


def test_modes_that_were_moved_twice_are_read_in_order():
    w = elements("opij", 0)
    W, once, twice = tl.tensor(w, backend="analog", rows=2), tl.Tensor(), tl.Tensor()
    once["j,o,i,p"] = W["o,p,i,j"]
    twice["i,j,p,o"] = once["j,o,i,p"]
    close(twice.to("numpy").numpy(), w.transpose(2, 3, 1, 0), 1)
    close(twice.to("numpy")[1].numpy(), w.transpose(2, 3, 1, 0)[1], 1)


def test_transposed_views_are_operands():
    w, x, d = elements("oi", 0), elements("bi", 1), elements("bo", 2)
    W, X, D = tl.tensor(w, backend="analog"), tl.tensor(x), tl.tensor(d)
    V = W.T
    close((V["i,o"] * X["b,i"])["b,o"].numpy(), x @ w.T)
    close((V["i,o"] * D["b,o"])["b,i"].numpy(), d @ w)
    close((V @ D.T).numpy(), w.T @ d.T)


def test_a_program_gives_new_noise_each_time_and_the_same_from_the_same_seed():
    config = SingleRPUConfig(device=IdealDevice())
    w, x = 0.1 * elements("oi", 0), elements("bi", 1)
    program = tl.program("y[b,o] = x[b,i] * W[o,i]")

    def twice():
        W = tl.tensor(w, backend="analog", config=config, seed=3)
        return [program(x=x, W=W).numpy() for _ in range(2)], W.buffer.grid

    (first, second), _ = twice()
    (again, _), grid = twice()
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(grid.crossbars[0, 0].mvm(x.astype(np.float32), step=0), first.astype(np.float32))


@pytest.mark.parametrize("where", ["torch", "dask", "numba"])
def test_vectors_of_other_libraries(where):
    w, x = elements("oi", 0, "float32"), elements("bi", 1, "float32")
    y = (tl.tensor(x, backend=where)["b,i"] * tl.tensor(w, backend="analog")["o,i"] + 1.0)["b,o"]
    assert y.place[0] == where
    close(y.numpy(), x @ w.T + 1)


def test_a_backend_in_charge_computes_the_rest():
    w, x = elements("oi", 0), elements("bi", 1)
    W = tl.tensor(w, backend="analog")
    with tl.use("torch"):
        y = (tl.tensor(x)["b,i"] * W["o,i"] + 1.0)["b,o"]
        assert y.place[0] == "torch"
        close(y.numpy(), x @ w.T + 1)
    advice = r"1.0 \+ x0\).* choose it for what it holds"
    with tl.use("analog"), pytest.raises(UnsupportedOperationError, match=advice):
        (tl.tensor(x)["b,i"] + 1.0)["b,i"].numpy()


def test_sums_of_what_crossbars_hold_are_products_with_ones():
    w = elements("oi", 0)
    W = tl.tensor(w, backend="analog")
    close(tl.sum(W["o,i"] + tl.tensor(w)["o,i"], over="i")["o"].numpy(), 2 * w.sum(1))
    close((W.T["i,o"] - 3 * W["o,i"])["i"].numpy(), -2 * w.sum(0))


def test_gradients_of_torch_are_not_cut_in_silence():
    import torch

    x = torch.ones(2, 6, requires_grad=True)
    W = tl.tensor(elements("oi", 0, "float32"), backend="analog")
    with pytest.raises(UnsupportedOperationError, match="detach"):
        (tl.tensor(x)["b,i"] * W["o,i"])["b,o"].numpy()


def test_symbolic_gradients_run_backwards_through_the_crossbars():
    w, x = elements("oi", 0), elements("bi", 1)
    W, X = tl.tensor(w, backend="analog"), tl.tensor(x)
    energy = (((W["o,i"] * X["b,i"])["b,o"]) ** 2)[""]
    slope = tl.grad(energy, X)
    close(slope.numpy(), 2 * (x @ w.T) @ w, 100)


@pytest.mark.parametrize(
    "make", [lambda w: tl.tensor(w, backend="analog"), lambda w: tl.tensor(w).to("analog")], ids=["made", "moved"]
)
def test_moving_there_and_back(make):
    w = elements("oi", 0)
    W = make(w)
    assert W.place == ("analog", "cpu")
    close(W.numpy(), w, 1)
    close(W.to("torch").numpy(), w, 1)
    close((W["o,i"] * tl.tensor(np.ones(6))["i"])["o"].numpy(), w.sum(1))
    assert tl.tensor(w).to("analog", config=FloatingPointRPUConfig(), seed=5).buffer.grid.crossbars[0, 0].seed == 5


def test_layout_is_the_grid():
    W = tl.tensor(elements("oi", 0), backend="analog", tile_shape=(4, 2))
    assert W.buffer.layout.tiling.layers == (((4, 3), (2, 2, 2)),)
    assert W.buffer.grid.layout.outer.extents == (2, 3)


def test_a_digital_factor_maps_the_largest_element():
    w, x = 50 * elements("oi", 0), elements("bi", 1)
    config = SingleRPUConfig(
        device=IdealDevice(), forward=IOParameters(is_perfect=True), backward=IOParameters(is_perfect=True)
    ).replace(**{"mapping.weight_scaling_omega": 0.6})
    W = tl.tensor(w, backend="analog", config=config)
    assert np.isclose(np.abs(W.buffer.grid.weights).max(), 0.6)
    close((W["o,i"] * tl.tensor(x)["b,i"])["b,o"].numpy(), x @ w.T)
    close(W.numpy(), w, 4)


def test_reading_is_exact_or_realistic_by_choice():
    w = 0.1 * elements("oi", 0)
    config = SingleRPUConfig(device=IdealDevice())
    exact = tl.tensor(w, backend="analog", config=config, seed=1)
    realistic = tl.tensor(w, backend="analog", config=config, seed=1, realistic=True)
    close(exact.numpy(), w, 1)
    error = np.abs(realistic.numpy() - w).max()
    # 60 reads of noise 0.06 and inputs of about 2.5 at most, six weights each: the error is near 0.02.
    assert 1e-4 < error < 0.1
    np.testing.assert_allclose(exact.buffer.read_weights(), w, atol=0.1)


def test_pickles_keep_crossbars_and_their_counters():
    config = SingleRPUConfig(device=IdealDevice())
    W = tl.tensor(0.1 * elements("oi", 0), backend="analog", config=config, seed=1, tile_shape=(4, 4))
    X = tl.tensor(elements("bi", 1))
    (X["b,i"] * W["o,i"])["b,o"].numpy()
    restored = pickle.loads(pickle.dumps(W))
    np.testing.assert_array_equal(*((X["b,i"] * M["o,i"])["b,o"].numpy() for M in (W, restored)))


def test_explain_counts_conversions_and_noise():
    io = IOParameters(out_noise=0.03, inp_noise=0.02, out_res=-1, inp_res=-1)
    W = tl.tensor(elements("oi", 0), backend="analog", config=SingleRPUConfig(forward=io), tile_shape=(3, 3))
    text = str(tl.explain((W["o,i"] * tl.tensor(elements("bi", 1))["b,i"])["b,o"]))
    assert "3 vectors through 7 x 6 crosspoints on 3 x 2 crossbars, from the inputs" in text
    assert "conversions  54 digital to analog, 42 analog to digital" in text
    assert "0.0424 of outputs and their converters, 0.02 |w| of inputs" in text  # 0.03 sqrt(2), two crossbars in a row
    # The parts of a complex vector go through one after the other.
    complex_vectors = tl.tensor(elements("bi", 1, "complex64"))
    assert "6 vectors through" in str(tl.explain((W["o,i"] * complex_vectors["b,i"])["b,o"]))


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("tile_shape", [None, (16, 16)])
def test_expected_noise_is_what_is_measured(transposed, tile_shape):
    """4000 products: the relative error of a standard deviation is 1.1 %, so 6 % is five of them."""
    rng = np.random.default_rng(0)
    w, x = 0.2 * rng.standard_normal((32, 32)), rng.standard_normal(32)
    io = IOParameters(inp_noise=0.05, out_noise=0.1, inp_res=1 / 14, inp_sto_round=True, w_noise=0.0)
    config = SingleRPUConfig(device=IdealDevice(), forward=io, backward=io)
    W = tl.tensor(w, backend="analog", config=config, seed=1, tile_shape=tile_shape)
    program = tl.program("y[b,i] = x[b,o] * W[o,i]" if transposed else "y[b,o] = x[b,i] * W[o,i]")
    many = program(x=np.tile(x, (4000, 1)), W=W).numpy()
    # Stochastic rounding has the variance of the two neighbours: f (1 - f) steps squared, 1/6 on average, not 1/12.
    scaled = np.abs(x).max()
    extra = 0.0 if tile_shape else _rounding(x / scaled, io.inp_step, w if transposed else w.T) * scaled**2
    expected = np.sqrt(expected_noise(W, x, transposed=transposed) ** 2 + extra) if not tile_shape else None
    if tile_shape is None:
        np.testing.assert_allclose(many.std(0), expected, rtol=0.06)
    else:
        assert np.all(many.std(0) > 0.9 * expected_noise(W, x, transposed=transposed))


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("kind", ["ADDITIVE_CONSTANT", "PCM_READ"])
def test_expected_noise_of_weights_is_what_is_measured(kind, transposed):
    """4000 products, 24 outputs: the relative error of a deviation is 1.1 %, so 5 % is more than four of them."""
    rng = np.random.default_rng(0)
    w, x = 0.2 * rng.standard_normal((24, 24)), rng.standard_normal(24)
    io = IOParameters(out_noise=0.0, inp_res=-1, out_res=-1, w_noise=0.1, w_noise_type=kind)
    config = SingleRPUConfig(device=IdealDevice(), forward=io, backward=io)
    W = tl.tensor(w, backend="analog", config=config, seed=1, tile_shape=(24, 10))
    program = tl.program("y[b,i] = x[b,o] * W[o,i]" if transposed else "y[b,o] = x[b,i] * W[o,i]")
    many = program(x=np.tile(x, (4000, 1)), W=W).numpy()
    np.testing.assert_allclose(many.std(0), expected_noise(W, x, transposed=transposed), rtol=0.05)


def test_expected_noise_of_a_transposed_view_and_of_what_is_none():
    config = SingleRPUConfig(forward=IOParameters(out_noise=0.1), backward=IOParameters(inp_noise=0.2))
    W = tl.tensor(elements("oi", 0), backend="analog", config=config, tile_shape=(2, 4))
    outputs, inputs = W.shape
    d, x = np.linspace(-1, 1, outputs), np.linspace(-1, 2, 2 * inputs).reshape(2, inputs)
    assert np.array_equal(expected_noise(W.T, d), expected_noise(W, d, transposed=True))
    assert np.array_equal(expected_noise(W.T, x, transposed=True), expected_noise(W, x))
    with pytest.raises(ShapeError, match=f"last axis must have {inputs} elements"):
        expected_noise(W, np.ones((2, inputs + 1)))
    with pytest.raises(ConversionError, match="analog"):
        expected_noise(tl.tensor(elements("oi", 0)), x)


def test_noise_terms_are_the_formula():
    """Against a loop over outputs; every term differs from the others by its magnitude."""
    rng = np.random.default_rng(1)
    w, x = rng.standard_normal((3, 5)), rng.standard_normal((2, 5))
    found = NoiseTerms(output=1.0, adc=2.0, input=3.0, dac=5.0, weight=7.0, read=11.0).variance(x, w)
    for b, o in np.ndindex(2, 3):
        squares = sum(x[b, i] ** 2 for i in range(5))
        reading = sum(abs(w[o, i]) * x[b, i] ** 2 for i in range(5))
        assert found[b, o] == pytest.approx(1 + 4 + (9 + 25) * sum(w[o] ** 2) + 49 * squares + 121 * reading)


@pytest.mark.parametrize(
    ("kind", "words"), [("ADDITIVE_CONSTANT", "0.0175 |x| of weights"), ("PCM_READ", "0.0175 |x sqrt(w)| of weights")]
)
def test_explain_tells_of_fluctuating_weights(kind, words):
    config = SingleRPUConfig(device=IdealDevice(), forward=IOParameters(w_noise=0.0175, w_noise_type=kind))
    W = tl.tensor(elements("oi", 0), backend="analog", config=config)
    assert words in str(tl.explain((W["o,i"] * tl.tensor(elements("bi", 1))["b,i"])["b,o"]))


def _rounding(x, step, w):
    """What the variance of stochastic rounding exceeds the uniform one of expected_noise by."""
    fraction = np.abs(x / step) % 1
    return ((fraction * (1 - fraction) - 1 / 12) * step**2) @ w**2


@pytest.mark.parametrize(
    ("statement", "advice"),
    [
        (lambda W, V, X: (W["o,i"] * V["i,j"])["o,j"], "vectors first"),
        (lambda W, V, X: tl.exp(W["o,i"])["o,i"], "numpy"),
        (lambda W, V, X: (W["o,i"] + 1.0)["o,i"], "numpy"),
        (lambda W, V, X: (2 * W["o,i"])["o,i"], "numpy"),
        (lambda W, V, X: W[1:3], "numpy"),
        (lambda W, V, X: W.T[1:3], "numpy"),
        (lambda W, V, X: (V["i,i"] * X["b,i"])["b"], "rows="),
        (lambda W, V, X: (W["o,i"] * X["b,i"])["b,o,i"], "numpy"),
        (lambda W, V, X: tl.sum(tl.abs(W["o,i"]), over="i")["o"], "numpy"),
        (lambda W, V, X: tl.linalg.qr(W["o,i"])[0], "numpy"),
    ],
    ids=["two", "exp", "add", "scale", "slice", "slice of a view", "diagonal", "elementwise", "reduce", "qr"],
)
def test_what_crossbars_do_not_do_is_refused_with_advice(statement, advice):
    W, V = (tl.tensor(elements(x, 0), backend="analog") for x in ("oi", "ij"))
    V = tl.tensor(np.eye(6), backend="analog")
    X = tl.tensor(elements("bi", 1))
    with pytest.raises(UnsupportedOperationError, match=advice):
        statement(W, V, X).numpy()


def test_labels_that_cannot_be_folded_are_refused_and_another_folding_helps():
    w, x = elements("opij", 0), elements("bpj", 1)
    statement = "y[b,o,i] = W[o,p,i,j] * x[b,p,j]"
    with pytest.raises(UnsupportedOperationError, match=r"first 2 modes are outputs.*rows="):
        tl.program(statement)(W=tl.tensor(w, backend="analog", rows=2), x=x)
    there = tl.tensor(w.transpose(0, 2, 1, 3), backend="analog", rows=2)
    y = tl.program("y[b,o,i] = W[o,i,p,j] * x[b,p,j]")(W=there, x=x)
    close(y.numpy(), np.einsum("opij,bpj->boi", w, x))


def test_a_label_that_all_three_share_is_refused():
    W, X = tl.tensor(elements("boi", 0), backend="analog", rows=2), tl.tensor(elements("bi", 1))
    with pytest.raises(UnsupportedOperationError, match="one tensor for each value"):
        (W["b,o,i"] * X["b,i"])["b,o"].numpy()


@pytest.mark.parametrize(
    ("data", "options", "error"),
    [
        (np.ones((2, 2), int), {}, DtypeError),
        (np.ones((2, 2), complex), {}, DtypeError),
        (np.ones((2, 0)), {}, ShapeError),
        (np.full((2, 2), np.nan), {}, NotFiniteError),
        (np.full((2, 2), 1e39), {}, NotFiniteError),
        (np.ones((2, 2)), {"rows": 3}, ConfigError),
        (np.ones((2, 2)), {"rows": -1}, ConfigError),
        (np.ones((2, 2)), {"config": "ideal"}, ConfigError),
        (np.ones((2, 2)), {"tile_shape": (-1, 2)}, ConfigError),
        (np.ones((2, 2)), {"chunks": 2}, OptionError),
    ],
    ids=["integers", "complex", "empty", "nan", "large", "rows", "minus", "config", "tiles", "option"],
)
def test_bad_input_is_refused_by_name(data, options, error):
    with pytest.raises(error):
        tl.tensor(data, backend="analog", **options)


def test_vectors_that_are_not_finite_are_refused_in_the_words_of_crossbars():
    W = tl.tensor(elements("oi", 0), backend="analog")
    with pytest.raises(NotFiniteError):
        (W["o,i"] * tl.tensor(np.full(6, np.inf))["i"])["o"].numpy()


def test_no_vectors():
    W = tl.tensor(elements("oi", 0), backend="analog")
    assert (W["o,i"] * tl.tensor(np.zeros((0, 6)))["b,i"])["b,o"].numpy().shape == (0, 7)


def test_the_graph_keeps_to_the_spec():
    W, X = tl.tensor(elements("oi", 0), backend="analog"), tl.tensor(elements("bi", 1))
    with tl.options(check=True):
        y = (tl.exp(X["b,i"]) * W["o,i"] + 1.0)["b,o"]
        W["o,i"] += 0.1 * y["b,o"] * X["b,i"]
        assert W.numpy().shape == (7, 6)


@pytest.mark.parametrize("tile_shape", [3, (1, 2, 3), (2, -1)])
def test_tile_shapes_that_are_none(tile_shape) -> None:
    with pytest.raises((ShapeError, ConfigError), match=r"tile_shape is|max_input_size"):
        tl.tensor(np.ones((2, 2)), backend="analog", tile_shape=tile_shape)
