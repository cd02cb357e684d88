"""Grids on workers beside grids in one process: the same bits, wherever crossbars are."""

from __future__ import annotations

import copy
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from distributed.comm import tcp

from analog.config import MappingParameter, SingleRPUConfig
from analog.crossbar import Crossbar
from analog.distributed import DistributedGrid, connection, memory
from analog.errors import CheckpointError, ConfigError
from analog.grid import CrossbarGrid
from analog.nn import AnalogLinear
from analog.optim import AnalogSGD
from backends.dask import DaskRuntime
from tensorlayer.errors import ConversionError, LayoutError, MissingFileError, OptionError, ShapeError, WorkerLostError
from tests.analog.compound.lazy import Lazy
from tests.analog.distributed.configs import PLACES, SEED, SHAPE, SINGLE, TRANSFER, D, X, same_states, train

pytestmark = pytest.mark.processes


def random_placement() -> dict[tuple[int, int], int]:
    return dict(zip(PLACES, np.random.default_rng(5).integers(3, size=9).tolist(), strict=True))


PLACEMENTS = {
    "one worker": dict.fromkeys(PLACES, 0),
    "two workers": {place: place[1] % 2 for place in PLACES},
    "three workers": None,
    "at random": random_placement(),
}


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("config", [SINGLE, TRANSFER], ids=["single", "transfer"])
def test_any_placement_gives_the_bits_of_one_process(
    config: SingleRPUConfig, placement: str, cluster: DaskRuntime
) -> None:
    local = CrossbarGrid(SHAPE, config, seed=SEED)
    grid = DistributedGrid(SHAPE, config, seed=SEED, placement=PLACEMENTS[placement])
    assert len(set(grid.placement.values())) == {"one worker": 1, "two workers": 2}.get(placement, 3)
    assert train(grid, range(4)) == train(local, range(4))
    assert same_states(grid, local)


def test_vectors_that_nobody_holds_are_sent_as_arrays(cluster: DaskRuntime) -> None:
    local, grid = CrossbarGrid(SHAPE, TRANSFER, seed=SEED), DistributedGrid(SHAPE, TRANSFER, seed=SEED)
    local.update_(X, D, 0.1)
    grid.update_(Lazy(X), Lazy(D), 0.1)
    assert same_states(grid, local)


@pytest.mark.parametrize("reachable", [None, 0, 1], ids=["no memory", "nobody reaches it", "one does not"])
def test_workers_that_share_no_memory_get_the_same_bits(
    reachable: int | None, cluster: DaskRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on other machines, or where the system has no such memory."""
    monkeypatch.setattr(memory, "SHARED", reachable is not None)
    answers = iter([*[True] * (reachable or 0), *[False] * 3])
    monkeypatch.setattr(memory.Inbox, "reaches", lambda inbox, room: inbox._open(room) or next(answers))
    grid, local = DistributedGrid(SHAPE, TRANSFER, seed=SEED), CrossbarGrid(SHAPE, TRANSFER, seed=SEED)
    assert sum(held.line is not None for held in grid._parts._held) == (reachable or 0)
    assert train(grid, range(2)) == train(local, range(2))
    assert same_states(grid, local)


@pytest.mark.skipif(not memory.SHARED, reason="other systems have no such memory")
def test_memory_is_used_again(cluster: DaskRuntime) -> None:
    """A hundred steps, which need more room together than there is, in the room of one."""
    grid, x = DistributedGrid(SHAPE, SINGLE, seed=SEED), np.tile(X, (10, 1))
    seen = set()
    for _ in range(100):
        grid.mvm(x)
        seen |= {grid._parts._outbox.room, *(held.inbox._room for held in grid._parts._held)}
    assert len(seen) == 1 + len(set(grid.placement.values()))
    assert 100 * x.nbytes > grid._parts._outbox.room.size
    for _ in range(30):
        grid.update_(x, np.tile(D, (10, 1)), 0.1).checkpoint()
        seen.add(grid._parts._outbox.room)
    assert len(seen) == 1 + len(set(grid.placement.values()))


def test_vectors_may_be_changed_once_a_step_is_done(cluster: DaskRuntime) -> None:
    """What is done again is done with the vectors as they were."""
    grid, local = DistributedGrid(SHAPE, SINGLE, seed=SEED), CrossbarGrid(SHAPE, SINGLE, seed=SEED)
    for factor in (1.0, -0.5):
        x, d = factor * X, D.copy()
        grid.update_(x, d, 0.1), local.update_(x, d, 0.1)
        x[:], d[:] = 9.0, -9.0
    grid._parts._stale = True
    assert same_states(grid, local)


def test_threads_that_ask_at_once_do_not_mix_their_vectors(cluster: DaskRuntime) -> None:
    config = SINGLE.replace(**{"forward.is_perfect": True})
    grid, local = DistributedGrid(SHAPE, config, seed=SEED), CrossbarGrid(SHAPE, config, seed=SEED)
    given = [X * (i + 1) for i in range(20)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(grid.mvm, given))
    assert all(one.tobytes() == local.mvm(x).tobytes() for one, x in zip(found, given, strict=True))


def test_products_with_a_given_step_are_repeated_and_not_counted(cluster: DaskRuntime) -> None:
    grid, local = DistributedGrid(SHAPE, SINGLE, seed=SEED), CrossbarGrid(SHAPE, SINGLE, seed=SEED)
    assert grid.mvm(X, step=7).tobytes() == grid.mvm(X, step=7).tobytes() == local.mvm(X, step=7).tobytes()
    assert grid.mvm(X).tobytes() == local.mvm(X).tobytes()


def test_one_crossbar(cluster: DaskRuntime) -> None:
    config = SingleRPUConfig()
    grid, tile = DistributedGrid((4, 3), config, seed=1), Crossbar((4, 3), config, seed=1)
    assert grid.mvm([1.0, 2.0, -1.0]).tobytes() == tile.mvm([1.0, 2.0, -1.0]).tobytes()


def test_writing_and_what_is_done_to_each_crossbar(cluster: DaskRuntime) -> None:
    grid, local = DistributedGrid(SHAPE, SINGLE, seed=SEED), CrossbarGrid(SHAPE, SINGLE, seed=SEED)
    weights = np.random.default_rng(2).uniform(-0.3, 0.3, SHAPE)
    for each in (grid, local):
        each.set_weights(weights).program_weights_(-weights, max_iter=3).program_weights_(max_iter=2)
        each.each_(lambda tile: tile.decay_weights_(0.5))
    assert grid.read_weights(over_sampling=2).tobytes() == local.read_weights(over_sampling=2).tobytes()
    assert same_states(grid, local)
    assert same_states(grid.with_weights(weights), local.with_weights(weights))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda grid: pickle.loads(pickle.dumps(grid))])
def test_copies_go_on_alike_and_apart(duplicate: Any, cluster: DaskRuntime) -> None:
    grid = DistributedGrid(SHAPE, SINGLE, seed=SEED)
    train(grid, range(1))
    before, twin = grid.weights, duplicate(grid)
    result = train(twin, range(2))
    np.testing.assert_array_equal(grid.weights, before)
    assert train(grid, range(2)) == result


def test_placing_anew_changes_nothing_else(cluster: DaskRuntime) -> None:
    grid, local = DistributedGrid(SHAPE, SINGLE, seed=SEED), CrossbarGrid(SHAPE, SINGLE, seed=SEED)
    assert train(grid, range(2)) == train(local, range(2))
    grid.place_(dict.fromkeys(PLACES, 2))
    assert len(set(grid.placement.values())) == 1
    assert train(grid, range(2)) == train(local, range(2))
    assert same_states(grid, grid.local())


def test_files_go_on_on_any_number_of_workers(cluster: DaskRuntime, tmp_path: Path) -> None:
    grid, local = DistributedGrid(SHAPE, TRANSFER, seed=SEED, tile=5), CrossbarGrid(SHAPE, TRANSFER, seed=SEED, tile=5)
    train(grid, range(2)), train(local, range(2))
    grid.save(tmp_path / "grid")
    train(grid, range(1))
    grid.save(tmp_path / "grid")
    assert len(list((tmp_path / "grid").iterdir())) == 2  # the present state and the manifest
    train(local, range(1))
    loaded = DistributedGrid.load(tmp_path / "grid", placement=dict.fromkeys(PLACES, 1))
    assert same_states(loaded, local)
    assert train(loaded, range(2)) == train(local, range(2)) == train(grid, range(2))


def test_files_of_unequal_seeds_are_refused(cluster: DaskRuntime, tmp_path: Path) -> None:
    DistributedGrid(SHAPE, SINGLE, seed=SEED).save(tmp_path)
    (state,) = (path for path in tmp_path.iterdir() if path.is_dir())
    Crossbar((4, 5), SINGLE, seed=SEED + 1).save(state / "0.0.safetensors")
    with pytest.raises(CheckpointError, match=r"random key is .*seed=4.*, not .*seed=3"):
        DistributedGrid.load(tmp_path)


def test_folders_without_a_grid_are_refused(cluster: DaskRuntime, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"there is no grid\.json"):
        DistributedGrid.load(tmp_path)
    for text, reason in (("{", "is damaged"), ("[]", "not that of a grid"), ('{"format": "x", "version": 1}', "is x")):
        (tmp_path / "grid.json").write_text(text)
        with pytest.raises(CheckpointError, match=reason):
            DistributedGrid.load(tmp_path)


def test_layers_of_torch_train_alike(cluster: DaskRuntime) -> None:
    config = SingleRPUConfig(mapping=MappingParameter(max_input_size=5, max_output_size=4))
    results = []
    for distributed in (False, True):
        torch.manual_seed(1)
        layer = AnalogLinear(13, 10, rpu_config=config)
        if distributed:
            matrix = layer.matrix
            matrix.analog.become(DistributedGrid.of(matrix.analog.grid))
        optimizer = AnalogSGD(layer.parameters(), lr=0.1)
        for _ in range(3):
            optimizer.zero_grad()
            layer(torch.from_numpy(X)).square().sum().backward()
            optimizer.step()
        results.append(layer(torch.from_numpy(X)).detach().numpy().tobytes())
    assert results[0] == results[1]


@pytest.mark.parametrize("shared", [False, True], ids=["network", "memory"])
def test_a_step_moves_vectors_only(shared: bool, cluster: DaskRuntime, monkeypatch: pytest.MonkeyPatch) -> None:
    """What moves between processes is counted where it leaves or enters this one: workers send each other nothing."""
    monkeypatch.setattr(memory, "SHARED", shared and memory.SHARED)
    size, batch = 512, 16
    config = SingleRPUConfig(mapping=MappingParameter(max_input_size=256, max_output_size=256))
    grid = DistributedGrid((size, size), config, seed=1)
    x, d = np.ones((batch, size), np.float32), np.ones((batch, size), np.float32)
    moved = {"out": 0, "in": 0}
    write, read = tcp.TCP.write, tcp.read_bytes_rw

    async def counted_write(self: Any, *arguments: Any, **options: Any) -> Any:
        sent = await write(self, *arguments, **options)
        moved["out"] += sent
        return sent

    async def counted_read(stream: Any, size: int) -> Any:
        moved["in"] += size
        return await read(stream, size)

    before = cluster.client.run(_between_workers)
    monkeypatch.setattr(tcp.TCP, "write", counted_write)
    monkeypatch.setattr(tcp, "read_bytes_rw", counted_read)
    grid.mvm(x), grid.mvm_transposed(d), grid.update_(x, d, 0.1)
    monkeypatch.undo()
    assert cluster.client.run(_between_workers) == before
    # Forward sends x, backward d and the update both, each to three workers at most; back come outputs of forward and
    # backward, at most one for each of the two crossbars that are summed. Two more are left for messages around them.
    vectors, state = batch * size * 4, sum(tile.state.nbytes for tile in grid.local().crossbars.values())
    if shared and memory.SHARED:
        assert moved["out"] + moved["in"] < vectors
        return
    assert 4 * vectors <= moved["out"] <= (3 * 4 + 2) * vectors
    assert 2 * vectors <= moved["in"] <= (2 * 2 + 2) * vectors
    assert state > 5 * (moved["out"] + moved["in"])


def _between_workers(dask_worker: Any) -> int:
    return int(dask_worker.transfer_outgoing_bytes_total)


def test_bad_input_changes_nothing(cluster: DaskRuntime) -> None:
    grid, local = DistributedGrid(SHAPE, SINGLE, seed=SEED), CrossbarGrid(SHAPE, SINGLE, seed=SEED)
    with pytest.raises(ShapeError, match="13 elements"):
        grid.mvm(np.ones((3, 5)))
    with pytest.raises(ShapeError, match="x has the leading axes"):
        grid.update_(X, D[:2], 0.1)
    with pytest.raises(ConfigError, match="lr is nan"):
        grid.update_(X, D, float("nan"))
    lock = threading.Lock()
    with pytest.raises(ConfigError, match="the change cannot be sent to worker processes"):
        grid.each_(lambda tile: lock)
    with pytest.raises(ConversionError, match="must give the changed crossbar back"):
        grid.each_(lambda tile: None)
    with pytest.raises(ZeroDivisionError):
        grid.each_(lambda tile: tile.set_weights(0 * tile.weights) if tile.tile % 2 else 1 / 0)
    assert train(grid, range(2)) == train(local, range(2))
    assert same_states(grid, local)


def test_bad_grids_are_refused(cluster: DaskRuntime) -> None:
    with pytest.raises(LayoutError, match="names the workers"):
        DistributedGrid(SHAPE, SINGLE, placement=dict.fromkeys(PLACES, 3))
    with pytest.raises(LayoutError, match=r"wrong about \[\(2, 2\)\]"):
        DistributedGrid(SHAPE, SINGLE, placement=dict.fromkeys(PLACES[:-1], 0))
    with pytest.raises(OptionError, match=r"give a distributed\.Client or a Runtime"):
        DistributedGrid(SHAPE, SINGLE, client="tcp://10.0.0.1:8786")
    with pytest.raises(ConfigError, match="give an RPUConfig"):
        DistributedGrid(SHAPE, "reram")


def test_without_workers_there_is_no_such_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other modules of tests may have left a client in force.
    monkeypatch.setattr(connection, "current_client", lambda: None)
    with pytest.raises(WorkerLostError, match=r"Runtime\.local\(processes=2\)"):
        DistributedGrid(SHAPE, SINGLE)
