"""What files of models keep, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from analog.config import FloatingPointRPUConfig
from analog.errors import CheckpointError
from analog.nn import AnalogLinear, load_model, load_state, save_model
from analog.nn.projected_lstm import ProjectedLSTMCell
from tensorlayer.errors import FileAccessError


def test_layers_may_share_tensors(tmp_path) -> None:
    model, other = (torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)) for _ in range(2))
    model[1].weight = model[0].weight
    save_model(model, tmp_path / "model")
    load_model(other, tmp_path / "model")
    assert torch.equal(other[1].weight, model[0].weight)


def test_a_file_that_is_half_written_does_not_take_the_place_of_the_old_one(tmp_path, monkeypatch) -> None:
    def full(tensors, path, **named) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    path = tmp_path / "model"
    save_model(AnalogLinear(3, 2), path)
    before = path.read_bytes()
    monkeypatch.setattr("safetensors.torch.save_file", full)
    with pytest.raises(FileAccessError, match="No space left"):
        save_model(AnalogLinear(3, 2), path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_tensor_is_refused(tmp_path) -> None:
    class Counting(torch.nn.Module):
        def get_extra_state(self) -> int:
            return 3

    with pytest.raises(CheckpointError, match=r"_extra_state is int"):
        save_model(Counting(), tmp_path / "model")
    layer = AnalogLinear(3, 2)
    with pytest.raises(CheckpointError, match=r"matrix\.bias is int in the checkpoint: it must be a tensor"):
        load_state(layer, layer.state_dict() | {"matrix.bias": 3})


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("training", [True, False])
def test_projected_cells_come_from_digital_layers_and_go_back(bias, training) -> None:
    digital = torch.nn.LSTM(4, 5, proj_size=3, bias=bias).train(training)
    cell = ProjectedLSTMCell.from_digital(digital, FloatingPointRPUConfig())
    back = cell.to_digital()
    assert (cell.training, back.training) == (training, training)
    assert back.state_dict().keys() == digital.state_dict().keys()
    for name, value in digital.state_dict().items():
        torch.testing.assert_close(back.state_dict()[name], value, rtol=1e-6, atol=1e-6)
    assert cell.train().to_digital().training
    cell.reset_parameters()
