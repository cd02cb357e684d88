"""Contests of training rules: every rule trains every network, records are continued, and data are found."""

from __future__ import annotations

import gzip
import importlib
import json
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
DIGITS = ["--data", "digits", "--samples", "40", "--epochs", "1"]

Call = Callable[..., int]


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """A module of the examples."""
    monkeypatch.syspath_prepend(EXAMPLES)
    return importlib.import_module


@pytest.fixture
def call(example: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run a script with these arguments."""

    def run(script: str, *arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", [script, *arguments])
        status: int = example(script).main()
        return status

    return run


@pytest.mark.parametrize("network", ["perceptron", "lenet"])
def test_every_rule_trains_every_network(call: Call, capsys: pytest.CaptureFixture[str], network: str) -> None:
    call("analog_images", *DIGITS, "--network", network)
    rows = [line for line in capsys.readouterr().out.splitlines() if " low rank" in f" {line}" or "SoftBounds," in line]
    assert len(rows) == 5 + 4
    losses = [float(row.split()[-3]) for row in rows]
    assert np.isfinite(losses).all()
    assert max(losses) < 3.5, "ln 10 = 2.3 is the loss of guessing"


def test_every_rule_trains_a_recurrent_network(call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    call("analog_characters", "--samples", "20", "--epochs", "1")
    losses = [float(line.split()[-3]) for line in capsys.readouterr().out.splitlines() if line.startswith("SoftBounds")]
    assert len(losses) == 5
    assert max(losses) < 5, "ln 51 = 3.9 is the loss of guessing"


def test_a_record_is_continued(call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, picture = tmp_path / "curves.json", tmp_path / "curves.png"
    record = ["--record", str(file), "--rules"]
    call("analog_images", *DIGITS, *record, "floating point")
    first = json.loads(file.read_text())
    assert first["settings"]["samples"] == 40
    status = call("analog_images", *DIGITS, "--seeds", "2", "--picture", str(picture), *record, "floating point",
                  "ideal crossbars")  # fmt: skip
    second = json.loads(file.read_text())["curves"]
    assert status == 0
    assert second["floating point"][0] == first["curves"]["floating point"][0], "not trained again"
    assert [len(runs) for runs in second.values()] == [2, 2]
    for twin, ideal in zip(second["floating point"], second["ideal crossbars"], strict=True):
        np.testing.assert_allclose(ideal["loss"], twin["loss"], atol=2e-4)
    assert picture.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(SystemExit, match="take another file"):
        call("analog_images", *DIGITS, "--batch", "7", *record, "floating point")
    assert "±" in capsys.readouterr().out


def test_a_contest_fails_when_its_claims_do(example: Callable[[str], ModuleType]) -> None:
    contest, curve = example("contest"), example("training").Curve
    errors = {"floating point": 0.1, "ideal crossbars": 0.11, "SoftBounds, pulses": 0.3, "SoftBounds, Tiki-Taka 2": 0.2}
    runs = {name: [curve([1.0], [error + more], 1.0) for more in (0, 0.01)] for name, error in errors.items()}
    assert contest.verdict(runs) == 0
    assert contest.verdict(runs | {"ideal crossbars": runs["SoftBounds, Tiki-Taka 2"]}) == 1
    assert contest.verdict(runs | {"SoftBounds, Tiki-Taka 2": runs["SoftBounds, pulses"]}) == 1
    chance = {"SoftBounds, Tiki-Taka 2": [curve([1.0], [error], 1.0) for error in (0.29, 0.05)]}
    assert contest.verdict(runs | chance) == 1, "a gain of 14 % with a standard error of 12 %"
    began_well = [curve([2.0, 1.0], [0.1, error], 1.0) for error in (0.3, 0.31)]
    assert contest.verdict(runs | {"SoftBounds, Tiki-Taka 2": began_well}) == 1
    assert contest.with_error([1.0, 3.0]) == (2.0, pytest.approx(1.0))


def test_every_layer_gets_the_rule_for_its_vectors_and_its_extents(example: Callable[[str], ModuleType]) -> None:
    import torch

    contest, rules, network = example("contest"), example("rules"), example("networks").lenet(28)

    def cells(rule: str) -> list[object]:
        found = contest.on_crossbars(network, rules.RULES[rule], torch.zeros(1, 1, 28, 28), 1)
        return [layer.rpu_config.device for layer in found if hasattr(layer, "rpu_config")]

    assert [cell.transfer_every for cell in cells("SoftBounds, Tiki-Taka 2")] == [784, 100, 1, 1, 1]
    assert [cell.units_in_mbatch for cell in cells("SoftBounds, Tiki-Taka")] == [False] * 5
    assert [cell.rank for cell in cells("low rank 32")] == [6, 16, 32, 32, 10]
    assert {type(cell).__name__ for cell in cells("ideal crossbars")} == {"FloatingPointDevice"}
    assert cells("floating point") == []


def test_a_warm_start_is_digital_and_before(
    example: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    contest, rules, networks = example("contest"), example("rules"), example("networks")
    import torch

    samples = example("samples").Samples("none", torch.zeros(3, 1, 8, 8), *[torch.zeros(3)] * 3)
    seen = []
    monkeypatch.setattr(
        contest, "train", lambda network, samples, plan, title: seen.append((plan.epochs, type(network[1]).__name__))
    )
    for name in ("low rank 16", "low rank 16, warm start", "low rank 32, warm start"):
        plan = example("training").Plan(4, 10, 0.1)
        contest.run(rules.RULES[name], lambda: networks.perceptron(8), samples, plan, name, 1)
    warm = [(1, "Linear"), (4, "AnalogLinear")]
    assert seen == [(0, "Linear"), (4, "AnalogLinear"), *warm, *warm]


def test_fashion_is_read_where_the_package_puts_it(
    example: Callable[[str], ModuleType], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = example("samples")
    rng = np.random.default_rng(1)
    images, labels = rng.integers(0, 256, (6, 28, 28), np.uint8), np.arange(6, dtype=np.uint8)
    for part in ("train", "t10k"):
        header = struct.pack(">4B3I", 0, 0, 8, 3, 6, 28, 28)
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(header + images.tobytes()))
        header = struct.pack(">4BI", 0, 0, 8, 1, 6)
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(header + labels.tobytes()))
    found = samples.pictures("fashion", tmp_path)
    expected = (images - images.mean()) / images.std()
    np.testing.assert_allclose(found.x[:, 0], expected, atol=1e-6)
    np.testing.assert_array_equal(found.y_test, labels)
    assert capsys.readouterr().out == ""
    assert samples.pictures("fashion", tmp_path / "nowhere").name == "digits"
    assert "apt install dataset-fashion-mnist" in capsys.readouterr().out


def test_progress_needs_no_library(
    example: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    training = example("training")
    assert list(training.progress([1, 2], "bars")) == [1, 2]
    monkeypatch.setattr(training, "find_spec", lambda _: None)
    assert list(training.progress([1, 2], "lines")) == [1, 2]
    assert capsys.readouterr().out == "lines\n"


def test_vectors_are_counted(example: Callable[[str], ModuleType]) -> None:
    """LeNet-5 slides over 28 x 28 and 10 x 10 places; an LSTM sees a vector at every time."""
    contest, networks = example("contest"), example("networks")
    import torch

    found = contest.vectors_by_layer(networks.lenet(28), torch.zeros(1, 1, 28, 28))
    assert (found["0"], found["3"], found["7"]) == (784, 100, 1)
    found = contest.vectors_by_layer(networks.Characters(5), torch.zeros(1, 9, dtype=torch.int64))
    assert (found["lstm"], found["linear"]) == (9, 9)


def test_losses_are_means_and_errors_shares(example: Callable[[str], ModuleType]) -> None:
    training, samples = example("training"), example("samples")
    import torch

    x, y = torch.eye(4), torch.tensor([0, 1, 2, 0])
    data = samples.Samples("unit vectors", x, y, x, y)
    network = torch.nn.Sequential(torch.nn.Linear(4, 4, bias=False))
    with torch.no_grad():
        network[0].weight.copy_(2 * torch.eye(4))
    curve = training.train(network, data, training.Plan(2, 1, 0.0), "still")
    assert curve.error == [0.25, 0.25]
    expected = float(torch.nn.functional.cross_entropy(2 * x, y))
    assert curve.loss == [pytest.approx(expected), pytest.approx(expected)]


def test_what_is_to_be_predicted_comes_next(example: Callable[[str], ModuleType]) -> None:
    characters = example("analog_characters")
    corpus = characters.corpus()
    assert (corpus.x[:, 1:] == corpus.y[:, :-1]).all()
    text = "".join(characters.ALPHABET[code] for code in corpus.x.flatten().tolist())
    assert "statement" in text


def test_networks_and_rules_are_those_that_they_say(example: Callable[[str], ModuleType]) -> None:
    networks, rules = example("networks"), example("rules")
    extents = [tuple(weight.shape) for weight in networks.perceptron(28).parameters() if weight.ndim == 2]
    assert extents == [(256, 784), (128, 256), (10, 128)]
    weights = sum(weight.numel() for weight in networks.lenet(28).parameters())
    assert weights == 61706, "of LeNet-5 with full second maps"
    cells = {name: contender.rule(64, 1).device for name, contender in rules.RULES.items() if contender.rule}
    assert {name: type(cell).__name__ for name, cell in cells.items() if "low rank" not in name} == {
        "ideal crossbars": "FloatingPointDevice",
        "ConstantStep, pulses": "ConstantStepDevice",
        "SoftBounds, pulses": "SoftBoundsDevice",
        "SoftBounds, Tiki-Taka": "TransferCompound",
        "SoftBounds, Tiki-Taka 2": "ChoppedTransferCompound",
        "SoftBounds, AGAD": "DynamicTransferCompound",
        "SoftBounds, mixed precision": "MixedPrecisionCompound",
    }
    assert cells["SoftBounds, Tiki-Taka 2"].in_chop_prob == 0
    assert cells["SoftBounds, pulses"].num_states == pytest.approx(240)
