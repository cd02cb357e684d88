"""One physical array of devices."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from analog.cell import Cell, CellState, Site
from analog.config.rpu_config import RPUConfig
from analog.crossbar.arguments import MOST_VECTORS, as_integer, as_number, as_seed, as_shape, as_storage
from analog.crossbar.batch import take_batch
from analog.crossbar.checkpoint import Checkpoint
from analog.crossbar.exact import Exactness
from analog.crossbar.files import read_checkpoint, write_checkpoint
from analog.crossbar.hidden import HiddenParameters
from analog.crossbar.lifetime import Lifetime
from analog.crossbar.operands import Rows, same_batch, take_array, take_rows
from analog.crossbar.products import Direction, at_step, counted
from analog.crossbar.programming import Programming
from analog.crossbar.state import State
from analog.crossbar.summary import as_html, as_text
from analog.errors import ConfigError
from analog.random import RandomKey
from tensorlayer.buffer import Allocator
from tensorlayer.errors import UnsupportedOperationError

__all__ = ["Crossbar"]


class Crossbar(Exactness, Lifetime, HiddenParameters, Programming):
    """Devices at the crossings of input and output lines: they hold a matrix, multiply with it, and learn.

    A crossbar is a value: parameters and a state. `update` and its kin give a new crossbar; with an underscore behind
    (`update_`) they change this one, to the same bits, and give it back. Everything random is a function of seed,
    tile and counters in the state: threads, chunks and restarts change nothing of it. (Sums of a product of one vector
    alone, and of products with effects of the lines, may round as a library of matrix products does; converters that
    are on hide it but for values halfway between two steps.) Products count the vectors they read, so that two reads
    differ; that counter is all they change.

    Parameters
    ----------
    shape : tuple of int
        (outputs, inputs), any size: limits in ``config.mapping`` are for layers, which take grids of crossbars.
    config : RPUConfig
        Devices, converters and pulses.
    seed : int, optional
        Of the experiment, below 2**32. Drawn from the system when left out, and recorded as `seed`.
    tile : int, optional
        Number of this crossbar in the experiment, below 2**32: crossbars that differ in it draw independently.
    allocator : Allocator, optional
        Makes the arrays; of the backend ``numba``, on this CPU, when left out.

    Raises
    ------
    ShapeError
        If the shape is no pair of positive integers.
    ConfigError
        If the config does not fit the shape, or a number is no such number.
    UnsupportedOperationError
        If one crossbar alone cannot do what is configured, or kernels do not reach the allocator's arrays.
    AllocationError
        If there is not enough memory.

    Examples
    --------
    >>> import numpy as np
    >>> from analog.config import ConstantStepDevice, SingleRPUConfig
    >>> tile = Crossbar((2, 3), SingleRPUConfig(device=ConstantStepDevice()), seed=1)
    >>> tile.set_weights([[0.1, -0.2, 0.3], [0.0, 0.2, -0.1]])
    Crossbar((2, 3), SingleRPUConfig(), seed=1, tile=0)
    >>> tile.mvm(np.ones((5, 3))).shape
    (5, 2)
    >>> later = tile.update([1.0, 0.0, -1.0], [0.5, -0.5], lr=0.1)
    >>> bool(later.weights[0, 0] < tile.weights[0, 0])
    True
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
        extents, key = as_shape(shape), RandomKey(as_seed(seed), as_integer("tile", tile, 1 << 32))
        self._configure(config, Site(extents, as_storage(allocator), key))
        self._state = self._fresh()

    def _configure(self, config: RPUConfig, site: Site) -> None:
        if not isinstance(config, RPUConfig):
            raise ConfigError(f"config is {config!r}: give an RPUConfig, as SingleRPUConfig(device=...)")
        core = config.core()
        config.require_no_digital_part()
        self._config, self._site, self._cell, self._update = config, site, core.cell, core.update
        self._forward = Direction(core.cell, core.forward, site, transposed=False)
        self._backward = Direction(core.cell, core.backward, site, transposed=True)

    def _fresh(self) -> CellState:
        cells = {"cell": self._cell.create(self._site), "forward": self._forward.create()}
        return CellState(cells=cells | {"backward": self._backward.create()})

    @classmethod
    def _of(cls, config: RPUConfig, site: Site, state: CellState | None) -> Self:
        made = object.__new__(cls)
        made._configure(config, site)
        made._state = made._fresh() if state is None else state
        return made

    # -- what it is ----------------------------------------------------------------------------------------

    @property
    def config(self) -> RPUConfig:
        """Devices, converters and pulses."""
        return self._config

    @property
    def seed(self) -> int:
        """Of the experiment."""
        return self._site.key.seed

    @property
    def tile(self) -> int:
        """Number of this crossbar in the experiment."""
        return self._site.key.tile

    @property
    def allocator(self) -> Allocator:
        """What makes its arrays."""
        return self._site.storage.allocator

    @property
    def cell(self) -> Cell:
        """What sits at the crosspoints."""
        return self._cell

    @property
    def granularity(self) -> float:
        """The nominal size of one pulse near the middle of the range, in weight units."""
        return self._cell.granularity

    @property
    def num_states(self) -> float:
        """The nominal number of pulses from the lowest to the highest weight.

        Raises
        ------
        UnsupportedOperationError
            If the cell has no nominal bounds.
        """
        states: float | None = getattr(self._cell, "num_states", None)
        if states is None:
            raise UnsupportedOperationError(f"{self._cell!r} has no nominal bounds, so no number of states")
        return states

    @property
    def state(self) -> State:
        """All arrays, as buffers, and counters, by name; not a copy."""
        return State(self._state, self._site.storage)

    # -- products ------------------------------------------------------------------------------------------

    def mvm(self, x: Any, *, step: int | None = None) -> Any:
        """Vectors through the array: about ``x @ weights.T``.

        Parameters
        ----------
        x : array, Tensor or nested sequence
            (..., inputs) finite real numbers of any type, library and device; computed in float32. Gradients of torch
            are not followed.
        step : int, optional
            Reads with the noise of the vector that had this number, and counts nothing: a read that can be repeated.
            When left out, vectors are numbered from the last one on.

        Returns
        -------
        array or Tensor
            (..., outputs), float32, of the library and on the device of `x`; NumPy for sequences.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError, ConversionError
            If `x` is no such array; nothing has changed then.
        """
        rows = take_rows(x, self.shape[1], self._site.storage, "x", check=False)
        return self._read("forward", self._forward, rows, step)

    def mvm_transposed(self, d: Any, *, step: int | None = None) -> Any:
        """Vectors through the array from its outputs: about ``d @ weights``.

        Parameters
        ----------
        d : array, Tensor or nested sequence
            (..., outputs), as for `mvm`.
        step : int, optional
            As for `mvm`; vectors of this direction are counted separately.

        Returns
        -------
        array or Tensor
            (..., inputs), as of `mvm`.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError, ConversionError
            If `d` is no such array; nothing has changed then.
        """
        rows = take_rows(d, self.shape[0], self._site.storage, "d", check=False)
        return self._read("backward", self._backward, rows, step)

    def _read(self, name: str, direction: Direction, rows: Rows, step: int | None) -> Any:
        state = self._state.cells[name]
        if step is not None:
            state = at_step(state, as_integer("step", step, MOST_VECTORS))
        result = direction.product(state, self._state.cells["cell"], rows.array)
        return rows.give_back(result, self._site.storage)

    # -- learning ------------------------------------------------------------------------------------------

    def update(self, x: Any, d: Any, lr: float) -> Self:
        """A crossbar that has learned: see `update_`."""
        return self.copy().update_(x, d, lr)

    def update_(self, x: Any, d: Any, lr: float) -> Self:
        """Learn: pulses change the weights by about ``-lr * d.T @ x``, vector after vector.

        Parameters
        ----------
        x, d : array, Tensor, nested sequence or Vectors
            (..., inputs) and (..., outputs) with the same leading axes; as for `mvm`. Of `analog.cell.Vectors`, rows
            of a matrix that make themselves, cells that count batches hold a portion at a time, to the same bits.
        lr : float
            Learning rate. A negative one reverses all pulses; 0 changes nothing, counters included.

        Returns
        -------
        Crossbar
            This one.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError, ConversionError, ConfigError
            If an argument is no such array or number; nothing has changed then.
        """
        inputs = take_batch(x, self.shape[1], self._site.storage, "x")
        errors = take_batch(d, self.shape[0], self._site.storage, "d")
        same_batch(inputs, errors)
        return self.learn_(inputs.array, errors.array, as_number("lr", lr))

    def learn_(self, x: Any, d: Any, lr: float) -> Self:
        """What `update_` does with vectors once they were looked at: for those who know theirs.

        Parameters
        ----------
        x, d : array or Vectors
            (batch, inputs) and (batch, outputs): arrays in the memory of the crossbar, or what makes such arrays,
            float32, C order, without NaN or infinity.
        lr : float
            Learning rate, finite.

        Returns
        -------
        Crossbar
            This one.
        """
        if x.shape[0] and lr:
            given, wrong = (x, d) if self.counts_batches else (x[:], d[:])
            self._cell.update(*self._place(), given, wrong, lr, self._update)
        return self

    @property
    def counts_batches(self) -> bool:
        """Whether an update by two halves of a batch, one after the other, is another one than by the whole of it."""
        return self._cell.counts_batches

    # -- weights -------------------------------------------------------------------------------------------

    def set_weights(self, weights: Any) -> Self:
        """Write weights as far as the devices can hold them, in place; `with_weights` leaves this crossbar alone.

        Parameters
        ----------
        weights : array, Tensor or nested sequence
            (outputs, inputs) finite real numbers; clipped to the bounds of the devices.

        Returns
        -------
        Crossbar
            This one.

        Raises
        ------
        ShapeError, DtypeError, NotFiniteError, ConversionError
            If they are no such array; nothing has changed then.
        """
        taken = take_array(weights, self.shape, self._site.storage, "weights")
        self._cell.set_weights(*self._place(), taken)
        return self

    def with_weights(self, weights: Any) -> Self:
        """A crossbar with these weights: see `set_weights`."""
        return self.copy().set_weights(weights)

    # -- copies and files ----------------------------------------------------------------------------------

    def with_config(self, config: RPUConfig) -> Self:
        """A crossbar with the same devices and weights but other converters and pulses; vectors are counted on.

        Raises
        ------
        ConfigError
            If the config has other devices.
        UnsupportedOperationError
            As when a crossbar is made.
        """
        changed = self._of(config, self._site, None)
        if changed.cell != self.cell:
            raise ConfigError(f"the crossbar has {self.cell!r}, the config {changed.cell!r}: make a new crossbar")
        changed._state.cells["cell"] = self._state.cells["cell"].copy()
        for name, own, other in (
            ("forward", self._forward, changed._forward),
            ("backward", self._backward, changed._backward),
        ):
            held, fresh = self._state.cells[name], changed._state.cells[name]
            changed._state.cells[name] = held.copy() if own == other else at_step(fresh, counted(held))
        return changed

    def copy(self) -> Self:
        """An independent copy."""
        return self._of(self._config, self._site, self._state.copy())

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.copy()

    def save(self, path: str | Path) -> None:
        """Write everything to a file, whole or not at all: see `Crossbar.load`.

        Parameters
        ----------
        path : str or Path
            Of the file, in the format of safetensors whatever its suffix; an old one is replaced.

        Raises
        ------
        FileAccessError
            If the file system refuses; an old file is as it was.
        LibraryNotInstalledError
            If safetensors is missing.
        """
        write_checkpoint(path, self.checkpoint())

    @classmethod
    def load(cls, path: str | Path, *, allocator: Allocator | None = None) -> Self:
        """A crossbar from a file; it goes on, bit for bit, as the saved one would have.

        Parameters
        ----------
        path : str or Path
            What `save` wrote.
        allocator : Allocator, optional
            Where it goes, as when a crossbar is made; not necessarily where it was.

        Raises
        ------
        CheckpointError
            If the file is truncated, altered, of another version, or names a device that this process does not know.
        MissingFileError, FileAccessError
            If it cannot be read.
        LibraryNotInstalledError
            If safetensors is missing.
        """
        return cls.of_checkpoint(read_checkpoint(path), allocator=allocator)

    def checkpoint(self) -> Checkpoint:
        """Everything, with arrays of NumPy, which may share memory with the crossbar: what `save` writes."""
        state = self._state.map(self.allocator.backend.to_numpy)
        return Checkpoint(repr(self), self._config, self.shape, self._site.key, state)

    @classmethod
    def of_checkpoint(cls, saved: Checkpoint, *, allocator: Allocator | None = None) -> Self:
        """A crossbar like the one that was kept; it goes on, bit for bit, as that one would have.

        Raises
        ------
        CheckpointError
            If something is missing or does not fit.
        """
        made = cls._of(saved.config, Site(saved.shape, as_storage(allocator), saved.key), None)
        made._state = saved.state_like(made._state, made._site.storage)
        return made

    def to(self, allocator: Allocator | None) -> Self:
        """A copy in other memory, as on a GPU; on this CPU for None."""
        return self.of_checkpoint(self.checkpoint(), allocator=allocator)

    def load_(self, path: str | Path) -> Self:
        """Take the state of a file, in place.

        Raises
        ------
        CheckpointError
            As from `load`, or if the file is of a crossbar of another shape, config, seed or tile; nothing has
            changed then.
        """
        saved = read_checkpoint(path)
        saved.require(self._config, self.shape, self._site.key)
        self._become(saved.state_like(self._fresh(), self._site.storage))
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        numpy_state = self._state.map(self.allocator.backend.to_numpy)
        return _restored, (type(self), self._config, (self.shape, self._site.key, self.allocator), numpy_state)

    def __repr__(self) -> str:
        return as_text(self)

    def _repr_html_(self) -> str:
        return as_html(self)


def _restored(cls: type[Crossbar], config: RPUConfig, place: tuple[Any, ...], state: CellState) -> Crossbar:
    shape, key, allocator = place
    storage = as_storage(allocator)
    return cls._of(config, Site(shape, storage, key), state.map(storage.take))
