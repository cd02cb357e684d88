"""The array: products of matrices, by the library that holds them, and what happens to them on the lines."""

from __future__ import annotations

from typing import Any, NamedTuple

from analog.cell import CellState, Site
from analog.kernels.matmul import matmul
from analog.mvm.chain import Chain
from analog.mvm.draws import NORMAL, Draws
from analog.mvm.effects import sums
from analog.mvm.product import multiply
from analog.mvm.workspace import numbers_up_to, scratch
from analog.parameters.enums import WeightNoiseType
from analog.random import Stream

__all__ = ["Lines"]


class Lines(NamedTuple):
    """The lines of an array.

    Parameters
    ----------
    chain : Chain
        What happens on them.
    site : Site
        Whose array it is.
    state : CellState
        What differs from output to output.
    weights : array
        (outputs, inputs) in the direction of the product.
    space : module
        The namespace of the arrays, after the array API standard.
    """

    chain: Chain
    site: Site
    state: CellState
    weights: Any
    space: Any

    def exact(self, x: Any) -> Any:
        """The product without any of it, but for the digital factor; new memory."""
        out = self.site.storage.empty((x.shape[0], self.weights.shape[0]))
        matmul(x, self.weights.T, out)
        if self.chain.io.out_scale != 1.0:
            out *= self.chain.io.out_scale
        return out

    def currents(self, u: Any, vectors: Any, draws: Draws, *, added: bool = False) -> Any:
        """What arrives at the ends of the lines, (vectors, outputs), in memory that the next call uses again.

        Parameters
        ----------
        u : array
            What drives the lines, (vectors, inputs).
        vectors : array
            Numbers of the vectors in their batch.
        draws : Draws
            For what fluctuates.
        added : bool, optional
            Whether to add to what is in that memory.
        """
        side = self.chain.effects_added if added else self.chain.effects
        if side is None:
            return self._product(u, self.weights, "currents")
        stages = self.chain.stages
        reading = stages.noise is WeightNoiseType.PCM_READ
        y = self._product(u, self.weights, "product")
        result = scratch(self.site.storage, "currents", y.shape)
        magnitudes = abs(self.weights) if stages.needs_magnitudes else None
        self.site.target.launch(
            side.kernel,
            *y.shape,
            y,
            self._product(abs(u), magnitudes, "absolute") if stages.dropping else y,
            self._product(u * self._distances(), self.weights, "positions") if stages.dropping else y,
            self._product(u * u, magnitudes, "variance") if reading else y,
            self._sums(u) if stages.needs_sums else y,
            draws.fill(NORMAL, Stream.WEIGHT_NOISE, vectors, "normals", y.shape) if side.noisy else y,
            self.state.arrays.get("v_offset", y[0]),
            result,
            u.shape[1],
            *side.numbers,
        )
        return result

    def seen_by_negative(self) -> Lines:
        """The array as negative inputs see it."""
        asymmetry = self.state.arrays.get("w_asymmetry")
        if asymmetry is None:
            return self
        seen = asymmetry if asymmetry.shape == self.weights.shape else asymmetry.T
        return self._replace(weights=self.weights * seen)

    def _product(self, u: Any, weights: Any, name: str) -> Any:
        out = scratch(self.site.storage, name, (u.shape[0], weights.shape[0]))
        multiply(u, weights, out, self.site.target)
        return out

    def _sums(self, u: Any) -> Any:
        result = scratch(self.site.storage, "sums", (u.shape[0], 2))
        self.site.target.launch(sums, *u.shape, u, result)
        return result

    def _distances(self) -> Any:
        """How much of the voltage drop an input sees: little near the driver."""
        inputs = self.weights.shape[1]
        numbers = numbers_up_to(self.site.storage, inputs)
        return 1 - (1 - self.space.astype(numbers, self.space.float32) / inputs) ** 2
