"""A tensor's elements as conductances."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Self, final

import numpy as np

from analog.backend.form import ROWS, Form
from analog.config import FloatingPointRPUConfig
from analog.config.rpu_config import RPUConfig
from analog.crossbar.arguments import as_integer
from analog.errors import ConfigError, NotFiniteError
from analog.grid import CrossbarGrid
from tensorlayer.buffer import Allocator
from tensorlayer.errors import DtypeError, ShapeError, UnsupportedOperationError
from tensorlayer.graph import DType

__all__ = ["AnalogArray"]


@final
class AnalogArray:
    """A tensor folded into a matrix on a grid of crossbars: what the buffers of this backend hold.

    Its first `rows` modes are the outputs of the crossbars, the others their inputs; a transposed view has them in
    another order. It is a value: nothing but the counters of the vectors that were read changes.

    Attributes
    ----------
    shape : tuple of int
        Extents of the tensor.
    dtype : numpy.dtype
        Element type that statements see. Crossbars compute in float32 whatever it is.
    form : Form
        How the tensor lies on the crossbars.
    grid : CrossbarGrid
        The crossbars.
    scale : float
        What a unit of the devices' weights stands for, a digital factor.
    realistic : bool
        Whether elements are read as hardware does, by noisy products.
    """

    __slots__ = ("dtype", "form", "grid", "realistic", "scale", "shape")

    def __init__(
        self, grid: CrossbarGrid, form: Form, shape: tuple[int, ...], dtype: DType, scale: float, *, realistic: bool
    ) -> None:
        self.grid, self.form, self.shape, self.dtype = grid, form, shape, dtype
        self.scale, self.realistic = scale, realistic

    @classmethod
    def written(
        cls,
        elements: np.ndarray[Any, Any],
        *,
        config: RPUConfig | None,
        seed: int | None,
        tile: int,
        rows: int,
        tile_shape: tuple[int, int] | None,
        realistic: bool,
        allocator: Allocator | None,
    ) -> Self:
        """Elements written to new crossbars; the parameters are those of `AnalogBackend.from_numpy`."""
        _require_real(elements)
        rows = min(ROWS, elements.ndim) if rows == ROWS else as_integer("rows", rows, elements.ndim + 1)
        matrix = _folded(elements, rows)
        config = FloatingPointRPUConfig() if config is None else config
        if not isinstance(config, RPUConfig):
            raise ConfigError(f"config is {config!r}: give an RPUConfig, as SingleRPUConfig(device=...)")
        if tile_shape is not None:
            outputs, inputs = _pair(tile_shape)
            config = config.replace(**{"mapping.max_output_size": outputs, "mapping.max_input_size": inputs})
        scale, analog = _scale(matrix, config)
        grid = CrossbarGrid(matrix.shape, analog, seed=seed, tile=tile, allocator=allocator)
        grid.set_weights((matrix / scale).astype(np.float32))
        form = Form(rows, grid.layout, config, tuple(range(elements.ndim)))
        return cls(grid, form, elements.shape, elements.dtype.newbyteorder("="), scale, realistic=realistic)

    # -- reading -------------------------------------------------------------------------------------------

    def elements(self) -> np.ndarray[Any, Any]:
        """The elements that the crossbars hold, exactly, or as hardware reads them if that was chosen."""
        weights = self.grid.read_weights() if self.realistic else self.grid.weights
        backend = self.grid.crossbars[0, 0].allocator.backend
        elements = np.array(backend.to_numpy(weights), self.dtype)
        elements *= self.scale
        unfolded: np.ndarray[Any, Any] = self.unfolded(elements)
        return unfolded

    def unfolded(self, matrix: Any) -> Any:
        """A matrix of the crossbars, (outputs, inputs), with the modes of the tensor: a view."""
        order = self.form.order
        return matrix.reshape([self.shape[order.index(mode)] for mode in range(len(order))]).transpose(order)

    def transposed(self, axes: tuple[int, ...]) -> AnalogArray:
        """The same crossbars as a tensor whose mode ``k`` is mode ``axes[k]`` of this one."""
        form = replace(self.form, order=tuple(self.form.order[axis] for axis in axes))
        shape = tuple(self.shape[axis] for axis in axes)
        return AnalogArray(self.grid, form, shape, self.dtype, self.scale, realistic=self.realistic)

    # -- products and learning -----------------------------------------------------------------------------

    def product(self, vectors: Any, *, transposed: bool = False) -> Any:
        """Vectors, (..., inputs) or (..., outputs) if `transposed`, through the crossbars; float32."""
        result = self.grid.mvm_transposed(vectors) if transposed else self.grid.mvm(vectors)
        return result if self.scale == 1.0 else result * np.float32(self.scale)

    def updated(self, d: Any, x: Any, rate: float, dtype: DType) -> AnalogArray:
        """Crossbars to which pulses have added about ``rate * d.T @ x``; these stay as they are."""
        grid = self.grid.update(x, d, -rate / self.scale)
        return AnalogArray(grid, self.form, self.shape, dtype, self.scale, realistic=self.realistic)

    def moved(self, allocator: Allocator | None) -> AnalogArray:
        """A copy in other memory."""
        grid = self.grid.to(allocator)
        return AnalogArray(grid, self.form, self.shape, self.dtype, self.scale, realistic=self.realistic)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.grid, self.form, self.shape, self.dtype, self.scale, self.realistic)

    def __repr__(self) -> str:
        return f"AnalogArray({list(self.shape)}, {self.dtype}, rows={self.form.rows}, {self.grid!r})"


def _restored(
    grid: CrossbarGrid, form: Form, shape: tuple[int, ...], dtype: DType, scale: float, realistic: bool
) -> AnalogArray:
    return AnalogArray(grid, form, shape, dtype, scale, realistic=realistic)


def _pair(tile_shape: Any) -> tuple[Any, Any]:
    try:
        outputs, inputs = tile_shape
    except (TypeError, ValueError):
        raise ShapeError(f"tile_shape is {tile_shape!r}: give the largest (outputs, inputs) of a crossbar") from None
    return outputs, inputs


def _require_real(elements: np.ndarray[Any, Any]) -> None:
    if elements.dtype.kind != "f":
        raise DtypeError(
            f"elements of type {elements.dtype} do not go on crossbars, which hold real numbers: give dtype='float32', "
            "or make two tensors, of the real and of the imaginary part"
        )
    if elements.size and not np.abs(elements).max() < np.finfo(np.float32).max:
        raise NotFiniteError("the tensor has NaN or infinite elements, or some too large for float32")


def _folded(elements: np.ndarray[Any, Any], rows: int) -> np.ndarray[Any, Any]:
    if not elements.size:
        raise ShapeError(f"a tensor of shape {elements.shape} is no matrix of at least one row and one column")
    return elements.reshape(math.prod(elements.shape[:rows]), -1)


def _scale(matrix: np.ndarray[Any, Any], config: RPUConfig) -> tuple[float, RPUConfig]:
    """What a unit of the devices' weights stands for, and the configuration without this digital factor."""
    omega = config.mapping.weight_scaling_omega
    if omega > 0 and config.mapping.weight_scaling_columnwise:
        raise UnsupportedOperationError(
            "mapping.weight_scaling_columnwise is set, but a tensor on crossbars has one digital factor: leave it False"
        )
    largest = float(np.abs(matrix).max())
    scale = largest / omega if omega > 0 and largest > 0 else 1.0
    return scale, config.replace(**{"mapping.weight_scaling_omega": 0.0})
