"""The model of what a step costs."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Literal

import numba
import numpy as np
import pytest

from analog.config import MappingParameter, SingleRPUConfig
from analog.distributed import DistributedGrid, StepCost, memory, plot_cost
from analog.distributed.part import Part
from analog.distributed.placement import contiguous
from analog.distributed.product import product
from analog.distributed.transition import Birth, birth
from analog.errors import ConfigError
from analog.grid.blocks import cut
from backends.dask import DaskRuntime

COST = StepCost(tile=2e-3, message=1e-3, byte=1e-9, size=4, batch=3, start=3e-3)


@pytest.mark.parametrize("workers", [1, 2, 4, 8, 16])
def test_bytes_are_those_of_the_vectors_that_are_sent(workers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against what transitions really send and give back for a grid of 4 x 4 crossbars."""
    # A part sets the threads of the process that it is in, which is this one here.
    monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", numba.config.NUMBA_NUM_THREADS)
    layout = cut((16, 16), (4, 4))
    step = product(layout, np.ones((3, 16), np.float32), 1, None)
    made = birth(Birth(layout, SingleRPUConfig(), 1))
    sent = given = 0
    placement = contiguous(layout, workers)
    for worker in range(workers):
        places = [place for place, number in placement.items() if number == worker]
        part = Part(1)
        part.perform(made.function, made.payload(places))
        payload = step.payload(places)
        sent += sum(band.nbytes for band in payload[2].values())
        given += sum(band.nbytes for band in part.perform(step.function, payload).value.values())
    assert COST.moved(16, workers) == sent + given
    assert replace(COST, road="memory").moved(16, workers) == step.bands[0].vectors.nbytes + given


def test_one_worker_and_many() -> None:
    assert COST.seconds(100, 1) == pytest.approx(3e-3 + 100 * 2e-3 + 1e-3 + 4 * 3 * 4 * 20e-9)
    times = [COST.seconds(100, workers) for workers in range(1, 101)]
    best = COST.best_workers(100)
    assert times[best - 1] == min(times)
    assert 1 < best < 100
    assert COST.speedup(100, best) == pytest.approx(times[0] / min(times))


@pytest.mark.parametrize("field", ["tile", "message", "byte", "size", "batch"])
def test_costs_are_positive(field: str) -> None:
    with pytest.raises(ConfigError, match=f"{field} is 0"):
        StepCost(**({"tile": 1.0, "message": 1.0, "byte": 1.0} | {field: 0}))


def test_what_is_there_once_is_no_less_than_nothing() -> None:
    with pytest.raises(ConfigError, match=r"start is -0\.001: it must be 0 or above"):
        replace(COST, start=-1e-3)


def test_there_are_two_roads() -> None:
    with pytest.raises(ConfigError, match="road is 'pigeons': it must be 'messages' or 'memory'"):
        replace(COST, road="pigeons")  # type: ignore[arg-type]


def test_the_picture() -> None:
    near = replace(COST, road="memory", message=1e-6)
    (axes,) = plot_cost(COST, near, tiles=(16, 100)).axes
    lines = axes.get_lines()
    labels = [f"{count} crossbars, by {road}" for count in (16, 100) for road in ("messages", "memory")]
    assert [line.get_label() for line in lines[::3]] == labels
    for line, cost, workers in ((lines[6], COST, 100), (lines[9], near, 64)):
        np.testing.assert_allclose(line.get_ydata()[0], cost.seconds(100, 1))
        np.testing.assert_allclose(line.get_xdata()[-1], workers)


@pytest.mark.parametrize("road", ["messages", "memory"])
@pytest.mark.parametrize("workers", [1, 2, 3])
def test_measuring_finds_the_numbers_of_the_model(
    workers: int, road: Literal["messages", "memory"], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a grid that takes exactly as long as the model says, however its crossbars are placed."""
    layout = cut((16, 16), (4, 4))

    class Grid:
        shape = (16, 16)
        placement = contiguous(layout, workers)
        shares_memory = road == "memory"

    Grid.layout = layout  # type: ignore[attr-defined]

    def measured(grid: object, x: np.ndarray, repeats: int) -> tuple[float, float, float]:
        of_batch = replace(COST, tile=COST.tile * len(x) / 64, batch=len(x), road=road)
        # A call with one vector moves nothing to speak of.
        byte = COST.byte if len(x) > 1 else 1e-30
        return of_batch.tile, replace(of_batch, byte=byte).seconds(16, workers), workers * COST.message

    monkeypatch.setattr("analog.distributed.cost._measured", measured)
    found = StepCost.measured(Grid(), batch=64)  # type: ignore[arg-type]
    numbers = [(cost.tile, cost.message, cost.byte, cost.start) for cost in (found, COST)]
    assert numbers[0] == pytest.approx(numbers[1])
    assert (found.size, found.batch, found.road) == (4, 64, road)


@pytest.mark.processes
def test_measured_numbers_predict_one_and_two_workers(cluster: DaskRuntime) -> None:
    """A machine that others use is measured to a factor of a few, not better."""
    config = SingleRPUConfig(mapping=MappingParameter(max_input_size=256, max_output_size=256))
    places = [(row, column) for row in range(2) for column in range(2)]
    x = np.random.default_rng(0).uniform(-1, 1, (256, 512)).astype(np.float32)
    for workers in (1, 2):
        grid = DistributedGrid((512, 512), config, seed=1, placement={place: place[0] % workers for place in places})
        cost = StepCost.measured(grid)
        assert (cost.size, cost.batch) == (256, 256)
        assert cost.road == ("memory" if memory.SHARED else "messages")
        seconds = []
        for _ in range(10):
            start = time.perf_counter()
            grid.mvm(x)
            seconds.append(time.perf_counter() - start)
        assert 0.2 < cost.seconds(4, workers) / min(seconds) < 5
