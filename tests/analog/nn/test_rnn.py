"""Recurrent layers and their cells against torch's own."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence

from analog.errors import ConfigError
from analog.nn import AnalogGRU, AnalogGRUCell, AnalogLSTM, AnalogLSTMCell, AnalogRNN, AnalogRNNCell
from analog.optim import AnalogSGD
from tensorlayer.errors import ShapeError
from tests.analog.nn.configs import MAPPINGS, exact, noisy

LAYERS = [AnalogRNN, AnalogLSTM, AnalogGRU]
CELLS = [AnalogRNNCell, AnalogLSTMCell, AnalogGRUCell]
#: Axes of the input: (time, batch), (batch, time), none, or packed.
KINDS = ["time first", "batch first", "unbatched", "packed"]

#: Torch says of its own layers with projections that they are slower.
PROJECTED = pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")


def twins(layer, config, **options):
    torch.manual_seed(1)
    analog = layer(3, 4, rpu_config=config, **options)
    torch.manual_seed(1)
    return analog, layer.digital_class(3, 4, **options)


def sequences(kind: str) -> torch.Tensor | PackedSequence:
    if kind == "packed":
        return pack_sequence([torch.randn(length, 3) for length in (3, 5, 1, 5)], enforce_sorted=False)
    return torch.randn(*{"time first": (5, 4), "batch first": (4, 5), "unbatched": (5,)}[kind], 3)


def tensors(result) -> list[torch.Tensor]:
    """Everything that a layer gives, flat."""
    if isinstance(result, PackedSequence):
        return [result.data]
    return [result] if isinstance(result, torch.Tensor) else [part for parts in result for part in tensors(parts)]


def train(models, inputs, states, steps: int) -> None:
    optimizers = AnalogSGD(models[0].parameters(), lr=0.1), torch.optim.SGD(models[1].parameters(), lr=0.1)
    for _ in range(steps):
        x, state = inputs(), states()
        results = [tensors(model(x, state)) for model in models]
        for one, other in zip(*results, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)
        for optimizer, result in zip(optimizers, results, strict=True):
            optimizer.zero_grad()
            sum((number + part).square().mean() for number, part in enumerate(result)).backward()
            optimizer.step()
    for one, other in zip(models[0].to_digital().parameters(), models[1].parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("layers", "bidirectional"), list(itertools.product([1, 2], [False, True])))
@pytest.mark.parametrize("layer", LAYERS)
def test_ideal_layers_train_as_torchs(layer, layers: int, bidirectional: bool, kind: str) -> None:
    options = {"num_layers": layers, "bidirectional": bidirectional, "batch_first": kind == "batch first"}
    models = twins(layer, exact(), **options)
    count = layers * (1 + bidirectional)

    def state():
        parts = [torch.randn(count, *(() if kind == "unbatched" else (4,)), 4) for _ in range(2)]
        return tuple(parts) if layer is AnalogLSTM else parts[0]

    train(models, lambda: sequences(kind), state, steps=5)


@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("layer", LAYERS)
def test_forty_steps_with_everything_digital_around(layer, mapping: str) -> None:
    models = twins(layer, exact(MAPPINGS[mapping]), bias=mapping != "grid")
    train(models, lambda: torch.randn(3, 2, 3), lambda: None, steps=40)


@PROJECTED
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_projected_states_train_as_torchs(bidirectional: bool, kind: str) -> None:
    options = {"num_layers": 2, "bidirectional": bidirectional, "batch_first": kind == "batch first", "proj_size": 2}
    models = twins(AnalogLSTM, exact(MAPPINGS["grid"]), **options)
    batch = () if kind == "unbatched" else (4,)
    count = 2 * (1 + bidirectional)
    train(models, lambda: sequences(kind), lambda: (torch.randn(count, *batch, 2), torch.randn(count, *batch, 4)), 5)
    train(models, lambda: sequences(kind), lambda: None, 2)


@PROJECTED
def test_projected_layers_go_to_torch_and_back_and_into_dictionaries() -> None:
    digital = nn.LSTM(3, 4, num_layers=2, bias=False, proj_size=2)
    layer = AnalogLSTM.from_digital(digital, exact(), seed=1)
    back = layer.to_digital()
    assert [tuple(each.shape) for each in back.parameters()] == [tuple(each.shape) for each in digital.parameters()]
    x = torch.randn(5, 2, 3)
    torch.testing.assert_close(back(x)[0], digital(x)[0], rtol=1e-5, atol=1e-5)
    one, other = (AnalogLSTM(3, 4, rpu_config=noisy(), proj_size=2, seed=3) for _ in range(2))
    one(x)[0].square().sum().backward()
    AnalogSGD(one.parameters(), lr=0.1).step()
    other.load_state_dict(one.state_dict())
    assert torch.equal(one(x)[0], other(x)[0])
    matrices = one.cells[0].input, one.cells[0].hidden, one.cells[0].projection
    assert len({matrix.grid.crossbars[0, 0].seed for matrix in matrices}) == 3
    with pytest.raises(ShapeError, match=r"it must be \[\[1, 2, 2\], \[1, 2, 4\]\]"):
        one(x, (torch.zeros(1, 2, 4), torch.zeros(1, 2, 4)))


@PROJECTED
def test_one_projected_cell_is_a_layer_of_torch() -> None:
    cell = AnalogLSTM(3, 4, rpu_config=exact(), proj_size=2).cells[0]
    digital = cell.to_digital()
    x = torch.randn(6, 3)
    hidden, memory = cell(x)
    torch.testing.assert_close(digital(x[None])[0][0], hidden, rtol=1e-5, atol=1e-5)
    again = type(cell).from_digital(digital, exact(), seed=2)
    torch.testing.assert_close(again(x)[1], memory, rtol=1e-5, atol=1e-5)
    again.reset_parameters()
    assert not torch.equal(again(x)[1], memory)


def test_the_other_nonlinearity() -> None:
    models = twins(AnalogRNN, exact(), nonlinearity="relu")
    train(models, lambda: torch.randn(3, 2, 3), lambda: None, steps=5)


@pytest.mark.parametrize("cell", CELLS)
def test_ideal_cells_train_as_torchs(cell) -> None:
    for shape in ((2,), ()):
        models = twins(cell, exact())

        def state(shape=shape):
            parts = torch.randn(2, *shape, 4)
            return tuple(parts) if cell is AnalogLSTMCell else parts[0]

        train(models, lambda shape=shape: torch.randn(*shape, 3), state, steps=10)
        train(models, lambda shape=shape: torch.randn(*shape, 3), lambda: None, steps=2)


def test_dropout_is_between_layers_and_in_training_only() -> None:
    layer, digital = twins(AnalogLSTM, exact(), num_layers=2, dropout=0.5)
    x = torch.randn(4, 2, 3)
    first, again = layer(x)[0], layer(x)[0]
    assert not torch.equal(first, again)
    layer.eval(), digital.eval()
    torch.testing.assert_close(layer(x)[0], digital(x)[0], rtol=1e-5, atol=1e-5)
    single = AnalogLSTM(3, 4, rpu_config=exact())
    single.dropout = 0.9
    assert torch.equal(single(x)[0], single(x)[0])


@pytest.mark.parametrize("layer", LAYERS)
def test_state_goes_into_a_dictionary_and_back(layer) -> None:
    one, other = (layer(3, 4, num_layers=2, rpu_config=noisy(), seed=3) for _ in range(2))
    x = torch.randn(5, 2, 3)
    one(x)[0].square().sum().backward()
    AnalogSGD(one.parameters(), lr=0.1).step()
    other.load_state_dict(one.state_dict())
    assert torch.equal(one(x)[0], other(x)[0])


def test_a_seed_makes_layers_alike_and_matrices_different() -> None:
    one, other = (AnalogLSTM(3, 3, num_layers=2, rpu_config=noisy(), seed=3) for _ in range(2))
    seeds = [matrix.grid.crossbars[0, 0].seed for cell in one.cells for matrix in (cell.input, cell.hidden)]
    assert seeds == [matrix.grid.crossbars[0, 0].seed for cell in other.cells for matrix in (cell.input, cell.hidden)]
    assert len(set(seeds)) == 4


@pytest.mark.parametrize(
    ("x", "state", "message"),
    [
        (torch.zeros(5, 2, 4), None, r"x is \[5, 2, 4\]: AnalogGRU takes \(time, batch, 3\)"),
        (torch.zeros(3), None, r"x is \[3\]"),
        (torch.zeros(0, 2, 3), None, "at least one time"),
        (torch.zeros(5, 2, 3), torch.zeros(1, 3, 4), r"hx is \[\[1, 3, 4\]\]: it must be \[\[1, 2, 4\]\]"),
        (torch.zeros(5, 3), torch.zeros(1, 1, 4), r"it must be \[\[1, 4\]\]"),
    ],
)
def test_wrong_inputs_are_refused(x: torch.Tensor, state: torch.Tensor | None, message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        AnalogGRU(3, 4, rpu_config=exact())(x, state)


def test_cells_refuse_wrong_inputs() -> None:
    cell = AnalogLSTMCell(3, 4, rpu_config=exact())
    with pytest.raises(ShapeError, match=r"takes \(batch, 3\) or \(3,\)"):
        cell(torch.zeros(2, 5))
    with pytest.raises(ShapeError, match=r"it must be \[\[2, 4\], \[2, 4\]\]"):
        cell(torch.zeros(2, 3), (torch.zeros(2, 4), torch.zeros(1, 4)))


def test_what_there_is_not_is_said() -> None:
    with pytest.raises(ConfigError, match="takes sizes first"):
        AnalogRNN(AnalogLSTMCell, 3, 4)
    with pytest.raises(ValueError, match="proj_size has to be smaller"):
        AnalogLSTM(3, 4, proj_size=4)
    with pytest.raises(ValueError, match="dropout"):
        AnalogGRU(3, 4, dropout=2.0)
