"""The array: products of matrices, by the library that holds them, and what happens to them on the lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from array_api_compat import array_namespace

from analog.cell import CellState, Site
from analog.mvm.draws import NORMAL, Draws
from analog.mvm.effects import array_stages, effects, sums
from analog.mvm.workspace import numbers_up_to, scratch
from analog.parameters.enums import WeightNoiseType
from analog.parameters.io import IOParameters
from analog.random import Stream

__all__ = ["Lines"]


@dataclass(frozen=True)
class Lines:
    """The lines of an array.

    Parameters
    ----------
    io : IOParameters
        What happens on them.
    site : Site
        Whose array it is.
    state : CellState
        What differs from output to output.
    weights : array
        (outputs, inputs) in the direction of the product.
    """

    io: IOParameters
    site: Site
    state: CellState
    weights: Any

    def currents(self, u: Any, vectors: Any, draws: Draws, name: str, *, added: bool = False) -> Any:
        """What arrives at the ends of the lines, (vectors, outputs), in memory of that name.

        Parameters
        ----------
        u : array
            What drives the lines, (vectors, inputs).
        vectors : array
            Numbers of the vectors in their batch.
        draws : Draws
            For what fluctuates.
        name : str
            Of the memory.
        added : bool, optional
            Whether to add to what is there.
        """
        stages = array_stages(self.io)
        if not any((stages.dropping, stages.resisted, stages.noisy, added)):
            return self._product(u, self.weights, name)
        y = self._product(u, self.weights, "product")
        result = scratch(self.site.storage, name, y.shape)
        magnitudes = abs(self.weights) if stages.dropping or stages.noise is WeightNoiseType.PCM_READ else None
        self.site.target.launch(
            effects(stages, added),
            *y.shape,
            y,
            self._product(abs(u), magnitudes, "absolute") if stages.dropping else y,
            self._product(u * self._positions, self.weights, "positions") if stages.dropping else y,
            self._product(u * u, magnitudes, "variance") if stages.noise is WeightNoiseType.PCM_READ else y,
            self._sums(u) if stages.resisted or stages.noise is WeightNoiseType.ADDITIVE_CONSTANT else y,
            draws.fill(NORMAL, Stream.WEIGHT_NOISE, vectors, "normals", y.shape) if stages.noisy else y,
            self.state.arrays.get("v_offset", y[0]),
            result,
            *self._strengths,
        )
        return result

    def exact(self, x: Any) -> Any:
        """The product without any of it, but for the digital factor; new memory."""
        out = self.site.storage.empty((x.shape[0], self.weights.shape[0]))
        array_namespace(x).matmul(x, self.weights.T, out=out)
        if self.io.out_scale != 1.0:
            out *= self.io.out_scale
        return out

    @property
    def seen_by_negative(self) -> Lines:
        """The array as negative inputs see it."""
        asymmetry = self.state.arrays.get("w_asymmetry")
        if asymmetry is None:
            return self
        seen = asymmetry if asymmetry.shape == self.weights.shape else asymmetry.T
        return replace(self, weights=self.weights * seen)

    def _product(self, u: Any, weights: Any, name: str) -> Any:
        out = scratch(self.site.storage, name, (u.shape[0], weights.shape[0]))
        array_namespace(u).matmul(u, weights.T, out=out)
        return out

    def _sums(self, u: Any) -> Any:
        result = scratch(self.site.storage, "sums", (u.shape[0], 2))
        self.site.target.launch(sums, *u.shape, u, result)
        return result

    @property
    def _positions(self) -> Any:
        """How much of the voltage drop an input sees: little near the driver."""
        inputs = self.weights.shape[1]
        space = array_namespace(self.weights)
        return 1 - (1 - space.astype(numbers_up_to(self.site.storage, inputs), space.float32) / inputs) ** 2

    @cached_property
    def _strengths(self) -> tuple[np.float32, ...]:
        io = self.io
        wire = self.weights.shape[1] / io.ir_drop_g_ratio
        values = (wire, io.ir_drop, io.v_offset_w_min, io.r_series, io.r_series_max_total, io.w_noise)
        return tuple(np.float32(value) for value in values)
