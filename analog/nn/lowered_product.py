"""Products of crossbars with images in torch's graph, chunk by chunk."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any

import torch

from analog.nn.batch import Patches, numbers_of, tensor_of
from analog.nn.chunks import Chunk
from analog.nn.derivatives import refuse_double_backward
from analog.nn.finite import is_finite, require_finite
from analog.nn.lowering import Lowering
from analog.nn.parameter import AnalogParameter
from analog.nn.pending import LARGEST
from analog.nn.planes import rows_and_sum
from analog.nn.product import OutputClipping

__all__ = ["lowered_product"]

#: Of an element.
BYTES = 4


def lowered_product(  # noqa: PLR0917
    lowering: Lowering,
    x: torch.Tensor,
    weight: AnalogParameter,
    reach: torch.Tensor | None = None,
    scale: torch.Tensor | None = None,
    rate: float = 1.0,
    clipping: OutputClipping | None = None,
    bias: torch.Tensor | None = None,
) -> torch.Tensor:
    """As `product`, with vectors that are parts of an image: they are made when they are needed, chunk by chunk.

    Parameters
    ----------
    lowering : Lowering
        Where vectors are in the input, and in the result.
    x : Tensor
        The input of `lowering`, float32.
    weight, reach, scale, rate, clipping, bias
        As of `product`.

    Returns
    -------
    Tensor
        The result of `lowering`.
    """
    result: torch.Tensor = _LoweredProduct.apply(  # type: ignore[no-untyped-call]
        x, weight, lowering, reach, scale, rate, clipping, bias
    )
    return result


@dataclass(frozen=True)
class LoweredPairs:
    """What waits for the optimizer: the input and the error, of which vectors are made when pulses are."""

    lowering: Lowering
    shape: tuple[int, int]
    x: torch.Tensor
    d: torch.Tensor
    reach: float | None
    unit: torch.Tensor | None
    clipped: tuple[torch.Tensor, ...] = ()

    @property
    def known_finite(self) -> bool:
        """The same; errors that are multiplied are numbers if the largest one is."""
        return self.unit is None or not self.d.numel() or is_finite(self.d.abs().max() * self.unit)

    def parts(self, largest: float) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Vectors of chunks; what was clipped is known by the chunks of the product."""
        given, errors = numbers_of(self.x), self.errors()
        for chunk in self.lowering.chunks(self.shape, None if self.clipped else BYTES * int(largest)):
            x, d = tensor_of(self.lowering.inputs(given, chunk, self.reach)), tensor_of(errors(chunk))
            yield x, d if self.unit is None else d * self.unit

    def batch(self) -> tuple[Patches, Patches]:
        """Vectors that are made when they are asked for."""
        lowering, (outputs, inputs) = self.lowering, self.shape
        clipped = torch.cat(self.clipped) if self.clipped else None
        x, d, unit = numbers_of(self.x), numbers_of(self.d), None if self.unit is None else numbers_of(self.unit)

        def finished(rows: Any, some: slice) -> Any:
            errors = rows if clipped is None else _masked(rows, clipped[some])
            return errors if unit is None else errors * unit

        given = Patches(
            lowering.count,
            inputs,
            lowering.positions,
            lambda chunk: lowering.inputs(x, chunk, self.reach),
        )
        errors = Patches(
            lowering.count,
            outputs,
            lowering.positions,
            lambda chunk: lowering.target.take(d, chunk),
            finished,
        )
        return given, errors

    def gradient(self) -> torch.Tensor:
        """The sum of ``d.T @ x``; patches are made only for errors that are masked."""
        if self.clipped:
            return reduce(torch.add, (d.T @ x for x, d in self.parts(LARGEST)))
        gradient = self.lowering.exact_gradient(self.x, self.d, self.reach)
        unit = 1.0 if self.unit is None else self.unit.reshape(-1, 1)
        return gradient * unit if self.reach is None else gradient * (unit / self.reach)

    def errors(self) -> Callable[[Chunk], Any]:
        """What comes back to the outputs of the array, by chunk: arrays."""
        d, take = numbers_of(self.d), self.lowering.target.take
        if not self.clipped:
            return lambda chunk: take(d, chunk)
        return lambda chunk: _masked(take(d, chunk), self.clipped[chunk.number])

    def times(self, factor: torch.Tensor) -> LoweredPairs:
        """All errors multiplied."""
        return replace(self, unit=factor if self.unit is None else self.unit * factor)

    def to(self, device: torch.device) -> LoweredPairs:
        """The same on another device."""
        unit = None if self.unit is None else self.unit.to(device)
        clipped = tuple(part.to(device) for part in self.clipped)
        return replace(self, x=self.x.to(device), d=self.d.to(device), unit=unit, clipped=clipped)


class _LoweredProduct(torch.autograd.Function):
    @staticmethod
    def forward(  # noqa: PLR0913, PLR0917
        ctx: Any,
        x: torch.Tensor,
        weight: AnalogParameter,
        lowering: Lowering,
        reach: torch.Tensor | None,
        scale: torch.Tensor | None,
        rate: float,
        clipping: OutputClipping | None,
        bias: torch.Tensor | None,
    ) -> torch.Tensor:
        bound = None if reach is None else float(reach)
        clipped: list[torch.Tensor] = []
        result = None
        if clipping is None:
            exact = partial(lowering.exact_forward, x, reach=bound)
            result = weight.exactly(lambda weights: exact(_visible(weights, scale)), lowering.count)

        given, factor = numbers_of(x), None if scale is None else numbers_of(scale)

        def multiply(chunk: Chunk) -> Any:
            y = weight.through(lowering.inputs(given, chunk, bound))
            if clipping is not None:
                clipped.append(tensor_of(abs(y) >= clipping.bound))
            y = y if bound is None else y * bound
            return y if factor is None else y * factor

        if result is None:
            result = lowering.forward(multiply, weight.grid.shape, bias)
        elif bias is not None:
            result = result + bias
        ctx.save_for_backward(x, scale, *clipped)
        ctx.weight, ctx.lowering, ctx.bound, ctx.rate, ctx.clipping = weight, lowering, bound, rate, clipping
        return result

    @staticmethod
    def backward(ctx: Any, d: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        refuse_double_backward("a product on crossbars")
        x, scale, *clipped = ctx.saved_tensors
        weight, lowering = ctx.weight, ctx.lowering
        d, total = rows_and_sum(d)
        pairs = LoweredPairs(lowering, weight.grid.shape, x, d, ctx.bound, _unit(ctx, scale), tuple(clipped))
        back = None
        if ctx.needs_input_grad[0]:
            back = _back(pairs, weight, scale)
        elif not math.isfinite(total.sum()):
            require_finite(d)
        if weight.requires_grad:
            weight.wait(pairs, 1 / ctx.rate, scale)
        growth = None
        if ctx.needs_input_grad[3] and clipped:
            passed = 1 - torch.cat([part.flatten() for part in clipped]).float().mean()
            growth = (passed < ctx.clipping.least) * (passed - 1) * ctx.bound
        return back, None, None, growth, None, None, None, total if ctx.needs_input_grad[7] else None


def _unit(ctx: Any, scale: torch.Tensor | None) -> torch.Tensor | None:
    """What errors are multiplied by, so that an update by them changes what the user sees as it should."""
    bound = 1.0 if ctx.bound is None else ctx.bound
    if scale is not None:
        unit: torch.Tensor = bound * ctx.rate / scale
        return unit
    return None if ctx.bound is None else torch.tensor(bound)


def _back(pairs: LoweredPairs, weight: AnalogParameter, scale: torch.Tensor | None) -> torch.Tensor:
    """The errors through the crossbars, and each to where its input came from."""
    errors, factor = pairs.errors(), None if scale is None else numbers_of(scale)

    def multiply(chunk: Chunk) -> Any:
        rows = errors(chunk)
        return weight.through(rows if factor is None else rows * factor, transposed=True)

    if not pairs.clipped:
        exact = partial(pairs.lowering.exact_backward, pairs.d, extents=pairs.x.shape)
        count = pairs.lowering.count
        back = weight.exactly(lambda weights: exact(_visible(weights, scale)), count, transposed=True)
        if back is not None:
            return back
    return pairs.lowering.backward(multiply, weight.grid.shape, pairs.x.shape)


def _masked(rows: Any, clipped: torch.Tensor) -> Any:
    return numbers_of(tensor_of(rows).masked_fill(clipped, 0.0))


def _visible(weights: torch.Tensor, scale: torch.Tensor | None) -> torch.Tensor:
    """What a product with its scale multiplies with."""
    return weights if scale is None else weights * scale.reshape(-1, 1)
