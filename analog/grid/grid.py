"""A matrix on a grid of crossbars."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

from analog.cell import Storage, read_only
from analog.cell.vectors import columns_of
from analog.config.rpu_config import RPUConfig
from analog.crossbar import Crossbar
from analog.crossbar.arguments import as_number, as_seed, as_shape
from analog.crossbar.batch import take_batch
from analog.crossbar.checkpoint import Checkpoint
from analog.crossbar.operands import same_batch, take_array, take_rows
from analog.grid.blocks import WHOLE, Block, cut
from analog.grid.joint import Joint
from analog.grid.summary import grid_as_html
from tensorlayer.buffer import Allocator

__all__ = ["CrossbarGrid"]

Place = tuple[int, int]
#: Weights, and where in the matrix they are.
Part = tuple[Any, Block]


class CrossbarGrid:
    """A matrix cut into crossbars, each with its own converters and draws; partial sums over inputs are digital.

    `update_` and its kin change the grid in place and give it back; without the underscore they give a new grid, of the
    same bits. A grid of one crossbar is that crossbar, to the bit.

    Parameters
    ----------
    shape : tuple of int
        (outputs, inputs) of the matrix.
    config : RPUConfig
        Of every crossbar; ``mapping.max_output_size`` and ``mapping.max_input_size`` bound their extents.
    seed : int, optional
        Of the experiment, as for a `Crossbar`.
    tile : int, optional
        Number of the first crossbar; the others follow row by row.
    allocator : Allocator, optional
        Makes the arrays, as for a `Crossbar`.

    Examples
    --------
    >>> from analog.config import FloatingPointRPUConfig, MappingParameter
    >>> config = FloatingPointRPUConfig(mapping=MappingParameter(max_input_size=2, max_output_size=2))
    >>> grid = CrossbarGrid((2, 4), config, seed=1).set_weights([[1, 2, 3, 4], [5, 6, 7, 8]])
    >>> grid
    CrossbarGrid((2, 4), 1 x 2 crossbars, FloatingPointRPUConfig(...), seed=1)
    >>> grid.mvm([1.0, 1.0, 1.0, 0.0])
    array([ 6., 18.], dtype=float32)
    """

    def __init__(
        self,
        shape: tuple[int, int],
        config: RPUConfig,
        *,
        seed: int | None = None,
        tile: int = 0,
        allocator: Allocator | None = None,
    ) -> None:
        mapping = config.mapping
        self.layout = cut(as_shape(shape), (mapping.max_output_size, mapping.max_input_size))
        self.config = config
        number = as_seed(seed)
        self._joint: Joint | None = None
        self._crossbars: dict[Place, Crossbar] = {}
        for count, ((row, column), block) in enumerate(self.layout.blocks()):
            extents = (block[0].stop - block[0].start, block[1].stop - block[1].start)
            self._crossbars[row, column] = Crossbar(
                extents, config, seed=number, tile=tile + count, allocator=allocator
            )
        self._joined()

    # -- what it is ----------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, int]:
        """(outputs, inputs) of the matrix."""
        outputs, inputs = self.layout.extents
        return outputs, inputs

    @property
    def crossbars(self) -> Mapping[Place, Crossbar]:
        """The crossbars by (row, column) of the grid: not copies. Which they are is changed by `each_`."""
        return MappingProxyType(self._crossbars)

    @property
    def weights(self) -> Any:
        """The present weights of the whole matrix: a copy that is not written to, as `Crossbar.weights`."""
        whole = self._storage.empty(self.shape)
        for crossbar, block in self._parts():
            whole[block] = crossbar.weights
        return read_only(whole)

    def _parts(self) -> Iterator[tuple[Crossbar, Block]]:
        """Every crossbar with its place in the matrix, row by row."""
        return zip(self._crossbars.values(), self._blocks, strict=True)

    @cached_property
    def _blocks(self) -> list[Block]:
        return [block for _, block in self.layout.blocks()]

    @property
    def _storage(self) -> Storage:
        return self._crossbars[0, 0].storage

    # -- products ------------------------------------------------------------------------------------------

    def mvm(self, x: Any, *, step: int | None = None) -> Any:
        """Vectors through the matrix, (..., inputs) to (..., outputs): as `Crossbar.mvm`, sums over crossbars exact."""
        return self._product(x, step, Crossbar.mvm, axis=1, name="x")

    def mvm_transposed(self, d: Any, *, step: int | None = None) -> Any:
        """Vectors through the matrix from its outputs: as `Crossbar.mvm_transposed`."""
        return self._product(d, step, Crossbar.mvm_transposed, axis=0, name="d")

    def _product(self, vectors: Any, step: int | None, multiply: Callable[..., Any], axis: int, name: str) -> Any:
        if len(self._crossbars) == 1:
            return multiply(self._crossbars[0, 0], vectors, step=step)
        storage = self._storage
        rows = take_rows(vectors, self.shape[axis], storage, name)
        total = storage.zeros((rows.array.shape[0], self.shape[1 - axis]))
        for crossbar, block in self._parts():
            total[:, block[1 - axis]] += multiply(crossbar, rows.array[:, block[axis]], step=step)
        return rows.give_back(total, storage)

    @property
    def is_exact(self) -> bool:
        """As `Crossbar.is_exact`."""
        return self._crossbars[0, 0].is_exact

    def exact_weights(self, *, transposed: bool = False) -> list[Part]:
        """What `Crossbar.exact_weights` gives, with the places in the matrix; empty if products are analog."""
        return self._exact(lambda crossbar: crossbar.exact_weights(transposed=transposed))

    def count_(self, vectors: int, *, transposed: bool = False) -> None:
        """As `Crossbar.count_`: every vector goes through all crossbars of a row or column."""
        for crossbar in self._crossbars.values():
            crossbar.count_(vectors, transposed=transposed)

    # -- learning and writing ------------------------------------------------------------------------------

    def update(self, x: Any, d: Any, lr: float) -> Self:
        """A grid that has learned: see `Crossbar.update_`."""
        return self.copy().update_(x, d, lr)

    def update_(self, x: Any, d: Any, lr: float) -> Self:
        """Learn in place, every crossbar from its part of the vectors: see `Crossbar.update_`."""
        storage, (outputs, inputs) = self._storage, self.shape
        given, errors = take_batch(x, inputs, storage, "x"), take_batch(d, outputs, storage, "d")
        same_batch(given, errors)
        return self.learn_(given.array, errors.array, as_number("lr", lr))

    def learn_(self, x: Any, d: Any, lr: float) -> Self:
        """What `update_` does with vectors once they were looked at: see `Crossbar.learn_`."""
        if len(self._crossbars) == 1:
            self._crossbars[0, 0].learn_(x, d, lr)
            return self
        for crossbar, (lines, columns) in self._parts():
            crossbar.learn_(columns_of(x, columns), columns_of(d, lines), lr)
        return self

    @property
    def counts_batches(self) -> bool:
        """Whether updates depend on where batches end: see `Crossbar.counts_batches`."""
        return self._crossbars[0, 0].counts_batches

    def exact_targets(self) -> list[Part]:
        """What `Crossbar.exact_target` gives, with the places in the matrix; empty if devices take pulses."""
        return self._exact(Crossbar.exact_target)

    def _exact(self, of: Callable[[Crossbar], Any | None]) -> list[Part]:
        """What is exact of the crossbars, as few parts as possible."""
        if len(self._crossbars) == 1:
            weights = of(self._crossbars[0, 0])
            return [] if weights is None else [(weights, WHOLE)]
        known = ((of(crossbar), block) for crossbar, block in self._parts())
        return self._joined() or [(weights, block) for weights, block in known if weights is not None]

    def _joined(self) -> list[Part]:
        """The whole matrix as one part, if everything about several crossbars is exact."""
        if len(self._crossbars) == 1 or not self.is_exact:
            return []
        if self._joint is None or not self._joint.is_of(self._crossbars.values()):
            self._joint = Joint(self.shape, self._parts(), self._storage)
            if not self._joint.is_of(self._crossbars.values()):
                return []
        return [(self._joint.matrix, WHOLE)]

    def set_weights(self, weights: Any) -> Self:
        """Write the weights of the whole matrix in place: see `Crossbar.set_weights`."""
        taken = take_array(weights, self.shape, self._storage, "weights")
        for crossbar, block in self._parts():
            crossbar.set_weights(taken[block])
        return self

    def program_weights_(self, target: Any = None, **options: Any) -> Self:
        """Write weights as hardware does, crossbar by crossbar: see `Crossbar.program_weights_`."""
        wanted = None if target is None else take_array(target, self.shape, self._storage, "target")
        for crossbar, block in self._parts():
            crossbar.program_weights_(None if wanted is None else wanted[block], **options)
        return self

    def read_weights(self, *, over_sampling: int = 10) -> Any:
        """Estimate the weights from noisy products, crossbar by crossbar: see `Crossbar.read_weights`."""
        whole = self._storage.empty(self.shape)
        for crossbar, block in self._parts():
            whole[block] = crossbar.read_weights(over_sampling=over_sampling)
        return whole

    def with_weights(self, weights: Any) -> Self:
        """A grid with these weights: see `set_weights`."""
        return self.copy().set_weights(weights)

    def each_(self, change: Callable[[Crossbar], Crossbar]) -> Self:
        """Change every crossbar in place: ``grid.each_(lambda tile: tile.drift_weights_(60.0))``."""
        self._crossbars = {place: change(crossbar) for place, crossbar in self._crossbars.items()}
        return self

    def copy(self) -> Self:
        """An independent copy."""
        return self._with(Crossbar.copy)

    def to(self, allocator: Allocator | None) -> Self:
        """A copy in other memory, as on a GPU; on this CPU for None."""
        return self._with(lambda crossbar: crossbar.to(allocator))

    def like(self, kept: Mapping[Place, Checkpoint]) -> Self:
        """A grid of crossbars as they were kept, in the memory of this one.

        Parameters
        ----------
        kept : mapping of (row, column) to Checkpoint
            By `Crossbar.checkpoint`, of a grid with these extents and this config.

        Raises
        ------
        CheckpointError
            If they are others.
        """
        for place, crossbar in self._crossbars.items():
            kept[place].require(self.config, crossbar.shape, kept[place].key)
        saved = iter([kept[place] for place in self._crossbars])
        return self._with(lambda crossbar: Crossbar.of_checkpoint(next(saved), allocator=crossbar.allocator))

    def _with(self, function: Callable[[Crossbar], Crossbar]) -> Self:
        made = object.__new__(type(self))
        made.layout, made.config, made._joint = self.layout, self.config, None
        made._crossbars = {place: function(crossbar) for place, crossbar in self._crossbars.items()}
        made._joined()
        return made

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.copy()

    def __repr__(self) -> str:
        rows, columns = self.layout.outer.extents
        config, seed = f"{type(self.config).__name__}(...)", self._crossbars[0, 0].seed
        return f"CrossbarGrid({self.shape}, {rows} x {columns} crossbars, {config}, seed={seed})"

    def _repr_html_(self) -> str:
        return grid_as_html(repr(self), self._crossbars)
