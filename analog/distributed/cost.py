"""How long a step takes on how many workers: a model of a few measured numbers."""

from __future__ import annotations

import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product as product_of
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

import numpy as np

from analog.distributed.grid import DistributedGrid
from analog.distributed.part import Tiles
from analog.distributed.product import product
from analog.distributed.transition import Transition
from analog.errors import ConfigError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["StepCost", "plot_cost"]

FLOAT = 4
Road = Literal["messages", "memory"]
#: Workers of one machine, in pictures: no more have processors of their own.
MACHINE = 64
#: Seconds, where less is measured than can be.
LEAST = 1e-9


@dataclass(frozen=True)
class StepCost:
    """The time of one step, forward, backward or update, of a square grid of square crossbars.

    One process, the hub, gives each worker the vectors that its crossbars take and gets their results. Workers compute
    at the same time; the hub's work grows with their number and with the bytes. With n workers, T crossbars of s x s
    and a batch of B,

        seconds = start  +  ceil(T / n) * tile  +  n * message  +  bytes * byte
        bytes   = 4 B s * (columns of the grid given to workers + rows, or parts of rows, that come back)

    On two roads: messages send columns to each worker that needs them; in the memory of one machine, the hub writes
    them once for all.

    Parameters
    ----------
    tile : float
        Seconds that one crossbar takes in a worker, for a whole batch.
    message : float
        Seconds that the hub works for one call of a worker and its answer, however small.
    byte : float
        Seconds for one byte, from process to process.
    size, batch : int
        Inputs and outputs of a crossbar; vectors.
    road : str
        ``"messages"`` of dask, to any machine, or ``"memory"``, and pipes, within one.
    start : float, optional
        Seconds from a call to its answer that are no work of the hub: workers wake up and take the call at the same
        time, so they are there once, however many workers there are. 0 when left out.

    Examples
    --------
    >>> cost = StepCost(tile=2e-3, message=1e-3, byte=1e-9, size=512, batch=256)
    >>> round(cost.seconds(16, 1), 3), round(cost.seconds(16, 2), 3)
    (0.037, 0.024)
    >>> cost.best_workers(10_000)
    20
    """

    tile: float
    message: float
    byte: float
    size: int = 512
    batch: int = 256
    road: Road = "messages"
    start: float = 0.0

    def __post_init__(self) -> None:
        for name in ("tile", "message", "byte", "size", "batch"):
            if not getattr(self, name) > 0:
                raise ConfigError(f"{name} is {getattr(self, name)!r}: it must be above 0")
        if not self.start >= 0:
            raise ConfigError(f"start is {self.start!r}: it must be 0 or above")
        if self.road not in get_args(Road):
            raise ConfigError(f"road is {self.road!r}: it must be 'messages' or 'memory'")

    def moved(self, tiles: int, workers: int) -> float:
        """Bytes between processes in one forward step, with rows of the grid in order, as crossbars are placed.

        By messages, each worker is sent the columns that it needs. Of a row in one worker comes one band of outputs; of
        one that several share, one from the first, which has added its own, and from the others one for each crossbar.
        """
        side, each = math.sqrt(tiles), tiles / workers
        sent = side if self.road == "memory" else workers * min(side, each)
        back = side * (1 + max(0.0, side - each))
        return FLOAT * self.batch * self.size * (sent + back)

    def seconds(self, tiles: int, workers: int) -> float:
        """Seconds of a step."""
        compute = math.ceil(tiles / workers) * self.tile
        return self.start + compute + workers * self.message + self.moved(tiles, workers) * self.byte

    def speedup(self, tiles: int, workers: int) -> float:
        """How many times faster than with one worker."""
        return self.seconds(tiles, 1) / self.seconds(tiles, workers)

    def best_workers(self, tiles: int, most: int = 1000) -> int:
        """From how many workers on a step becomes no faster: the hub is the limit then."""
        return min(range(1, min(tiles, most) + 1), key=lambda workers: self.seconds(tiles, workers))

    @classmethod
    def measured(cls, grid: DistributedGrid, *, batch: int = 256, repeats: int = 9) -> Self:
        """The numbers of this machine, from products with a grid: of one vector, and of a batch; there and in workers.

        The road is that of the grid: memory, if all workers are on this machine.

        Of what a product of one vector takes beyond computing, messages are what this process works, by the clock of
        its processor, and the start is the rest; bytes are what a batch takes beyond all that.

        Parameters
        ----------
        grid : DistributedGrid
            Which is measured, all workers at once; it is left as it is.
        batch : int, optional
            Vectors.
        repeats : int, optional
            Of which the median counts.
        """
        size = grid.layout.layers[0][1][0]
        held = Counter(grid.placement.values())
        workers, most = len(held), max(held.values())
        x = np.random.default_rng(0).uniform(-1, 1, (batch, grid.shape[1])).astype(np.float32)
        tile, step, _ = _measured(grid, x, repeats)
        small, call, work = _measured(grid, x[:1].copy(), repeats)
        beyond = max(call - most * small, LEAST)
        hub = min(max(work, LEAST), beyond)
        road: Road = "memory" if grid.shares_memory else "messages"
        empty = cls(tile, hub / workers, LEAST, size, batch, road, start=beyond - hub)
        moving = max(step - most * tile - beyond, LEAST)
        return replace(empty, byte=moving / empty.moved(held.total(), workers))


def _measured(grid: DistributedGrid, x: Any, repeats: int) -> tuple[float, float, float]:
    """Seconds of a product: of a crossbar in its worker, of the whole grid, and of this process's work in that."""
    inside = max(grid._parts.ask(timed(product(grid.layout, x, 1, step=0), repeats)))
    whole = usual(lambda: grid.mvm(x, step=0), repeats)
    return inside, whole, usual(lambda: grid.mvm(x, step=0), repeats, time.process_time)


def timed(step: Transition, repeats: int) -> Transition:
    """The seconds of a transition in a worker, for each of its crossbars."""
    return Transition(
        seconds_each,
        lambda places: (step.function, step.payload(places), repeats),
        borrows=step.borrows,
        bands=step.bands,
    )


def seconds_each(tiles: Tiles, sent: tuple[Callable[..., Any], Any, int]) -> float:
    """In a worker: the usual seconds of a function, for each crossbar."""
    function, payload, repeats = sent
    return usual(lambda: function(tiles, payload), repeats) / len(tiles)


def usual(call: Callable[[], Any], repeats: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """The median of the seconds of several calls, after one that counts for nothing."""
    call()
    seconds = []
    for _ in range(repeats):
        start = clock()
        call()
        seconds.append(clock() - start)
    return statistics.median(seconds)


def plot_cost(*costs: StepCost, tiles: Sequence[int] = (16, 256, 10_000), most: int = 1000) -> Figure:
    """Seconds of a step by the number of workers, for grids of several sizes; the best number is marked.

    Parameters
    ----------
    *costs : StepCost
        The measured numbers: of messages as lines, of memory as dashes, as far as one machine goes.
    tiles : sequence of int, optional
        Crossbars of each grid.
    most : int, optional
        Workers at most.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for (number, count), cost in product_of(enumerate(tiles), costs):
        reach = min(count, most, MACHINE) if cost.road == "memory" else min(count, most)
        workers = np.unique(np.geomspace(1, reach, 80).astype(int)).tolist()
        color, line = f"C{number}", "--" if cost.road == "memory" else "-"
        axes.loglog(
            workers,
            [cost.seconds(count, n) for n in workers],
            line,
            color=color,
            label=f"{count} crossbars, by {cost.road}",
        )
        best = cost.best_workers(count, reach)
        axes.plot(best, cost.seconds(count, best), "o", color=color)
        axes.plot(workers, [count * cost.tile / n for n in workers], ":", color=color)
    axes.set(xlabel="workers", ylabel="seconds per step")
    figure.legend(loc="outside lower center", ncols=len(tiles), fontsize="small", frameon=False)
    return figure
