"""Two processes that train one model."""

from __future__ import annotations

import copy
import os
import pickle
from pathlib import Path

import pytest
import torch
import torch.distributed
import torch.multiprocessing

from analog.nn import AnalogLinear, load_model, prepare_for_ddp, save_model
from analog.nn.gather import gathered
from analog.optim import AnalogSGD
from tests.analog.nn.configs import MAPPINGS, exact, noisy

CONFIGS = {"exact": exact(MAPPINGS["all"]), "noisy": noisy(MAPPINGS["grid"])}


def model(config: str) -> torch.nn.Module:
    torch.manual_seed(3)
    first, second = (AnalogLinear(*extents, rpu_config=CONFIGS[config]) for extents in ((5, 4), (4, 2)))
    return torch.nn.Sequential(first, torch.nn.Tanh(), torch.nn.Linear(4, 4), second)


def train(network: torch.nn.Module, parts: slice) -> None:
    """Ten steps with some of four vectors each."""
    optimizer = AnalogSGD(network.parameters(), lr=0.1)
    for step in range(10):
        generator = torch.Generator().manual_seed(step)
        x, target = torch.randn(4, 5, generator=generator), torch.randn(4, 2, generator=generator)
        optimizer.zero_grad()
        (network(x[parts]) - target[parts]).square().mean().backward()
        optimizer.step()


def replica(rank: int, folder: str) -> None:
    """What one process does."""
    torch.set_num_threads(1)
    os.environ["GLOO_SOCKET_IFNAME"] = "lo"
    torch.distributed.init_process_group("gloo", f"file://{folder}/store", rank=rank, world_size=2)
    for config in CONFIGS:
        network = prepare_for_ddp(model(config))
        replicated = torch.nn.parallel.DistributedDataParallel(network)
        train(replicated, slice(2 * rank, 2 * rank + 2))
        save_model(network, Path(folder) / f"{config}{rank}")
    own = [None, torch.arange(12.0).reshape(3, 4)][rank]
    pairs = [gathered(None if own is None else (own, own[:, :2]), (2, 4), torch.device("cpu"))]
    pairs += [gathered((torch.full((n, 4), n), torch.full((n, 2), n)), (2, 4), torch.device("cpu")) for n in [3 - rank]]
    torch.save((pairs, gathered(None, (2, 4), torch.device("cpu"))), Path(folder) / f"pairs{rank}")
    torch.distributed.destroy_process_group()


@pytest.mark.processes
def test_replicas_stay_equal_bit_for_bit_and_learn_from_all_vectors(tmp_path) -> None:
    torch.multiprocessing.spawn(replica, (str(tmp_path),), nprocs=2)
    for config in CONFIGS:
        assert (tmp_path / f"{config}0").read_bytes() == (tmp_path / f"{config}1").read_bytes()
    alone, together = model("exact"), model("exact")
    train(alone, slice(0, 4))
    load_model(together, tmp_path / "exact0")
    for layer in (0, 3):
        torch.testing.assert_close(together[layer].get_weights(), alone[layer].get_weights(), rtol=1e-5, atol=1e-6)
    for rank in range(2):
        pairs, nothing = torch.load(tmp_path / f"pairs{rank}")
        x = torch.arange(12.0).reshape(3, 4)
        of_lengths = torch.tensor([3.0] * 3 + [2.0] * 2)[:, None].expand(5, 4)
        for (found_x, found_d), expected in zip(pairs, (x, of_lengths), strict=True):
            assert torch.equal(found_x, expected)
            assert torch.equal(found_d, expected[:, :2] / 2)
        assert nothing is None


def test_without_processes_a_prepared_model_trains_alone() -> None:
    alone, prepared = model("noisy"), prepare_for_ddp(model("noisy"))
    for network in (alone, prepared):
        train(network, slice(0, 4))
    for (name, one), other in zip(alone.state_dict().items(), prepared.state_dict().values(), strict=True):
        assert torch.equal(one, other), name


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))], ids=["copy", "pickle"]
)
def test_copies_of_a_prepared_model_are_prepared(duplicate) -> None:
    network = duplicate(prepare_for_ddp(model("noisy")))
    assert [network[layer].matrix.analog.is_replicated for layer in (0, 3)] == [True, True]
