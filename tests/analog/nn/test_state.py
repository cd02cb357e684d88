"""State dictionaries, files, and moves of models."""

from __future__ import annotations

import io

import pytest
import torch
from safetensors import SafetensorError

from analog.config import (
    ChoppedTransferCompound,
    ConstantStepDevice,
    InputRangeParameter,
    IOParameters,
    MappingParameter,
    PrePostProcessingParameter,
    SingleRPUConfig,
    SoftBoundsDevice,
    UnitCellRPUConfig,
)
from analog.errors import CheckpointError
from analog.nn import (
    AnalogLinear,
    AnalogLSTM,
    AnalogSequential,
    convert_to_analog,
    convert_to_digital,
    load_model,
    load_state,
    save_model,
)
from analog.optim import AnalogOptimizer, AnalogSGD
from tensorlayer.errors import FileAccessError, MissingFileError, UnsupportedOperationError
from tests.analog.nn.configs import noisy

SMALL = MappingParameter(max_input_size=4, max_output_size=3, weight_scaling_omega=0.5, learn_out_scaling=True)
RANGE = PrePostProcessingParameter(input_range=InputRangeParameter(enable=True, init_from_data=5))
CONFIGS = {
    "steps": noisy(SMALL, pre_post=RANGE),
    "average": noisy(forward=IOParameters(noise_management="AVERAGE_ABS_MAX", out_noise_std=0.1)),
    "chopped": UnitCellRPUConfig(
        device=ChoppedTransferCompound((SoftBoundsDevice(), SoftBoundsDevice()), in_chop_prob=0.3)
    ),
}


def model(config, seed: int = 1) -> torch.nn.Module:
    torch.manual_seed(seed)
    return torch.nn.Sequential(
        AnalogLinear(6, 5, rpu_config=config, seed=seed),
        torch.nn.Tanh(),
        AnalogLinear(5, 2, rpu_config=config, seed=seed + 1),
    )


def train(network: torch.nn.Module, optimizer: torch.optim.Optimizer, steps: range) -> list[float]:
    losses = []
    for step in steps:
        generator = torch.Generator().manual_seed(step)
        x, target = torch.randn(4, 6, generator=generator), torch.randn(4, 2, generator=generator)
        optimizer.zero_grad()
        loss = (network(x) - target).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(float(loss.detach()))
    return losses


def state(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return network.state_dict()


@pytest.mark.parametrize("config", CONFIGS)
def test_ten_steps_and_ten_after_a_restart_are_twenty(config: str) -> None:
    whole = model(CONFIGS[config])
    losses = train(whole, AnalogOptimizer(torch.optim.Adam, whole.parameters(), lr=0.05), range(20))
    first = model(CONFIGS[config])
    optimizer = AnalogOptimizer(torch.optim.Adam, first.parameters(), lr=0.05)
    begun = train(first, optimizer, range(10))
    file = io.BytesIO()
    torch.save({"model": first.state_dict(), "optimizer": optimizer.state_dict()}, file)
    train(first, optimizer, range(3))  # what was saved is a copy
    file.seek(0)
    saved = torch.load(file, weights_only=True)
    second = model(CONFIGS[config], seed=99)
    second.load_state_dict(saved["model"])
    optimizer = AnalogOptimizer(torch.optim.Adam, second.parameters(), lr=0.05)
    optimizer.load_state_dict(saved["optimizer"])
    assert begun + train(second, optimizer, range(10, 20)) == losses
    for (name, one), other in zip(state(whole).items(), state(second).values(), strict=True):
        assert torch.equal(one, other), name


def test_files_hold_models(tmp_path) -> None:
    first, second = model(CONFIGS["chopped"]), model(CONFIGS["chopped"], seed=7)
    train(first, AnalogSGD(first.parameters(), lr=0.1), range(3))
    save_model(first, tmp_path / "model.safetensors")
    load_model(second, tmp_path / "model.safetensors")
    steps = [train(each, AnalogSGD(each.parameters(), lr=0.1), range(3, 6)) for each in (first, second)]
    assert steps[0] == steps[1]


def test_a_state_dictionary_is_a_copy() -> None:
    network = model(CONFIGS["steps"])
    saved, before = network.state_dict(), bits(network)
    train(network, AnalogSGD([each.matrix.analog for each in (network[0], network[2])], lr=1.0), range(3))
    crossbars = [value.numpy().tobytes() for name, value in saved.items() if ".crossbars." in name]
    assert set(crossbars) <= set(before)
    assert len(crossbars) > 4


def test_keys_are_paths() -> None:
    keys = set(AnalogLinear(6, 5, rpu_config=CONFIGS["steps"]).state_dict())
    assert {"matrix.bias", "matrix.mapping_scales", "matrix.out_scaling", "matrix.crossbars.text"} <= keys
    assert {"matrix.input_range.value", "matrix.crossbars.1.1.cell.weights"} <= keys
    assert all(isinstance(value, torch.Tensor) for value in AnalogLinear(2, 2).state_dict().values())


def bits(network: torch.nn.Module) -> list[bytes]:
    return [value.numpy().tobytes() for value in network.state_dict().values()]


def three_outputs() -> torch.nn.Module:
    layers = [AnalogLinear(inputs, outputs, rpu_config=CONFIGS["average"]) for inputs, outputs in ((6, 5), (5, 3))]
    return torch.nn.Sequential(layers[0], torch.nn.Tanh(), layers[1])


OTHERS = {
    "digital": (lambda: torch.nn.Linear(6, 5), "another model"),
    "config": (lambda: model(noisy()), "made with"),
    "shorter": (lambda: torch.nn.Sequential(AnalogLinear(6, 5, rpu_config=CONFIGS["average"])), "another model"),
    "extents": (three_outputs, r"is \[2\] in the checkpoint"),
}


@pytest.mark.parametrize(("other", "message"), OTHERS.values(), ids=OTHERS)
def test_files_of_other_models_change_nothing(tmp_path, other, message: str) -> None:
    save_model(model(CONFIGS["average"]), tmp_path / "model.safetensors")
    network = other()
    before = bits(network)
    with pytest.raises(CheckpointError, match=message):
        load_model(network, tmp_path / "model.safetensors")
    assert bits(network) == before


def test_damaged_files_change_nothing(tmp_path) -> None:
    network, path = model(CONFIGS["average"]), tmp_path / "model.safetensors"
    save_model(network, path)
    before, whole = bits(network), path.read_bytes()
    for size in (0, 7, 100, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:size])
        with pytest.raises(CheckpointError):
            load_model(network, path)
    with pytest.raises(MissingFileError):
        load_model(network, tmp_path / "none")
    with pytest.raises(MissingFileError):
        save_model(network, tmp_path / "none" / "model")
    assert bits(network) == before


def test_a_state_of_another_configuration_changes_nothing() -> None:
    layer = AnalogLinear(6, 5, rpu_config=CONFIGS["average"])
    before = bits(layer)
    with pytest.raises(CheckpointError, match="make the model with the configuration of the checkpoint"):
        layer.load_state_dict(AnalogLinear(6, 5, rpu_config=noisy()).state_dict())
    saved = layer.state_dict()
    saved["matrix.crossbars.text"] = torch.zeros(4, dtype=torch.uint8)
    with pytest.raises(CheckpointError, match="no description"):
        layer.load_state_dict(saved)
    saved = layer.state_dict()
    del saved["matrix.crossbars.0.0.cell.weights"]
    with pytest.raises(CheckpointError):
        layer.load_state_dict(saved)
    assert bits(layer) == before


def recurrent() -> torch.nn.Module:
    return AnalogLSTM(6, 3, num_layers=2, rpu_config=noisy(), seed=1)


def chain() -> torch.nn.Module:
    layers = [AnalogLinear(6, 5, rpu_config=noisy(), seed=1), torch.nn.Linear(5, 4)]
    return AnalogSequential(*layers, AnalogLinear(4, 2, rpu_config=noisy(), seed=2))


def digital() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Linear(6, 5), torch.nn.BatchNorm1d(5), torch.nn.Linear(5, 2))


def converted() -> torch.nn.Module:
    config = noisy(MappingParameter(weight_scaling_omega=0.1))
    return convert_to_analog(digital(), config, exclude=["1"], seed=1)


def spoil_an_array(saved: dict[str, torch.Tensor], last: str) -> None:
    saved[last] = saved[last][:-1]


def spoil_the_weights(saved: dict[str, torch.Tensor], last: str) -> None:
    saved[last] = torch.full_like(saved[last], torch.nan)


def spoil_the_text(saved: dict[str, torch.Tensor], last: str) -> None:
    name = f"{last.partition('.crossbars.')[0]}.crossbars.text"
    saved[name] = saved[name][:-9]


def spoil_the_bias(saved: dict[str, torch.Tensor], last: str) -> None:
    name = f"{last.partition('.crossbars.')[0]}.bias"
    saved[name] = saved[name][:-1]


def remove_an_array(saved: dict[str, torch.Tensor], last: str) -> None:
    del saved[last]


@pytest.mark.parametrize("spoil", [spoil_an_array, spoil_the_weights, spoil_the_text, spoil_the_bias, remove_an_array])
@pytest.mark.parametrize("make", [recurrent, chain, converted, lambda: model(noisy())])
def test_a_last_layer_that_does_not_fit_changes_no_layer(make, spoil) -> None:
    network, other = make(), make()
    saved = other.state_dict()
    for name in saved:
        if name.endswith("cell.weights"):
            saved[name] = 0.5 * saved[name]
            last = name
    spoil(saved, last)
    before = bits(network)
    loads = [lambda: load_state(network, saved)]
    if type(network) is not torch.nn.Sequential or network._load_state_dict_pre_hooks:
        loads.append(lambda: network.load_state_dict(saved))
    for load in loads:
        with pytest.raises(CheckpointError):
            load()
        assert bits(network) == before


def test_a_state_that_lacks_the_crossbars_of_a_layer_changes_no_layer() -> None:
    network, other = model(noisy()), model(noisy(), seed=2)
    saved = {name: value for name, value in other.state_dict().items() if not name.startswith("2.matrix.crossbars.")}
    before = bits(network)
    with pytest.raises(CheckpointError, match=r"it lacks 2\.matrix\.crossbars"):
        load_state(network, saved)
    assert bits(network) == before


def test_a_state_dictionary_is_taken_whole() -> None:
    network, other = chain(), chain()
    with torch.no_grad():
        other[1].weight.zero_()
    load_state(network, other.state_dict())
    assert bits(network) == bits(other)


def test_digital_models_may_come_back_to_what_they_were() -> None:
    """The hook of a conversion is no obstacle to other state dictionaries."""
    back = convert_to_digital(converted())
    back.load_state_dict(digital().state_dict())


def test_what_the_library_cannot_write_or_read_is_refused_in_words(tmp_path, monkeypatch) -> None:
    def refuse(*arguments, **named) -> None:
        raise SafetensorError("I/O error: Read-only file system")

    path = tmp_path / "model.safetensors"
    save_model(model(noisy()), path)
    with monkeypatch.context() as patch:
        patch.setattr("safetensors.torch.save_file", refuse)
        with pytest.raises(FileAccessError, match=r"could not be written \(I/O error: Read-only file system\)"):
            save_model(model(noisy()), path)
    with pytest.raises(FileAccessError, match="directory"):
        save_model(model(noisy()), tmp_path)
    with pytest.raises((FileAccessError, CheckpointError), match=r"directory|no file of a model"):
        load_model(model(noisy()), tmp_path)
    load_model(model(noisy()), path)


def test_what_is_missing_is_named_as_torch_does() -> None:
    layer = AnalogLinear(6, 5)
    with pytest.raises(RuntimeError, match=r"Missing key.*matrix\.bias.*matrix\.crossbars\.text"):
        layer.load_state_dict({})
    assert "matrix.crossbars.text" in layer.load_state_dict({}, strict=False).missing_keys


def test_loading_forgets_pairs() -> None:
    layer = AnalogLinear(6, 5, rpu_config=noisy())
    saved = layer.state_dict()
    layer(torch.ones(1, 6)).sum().backward()
    layer.load_state_dict(saved)
    before = layer.get_weights()[0]
    AnalogSGD(layer.parameters(), lr=1.0).step()
    assert torch.equal(layer.get_weights()[0], before)


def test_other_devices_are_refused_by_name() -> None:
    layer = AnalogLinear(6, 5, rpu_config=SingleRPUConfig(device=ConstantStepDevice()))
    with pytest.raises(UnsupportedOperationError, match="meta"):
        layer.to("meta")


@pytest.mark.gpu
def test_models_train_on_a_gpu_and_come_back() -> None:
    network = model(CONFIGS["steps"]).to("cuda")
    assert network[0].matrix.analog.device.type == "cuda"
    twin = model(CONFIGS["steps"])
    optimizers = [AnalogSGD(each.parameters(), lr=0.1) for each in (network, twin)]
    x = torch.randn(4, 6)
    for _ in range(5):
        results = network(x.cuda()), twin(x)
        torch.testing.assert_close(results[0].cpu(), results[1], rtol=1e-3, atol=1e-3)
        for result, optimizer in zip(results, optimizers, strict=True):
            optimizer.zero_grad()
            result.square().sum().backward()
            optimizer.step()
    saved = network.state_dict()
    assert all(value.is_cuda for name, value in saved.items() if not name.endswith("text"))
    network.cpu()
    assert network[0].matrix.analog.device.type == "cpu"
    network(x).sum().backward()
    fresh = model(CONFIGS["steps"], seed=5)
    fresh.load_state_dict(saved)
    assert torch.equal(fresh[0].get_weights()[0], network[0].get_weights()[0])
