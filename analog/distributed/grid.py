"""A matrix on crossbars in several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, Self

from analog.cell import Storage, read_only
from analog.config.rpu_config import RPUConfig
from analog.crossbar import Crossbar
from analog.crossbar.arguments import MOST_VECTORS, as_integer, as_number, as_seed, as_shape, as_storage
from analog.crossbar.batch import take_batch
from analog.crossbar.checkpoint import Checkpoint
from analog.crossbar.operands import same_batch, take_array, take_rows
from analog.distributed.connection import as_client, workers_of
from analog.distributed.folder import Generation
from analog.distributed.part import Place
from analog.distributed.parts import Parts
from analog.distributed.pickles import require_pickles
from analog.distributed.placement import placed
from analog.distributed.product import product
from analog.distributed.transition import Birth, Transition, birth, change, from_memory, learn, read
from analog.errors import ConfigError
from analog.grid import CrossbarGrid
from analog.grid.blocks import cut
from tensorlayer.buffer import Allocator
from tensorlayer.options import parse_bytes

__all__ = ["DistributedGrid"]

#: Bytes of vectors and weights that are kept here for doing steps again, unless something else is asked for.
JOURNAL = 1 << 28


class DistributedGrid:
    """A `CrossbarGrid` whose crossbars are in the workers of a dask cluster: the same calls, the same bits.

    Crossbars stay where they are; vectors and results move. Whichever worker holds which crossbar, and whichever dies,
    the bits are those of a `CrossbarGrid` in one process. A part that is lost with its worker is made again from the
    last checkpoint and the steps since, on a worker that is left. After an error, or Ctrl-C, the grid is as before.

    Parameters
    ----------
    shape : tuple of int
        (outputs, inputs) of the matrix.
    config : RPUConfig
        Of every crossbar; ``mapping.max_output_size`` and ``mapping.max_input_size`` bound their extents.
    seed : int, optional
        Of the experiment; drawn here, once for all workers, when left out.
    tile : int, optional
        Number of the first crossbar; the others follow row by row.
    allocator : Allocator, optional
        Makes the arrays in the workers; those of their CPU when left out.
    client : distributed.Client or Runtime, optional
        The cluster; that of the runtime in force when left out.
    placement : mapping of (row, column) to int, optional
        Number of each crossbar's worker, in the order of their addresses; when left out, rows of the grid in order,
        with about as many crosspoints for each worker.
    checkpoints : str or Path, optional
        A folder that workers reach, where the grid is kept when the journal is full; without one, in this process.
    journal : int or str, optional
        Memory for what the grid was given since it was last kept, as ``"1 GiB"``; 256 MiB when left out. With less of
        it, the grid is kept more often, and less is to be done again after a worker was lost.

    Raises
    ------
    WorkerLostError
        If there are no workers.
    VersionMismatchError, BackendNotInstalledError
        If a worker has other software.
    LayoutError
        If the placement does not fit.
    ConfigError
        If the config does not fit, or cannot be sent.
    OptionError
        If `journal` is no amount of memory.

    Examples
    --------
    >>> from analog.config import MappingParameter, SingleRPUConfig
    >>> from tensorlayer import Runtime
    >>> config = SingleRPUConfig(mapping=MappingParameter(max_input_size=2, max_output_size=2))
    >>> with Runtime.local(processes=2):  # doctest: +SKIP
    ...     grid = DistributedGrid((4, 4), config, seed=1)
    ...     y = grid.mvm([1.0, 1.0, 1.0, 0.0])
    """

    def __init__(  # noqa: PLR0913  # what a grid is made of, and what keeps it
        self,
        shape: tuple[int, int],
        config: RPUConfig,
        *,
        seed: int | None = None,
        tile: int = 0,
        allocator: Allocator | None = None,
        client: Any = None,
        placement: Mapping[Place, int] | None = None,
        checkpoints: str | Path | None = None,
        journal: float | str = JOURNAL,
    ) -> None:
        if not isinstance(config, RPUConfig):
            raise ConfigError(f"config is {config!r}: give an RPUConfig, as SingleRPUConfig(device=...)")
        layout = cut(as_shape(shape), (config.mapping.max_output_size, config.mapping.max_input_size))
        born = Birth(layout, config, as_seed(seed), as_integer("tile", tile, 1 << 32), allocator)
        self._begin(born, birth(born), client, placement, checkpoints, journal)

    def _begin(
        self,
        born: Birth,
        origin: Transition,
        client: Any,
        placement: Mapping[Place, int] | None,
        checkpoints: str | Path | None = None,
        journal: float | str = JOURNAL,
    ) -> None:
        room = parse_bytes(journal)
        require_pickles(born, "the config")
        found = as_client(client)
        self._born = born
        self._checkpoints, self._journal = checkpoints, JOURNAL if room is None else room
        self._parts = Parts(found, placed(born.layout, placement, list(workers_of(found))), origin)

    @classmethod
    def of(
        cls, grid: CrossbarGrid, *, client: Any = None, placement: Mapping[Place, int] | None = None, **options: Any
    ) -> Self:
        """A copy of a grid, on workers; the other arguments are as for a new one."""
        crossbars = grid.crossbars
        first = crossbars[0, 0]
        born = Birth(grid.layout, grid.config, first.seed, first.tile)
        kept = {place: tile.checkpoint() for place, tile in crossbars.items()}
        return cls._made(born, from_memory(kept, None), client, placement, **options)

    @classmethod
    def _made(cls, born: Birth, origin: Transition, *arguments: Any, **options: Any) -> Self:
        made = object.__new__(cls)
        made._begin(born, origin, *arguments, **options)
        return made

    # -- what it is ----------------------------------------------------------------------------------------

    @property
    def layout(self) -> Any:
        """How the matrix is cut: a `Nested` shape."""
        return self._born.layout

    @property
    def config(self) -> RPUConfig:
        """Of every crossbar."""
        return self._born.config

    @property
    def seed(self) -> int:
        """Of the experiment."""
        return self._born.seed

    @property
    def shape(self) -> tuple[int, int]:
        """(outputs, inputs) of the matrix."""
        outputs, inputs = self.layout.extents
        return outputs, inputs

    @property
    def is_exact(self) -> bool:
        """Whether it is a matrix of numbers in this process: never."""
        return False

    @property
    def counts_batches(self) -> bool:
        """Whether updates depend on where batches end: see `Crossbar.counts_batches`."""
        return self.config.core().cell.counts_batches

    def exact_weights(self, *, transposed: bool = False) -> list[tuple[Any, tuple[slice, ...]]]:
        """The weights of this process that products multiply with: none."""
        del transposed
        return []

    def exact_targets(self) -> tuple[()]:
        """The weights of this process that updates may add to: none."""
        return ()

    @property
    def placement(self) -> dict[Place, str]:
        """The address of each crossbar's worker."""
        return self._parts.placement

    @property
    def shares_memory(self) -> bool:
        """Whether all its workers are on this machine, and vectors go to them through memory."""
        return self._parts.share_memory

    @property
    def crossbars(self) -> dict[Place, Crossbar]:
        """The crossbars by (row, column): copies, brought here."""
        kept = self._kept()
        return {place: Crossbar.of_checkpoint(kept[place]) for place in sorted(kept)}

    @property
    def weights(self) -> Any:
        """The present weights of the whole matrix: a copy, brought here, that is not written to."""
        return read_only(self._together(self._parts.ask(read(attrgetter("weights")))))

    def _together(self, answers: Iterable[Mapping[Place, Any]]) -> Any:
        """A matrix from the blocks of all parts."""
        whole = self._storage.empty(self.shape)
        for blocks in answers:
            for place, block in blocks.items():
                whole[self.layout.block(place)] = block
        return whole

    @property
    def _storage(self) -> Storage:
        return as_storage(None)

    # -- products ------------------------------------------------------------------------------------------

    def mvm(self, x: Any, *, step: int | None = None) -> Any:
        """Vectors through the matrix, (..., inputs) to (..., outputs): as `CrossbarGrid.mvm`."""
        return self._product(x, step, axis=1, name="x")

    def mvm_transposed(self, d: Any, *, step: int | None = None) -> Any:
        """Vectors through the matrix from its outputs: as `CrossbarGrid.mvm_transposed`."""
        return self._product(d, step, axis=0, name="d")

    def _product(self, vectors: Any, step: int | None, axis: int, name: str) -> Any:
        storage = self._storage
        number = None if step is None else as_integer("step", step, MOST_VECTORS)
        rows = take_rows(vectors, self.shape[axis], storage, name)
        wanted = product(self.layout, rows.array, axis, number)
        total = self._parts.attempt(wanted) if number is None else self._parts.ask(wanted)
        if number is None:
            self._parts.journal.count(axis, rows.array.shape[0])
        return rows.give_back(total, storage)

    # -- learning and writing ------------------------------------------------------------------------------

    def update(self, x: Any, d: Any, lr: float) -> Self:
        """A grid that has learned: see `update_`."""
        return self.copy().update_(x, d, lr)

    def update_(self, x: Any, d: Any, lr: float) -> Self:
        """Learn in place: see `CrossbarGrid.update_`."""
        storage, (outputs, inputs) = self._storage, self.shape
        given, errors = take_batch(x, inputs, storage, "x"), take_batch(d, outputs, storage, "d")
        same_batch(given, errors)
        return self.learn_(given.array, errors.array, as_number("lr", lr))

    def learn_(self, x: Any, d: Any, lr: float) -> Self:
        """What `update_` does with vectors once they were looked at: see `Crossbar.learn_`."""
        # The journal keeps vectors, for doing the step again: they are made here and now.
        return self._change(learn(self.layout, x[:], d[:], lr))

    def set_weights(self, weights: Any) -> Self:
        """Write the weights of the whole matrix in place: see `Crossbar.set_weights`."""
        return self._write(Crossbar.set_weights, weights, "weights")

    def program_weights_(self, target: Any = None, **options: Any) -> Self:
        """Write weights as hardware does: see `Crossbar.program_weights_`."""
        if target is None:
            return self.each_(partial(Crossbar.program_weights_, **options))
        return self._write(partial(Crossbar.program_weights_, **options), target, "target")

    def _write(self, function: Callable[..., Any], matrix: Any, name: str) -> Self:
        taken = take_array(matrix, self.shape, self._storage, name).copy()
        return self._change(change(function, self.layout, taken))

    def read_weights(self, *, over_sampling: int = 10) -> Any:
        """Estimate the weights from noisy products: see `Crossbar.read_weights`."""
        return self._together(self._parts.change(read(partial(Crossbar.read_weights, over_sampling=over_sampling))))

    def with_weights(self, weights: Any) -> Self:
        """A grid with these weights: see `set_weights`."""
        return self.copy().set_weights(weights)

    def each_(self, change_one: Callable[[Crossbar], Crossbar]) -> Self:
        """Change every crossbar in place: ``grid.each_(lambda tile: tile.drift_weights_(60.0))``.

        The function goes to the workers. It must do the same whenever it is called: when a worker is lost, it is called
        again.
        """
        return self._change(change(change_one))

    def _change(self, transition: Transition) -> Self:
        self._parts.change(transition)
        if self._parts.journal.nbytes > self._journal:
            self.checkpoint()
        return self

    # -- keeping -------------------------------------------------------------------------------------------

    def checkpoint(self) -> Self:
        """Keep the present state, so that earlier steps need not be done again when a worker is lost."""
        if self._checkpoints is not None:
            self.save(self._checkpoints)
        else:
            self._parts.begin_at(from_memory(self._kept(), self._born.allocator))
        return self

    def _kept(self) -> dict[Place, Checkpoint]:
        kept: dict[Place, Checkpoint] = {}
        for answer in self._parts.ask(read(Crossbar.checkpoint)):
            kept |= answer
        return kept

    def save(self, folder: str | Path) -> None:
        """Write everything to a folder, whole or not at all; each worker writes its crossbars.

        From then on, lost parts are made again from these files: leave them there while the grid is in use.

        Parameters
        ----------
        folder : str or Path
            Which workers must reach by the same name; made if it is missing.

        Raises
        ------
        FileAccessError
            If the file system refuses, here or at a worker; the folder holds what it held before.
        """
        files = Generation.fresh(folder, replace(self._born, allocator=None))
        try:
            self._parts.ask(files.write())
            files.publish()
        except BaseException:
            files.discard()
            raise
        self._parts.begin_at(files.read())

    @classmethod
    def load(
        cls,
        folder: str | Path,
        *,
        client: Any = None,
        placement: Mapping[Place, int] | None = None,
        **options: Any,
    ) -> Self:
        """A grid from a folder; it goes on, bit for bit, as the saved one would have, on any number of workers.

        Parameters
        ----------
        folder : str or Path
            What `save` wrote.
        client, placement, **options
            As for a new grid.

        Raises
        ------
        MissingFileError, FileAccessError, CheckpointError
            If there is no grid, or files of it are missing, altered, or of another seed, config or version.
        """
        files = Generation.present(folder)
        return cls._made(files.born, files.read(), client, placement, **options)

    def local(self) -> CrossbarGrid:
        """A copy in this process, to the bit."""
        fresh = CrossbarGrid(self.shape, self.config, seed=self.seed, tile=self._born.tile)
        return fresh.like(self._kept())

    def place_(self, placement: Mapping[Place, int] | None = None) -> Self:
        """Spread the crossbars anew over the workers there are now, as for a new grid; their state moves through here.

        After a worker was lost, its crossbars are with the others; this gives them to one that came since.
        """
        client, origin = self._parts.client, from_memory(self._kept(), self._born.allocator)
        self._parts = Parts(client, placed(self.layout, placement, list(workers_of(client))), origin)
        return self

    def copy(self, *, placement: Mapping[Place, int] | None = None) -> Self:
        """An independent copy, on the same workers or placed anew; its state moves through this process."""
        return self._again(from_memory(self._kept(), self._born.allocator), placement)

    def like(self, kept: Mapping[Place, Checkpoint]) -> Self:
        """A grid of crossbars as they were kept, on these workers: see `CrossbarGrid.like`."""
        for (row, column), _ in self.layout.blocks():
            saved = kept[row, column]
            saved.require(self.config, self._born.extents((row, column)), saved.key)
        return self._again(from_memory(kept, self._born.allocator))

    def _again(self, origin: Transition, placement: Mapping[Place, int] | None = None) -> Self:
        return self._made(self._born, origin, self._parts.client, placement, self._checkpoints, self._journal)

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.copy()

    def __reduce__(self) -> tuple[Any, ...]:
        # It goes to the cluster that is in force where it is unpickled.
        return type(self).of, (self.local(),)

    def __repr__(self) -> str:
        rows, columns = self.layout.outer.extents
        workers = len(set(self.placement.values()))
        cuts = f"{rows} x {columns} crossbars on {workers} worker{'s' * (workers > 1)}"
        return f"DistributedGrid({self.shape}, {cuts}, {type(self.config).__name__}(...), seed={self.seed})"
