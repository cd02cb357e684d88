"""Networks of resistors against Kirchhoff's equations of all their nodes, solved by SciPy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import sparse
from scipy.sparse.linalg import splu

from analog.errors import ConfigError
from analog.mvm.circuit import Line, effective_weights, transfer
from analog.parameters import IOParameters, WireParameters
from analog.parameters.wires import LineEnds
from tests.analog.mvm.sites import product

RNG = np.random.default_rng(8)
SHAPES = [(3, 5), (6, 4), (1, 1), (1, 4), (5, 1)]
WEIGHTS = RNG.uniform(-1, 1, (6, 9)).astype(np.float32)
VECTORS = RNG.uniform(-1, 1, (5, 9)).astype(np.float32)


class Network:
    """Nodes, resistors between them, and between them and a source."""

    def __init__(self, nodes: int, sources: int) -> None:
        self.entries: list[tuple[int, int, float]] = []
        self.size = nodes
        self.sources = np.zeros((nodes, sources))

    def resistor(self, one: int, other: int, conductance: float) -> None:
        self.entries += [(one, one, conductance), (other, other, conductance)]
        self.entries += [(one, other, -conductance), (other, one, -conductance)]

    def terminal(self, node: int, conductance: float, source: int | None = None) -> None:
        self.entries.append((node, node, conductance))
        if source is not None:
            self.sources[node, source] += conductance

    def voltages(self) -> np.ndarray:
        rows, columns, values = zip(*self.entries, strict=True)
        matrix = sparse.csc_matrix((values, (rows, columns)), shape=(self.size, self.size))
        return np.asarray(splu(matrix).solve(self.sources))


def connected(line: Line, count: int) -> list[int]:
    ends = {LineEnds.FIRST: [0], LineEnds.LAST: [count - 1], LineEnds.BOTH: [0, count - 1]}
    return ends[line.ends]


def kirchhoff(conductances: np.ndarray, word: Line, bit: Line) -> np.ndarray:
    """Amperes out of every bit line per volt on every word line; needs resistance everywhere."""
    outputs, inputs = conductances.shape
    above = np.arange(outputs * inputs).reshape(outputs, inputs)
    below = above + outputs * inputs
    network = Network(2 * outputs * inputs, inputs)
    for i, j in np.ndindex(outputs, inputs):
        network.resistor(above[i, j], below[i, j], conductances[i, j])
        if i + 1 < outputs:
            network.resistor(above[i, j], above[i + 1, j], 1 / word.wire)
        if j + 1 < inputs:
            network.resistor(below[i, j], below[i, j + 1], 1 / bit.wire)
    for j, i in itertools.product(range(inputs), connected(word, outputs)):
        network.terminal(above[i, j], 1 / word.end, source=j)
    for i, j in itertools.product(range(outputs), connected(bit, inputs)):
        network.terminal(below[i, j], 1 / bit.end)
    voltages = network.voltages()
    return np.array([sum(voltages[below[i, j]] / bit.end for j in connected(bit, inputs)) for i in range(outputs)])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("ends", list(itertools.product(LineEnds, LineEnds)), ids=str)
def test_kirchhoffs_laws_hold(shape: tuple[int, int], ends: tuple[LineEnds, LineEnds]) -> None:
    conductances = RNG.uniform(1e-6, 25e-6, shape)
    word, bit = Line(300.0, 350.0, ends[0]), Line(200.0, 900.0, ends[1])
    expected = kirchhoff(conductances, word, bit)
    np.testing.assert_allclose(transfer(conductances, word, bit), expected, rtol=1e-10)


@pytest.mark.parametrize("tiny", [1e-3, 1e-6])
@pytest.mark.parametrize("ends", LineEnds)
def test_resistances_may_differ_by_orders_of_magnitude(tiny: float, ends: LineEnds) -> None:
    conductances = RNG.uniform(1e-6, 25e-6, (4, 6))
    word, bit = Line(tiny, 1e4, ends), Line(1e3, 1e3 + tiny, ends)
    expected = kirchhoff(conductances, word, bit)
    np.testing.assert_allclose(transfer(conductances, word, bit), expected, rtol=1e-5 if tiny < 1e-4 else 1e-8)


@pytest.mark.parametrize("ends", LineEnds)
def test_no_resistance_is_the_limit_of_small_ones(ends: LineEnds) -> None:
    conductances = RNG.uniform(1e-6, 25e-6, (4, 6))
    for word, bit in itertools.product([(0.0, 0.0), (0.0, 500.0), (200.0, 200.0)], repeat=2):
        found = transfer(conductances, Line(*word, ends), Line(*bit, ends))
        near = [Line(wire + 1e-9, end + 1e-9, ends) for wire, end in (word, bit)]
        np.testing.assert_allclose(found, transfer(conductances, *near), rtol=1e-7)


def test_without_any_resistance_it_is_the_conductance() -> None:
    conductances = RNG.uniform(0, 25e-6, (4, 6))
    none = Line(0.0, 0.0, LineEnds.FIRST)
    np.testing.assert_allclose(transfer(conductances, none, none), conductances, rtol=1e-13)


def test_both_directions_are_reciprocal() -> None:
    conductances = RNG.uniform(0, 25e-6, (4, 6))
    word, bit = Line(300.0, 350.0, LineEnds.FIRST), Line(200.0, 900.0, LineEnds.BOTH)
    np.testing.assert_allclose(transfer(conductances.T, bit, word).T, transfer(conductances, word, bit), rtol=1e-12)


def test_a_single_device() -> None:
    """Two terminals, two pieces of wire and a device, in series."""
    found = effective_weights(
        np.array([[0.5]], np.float32),
        WireParameters(r_word=10.0, r_bit=20.0, r_word_terminal=100.0, r_bit_terminal=200.0, g_max=10.0),
    )
    np.testing.assert_allclose(found, [[1e5 / (1 / 5e-6 + 330.0)]], rtol=1e-6)


@pytest.mark.parametrize("interleaved", [False, True])
def test_pairs_of_devices(interleaved: bool) -> None:
    wires = WireParameters(r_word=40.0, r_bit=25.0, g_min=2.0, g_max=20.0, w_max=0.5, interleaved=interleaved)
    positive, negative = (1e-6 * (2 + 18 * np.maximum(sign * WEIGHTS, 0) / 0.5) for sign in (1, -1))
    word, bit = Line(40.0, 40.0, LineEnds.FIRST), Line(25.0, 25.0, LineEnds.LAST)
    if interleaved:
        pairs = np.empty((12, 9))
        pairs[0::2], pairs[1::2] = positive, negative
        currents = kirchhoff(pairs, word, bit)
        expected = currents[0::2] - currents[1::2]
    else:
        expected = kirchhoff(positive, word, bit) - kirchhoff(negative, word, bit)
    np.testing.assert_allclose(effective_weights(WEIGHTS, wires), expected * 0.5 / 18e-6, rtol=1e-5)


def test_products_see_the_network() -> None:
    wires = WireParameters(r_word=500.0, r_bit=300.0, word_ends="BOTH")
    io = IOParameters(is_perfect=False, inp_res=-1, out_res=-1, out_noise=0.0, bound_management="NONE", wires=wires)
    seen = effective_weights(WEIGHTS, wires)
    assert np.abs(seen - WEIGHTS).max() > 0.01
    np.testing.assert_allclose(product(io, WEIGHTS, VECTORS), VECTORS @ seen.T, atol=2e-6)
    x = VECTORS[:, :6]
    np.testing.assert_allclose(product(io, WEIGHTS, x, transposed=True), x @ seen, atol=2e-6)
    np.testing.assert_allclose(product(io.replace(is_perfect=True), WEIGHTS, VECTORS), VECTORS @ WEIGHTS.T, atol=1e-6)


def test_the_approximation_is_close_when_the_drop_is_small() -> None:
    """Lines read at both ends, weights of one sign: what the formula of `ir_drop` was made for."""
    weights = RNG.uniform(0, 1, (4, 64)).astype(np.float32)
    x = np.ones((1, 64), np.float32)
    bare = IOParameters(inp_res=-1, out_res=-1, out_noise=0.0, out_bound=-1)
    exact_loss = 1 - product(bare.replace(wires=WireParameters(r_word=0.0, r_bit=0.35, g_max=5.0)), weights, x) / (
        x @ weights.T
    )
    assert np.all((exact_loss > 1e-4) & (exact_loss < 1e-2))
    approximate_loss = 1 - product(bare.replace(ir_drop=1.0), weights, x) / (x @ weights.T)
    ratio = approximate_loss / exact_loss
    assert np.all((ratio > 0.2) & (ratio < 5)), ratio


def test_refused() -> None:
    with pytest.raises(ConfigError, match="above g_min"):
        WireParameters(g_min=30.0)
    with pytest.raises(ConfigError, match="r_bit"):
        WireParameters(r_bit=-1.0)
    with pytest.raises(ConfigError, match="only one"):
        IOParameters(ir_drop=1.0, wires=WireParameters())
