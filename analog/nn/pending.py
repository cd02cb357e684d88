"""Pairs of vectors between a backward pass and a step of an optimizer."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar, Protocol, Self

import torch

from analog.cell import Vectors
from analog.grid.blocks import WHOLE, Block
from analog.nn.batch import Joined
from tensorlayer.errors import UnsupportedOperationError

__all__ = [
    "LARGEST",
    "LARGEST_GRAM",
    "Batch",
    "GradientPairs",
    "Pairs",
    "Pending",
    "RowPairs",
    "SumPairs",
    "Summand",
    "is_narrow",
]

Pair = tuple[torch.Tensor, torch.Tensor]
#: Inputs and errors, in memory or not.
Batch = tuple[torch.Tensor, torch.Tensor] | tuple[Vectors, Vectors]

#: Elements of inputs that go through an update at once, unless a single pair has more: kernels need memory beside them.
LARGEST = 1 << 18
#: The same where Gram matrices may be worth while.
LARGEST_GRAM = 1 << 24


class Pairs(Protocol):
    """Inputs and errors of one backward pass, (batch, inputs) and (batch, outputs), in one or several parts."""

    @property
    def x(self) -> torch.Tensor:
        """What nobody may write to as long as they wait."""
        ...

    @property
    def known_finite(self) -> bool:
        """Whether products have refused what is NaN or infinite, and nothing was multiplied since."""
        ...

    def parts(self, largest: float) -> Iterator[Pair]:
        """The parts, in order; those that are made when they are asked for have so many elements of inputs at most."""
        ...

    def batch(self) -> Batch:
        """All as one batch; what is not in memory is made when it is needed."""
        ...

    def gradient(self) -> torch.Tensor:
        """The sum of ``d.T @ x``, (outputs, inputs)."""
        ...

    def times(self, factor: torch.Tensor) -> Self:
        """The same with all errors multiplied."""
        ...

    def to(self, device: torch.device) -> Self:
        """The same on another device."""
        ...


@dataclass(slots=True)
class RowPairs:
    """Vectors that are in memory.

    Parameters
    ----------
    x, d : Tensor
        (batch, inputs) and (batch, outputs).
    known_finite : bool, optional
        Whether products have refused what is NaN or infinite.
    """

    x: torch.Tensor
    d: torch.Tensor
    known_finite: bool = False

    def parts(self, largest: float) -> Iterator[Pair]:
        """All at once."""
        del largest
        yield self.batch()

    def batch(self) -> Pair:
        """All at once."""
        return self.x, self.d

    def gradient(self) -> torch.Tensor:
        """The sum of ``d.T @ x``."""
        return self.d.T @ self.x

    def times(self, factor: torch.Tensor) -> Self:
        """All errors multiplied."""
        return replace(self, d=self.d * factor, known_finite=False)

    def to(self, device: torch.device) -> Self:
        """The same on another device."""
        return replace(self, x=self.x.to(device), d=self.d.to(device))


@dataclass(slots=True)
class SumPairs(RowPairs):
    """Vectors that are in memory, of which nothing but their sum matters."""

    def add_to_(self, matrix: torch.Tensor, factor: float, place: Block = WHOLE) -> None:
        """Add a part of the sum times a factor; the sum itself is never in memory."""
        # Parts of tensors are tensors, which take longer to make than small sums.
        d, x = (self.d, self.x) if place is WHOLE else (self.d[:, place[0]], self.x[:, place[1]])
        matrix.addmm_(d.T, x, alpha=factor)


@dataclass(frozen=True)
class GradientPairs:
    """A sum that was formed already; as pairs, its rows with unit vectors.

    Parameters
    ----------
    x : Tensor
        (outputs, inputs).
    """

    x: torch.Tensor
    known_finite: ClassVar[bool] = False

    def parts(self, largest: float) -> Iterator[Pair]:
        """All at once."""
        del largest
        yield self.batch()

    def batch(self) -> Pair:
        """All at once."""
        return self.x, torch.eye(len(self.x), device=self.x.device)

    def gradient(self) -> torch.Tensor:
        """The sum itself."""
        return self.x

    def add_to_(self, matrix: torch.Tensor, factor: float, place: Block = WHOLE) -> None:
        """Add a part of the sum times a factor."""
        matrix.add_(self.x if place is WHOLE else self.x[place], alpha=factor)

    def times(self, factor: torch.Tensor) -> GradientPairs:
        """All errors multiplied."""
        return GradientPairs(self.x * factor.reshape(-1, 1))

    def to(self, device: torch.device) -> GradientPairs:
        """The same on another device."""
        return GradientPairs(self.x.to(device))


#: Pairs of which nothing but the sum matters.
Summand = SumPairs | GradientPairs


@dataclass
class Pending:
    """Pairs of all backward passes since the last step, oldest first; their gradient is the sum of ``d.T @ x``.

    Attributes
    ----------
    pairs : list of Pairs
        What waits.
    rate : float
        Factor of the learning rate.
    scale : Tensor or None
        What a unit of the devices' weights stands for, one number or (outputs,).
    passes : int
        How many backward passes.
    is_scaled : bool
        Whether errors were multiplied since: products of numbers may be none.
    """

    pairs: list[Pairs] = field(default_factory=list)
    rate: float = 1.0
    scale: torch.Tensor | None = None
    passes: int = 0
    is_scaled: bool = False
    _written: list[int] = field(default_factory=list)
    _factor_written: int = 0

    def add(self, pairs: Pairs, rate: float, scale: torch.Tensor | None, factor: torch.Tensor) -> None:
        """Keep some more; `factor` counts for those that are there already."""
        if factor._version != self._factor_written:
            self._settle(factor)
        self.rate, self.scale, self.passes = rate, scale, self.passes + 1
        if self.pairs and isinstance(pairs, Summand) and isinstance(self.pairs[-1], Summand):
            pairs = self._summed(pairs)
        self.pairs.append(pairs)
        self._written.append(pairs.x._version)

    def _summed(self, more: Summand) -> GradientPairs:
        """The last pairs, which are taken away, and some more."""
        self.require_unwritten()
        self._written.pop()
        total = self.pairs.pop().gradient()
        more.add_to_(total, 1.0)
        return GradientPairs(total)

    def batches(self, factor: torch.Tensor, largest: float = LARGEST) -> Iterator[Pair]:
        """All pairs times their factor, joined while they have at most `largest` elements of inputs.

        Raises
        ------
        UnsupportedOperationError
            If inputs were written to since: torch's gradients would be there already, but pulses come from the inputs.
        """
        self._make_up(factor)
        return _joined((pair for pairs in self.pairs for pair in pairs.parts(largest)), largest)

    def batch(self, factor: torch.Tensor) -> Batch:
        """All pairs times their factor as one batch, whatever their number; raises as `batches`."""
        self._make_up(factor)
        found = [pairs.batch() for pairs in self.pairs]
        if len(found) == 1:
            return found[0]
        return Joined([x for x, _ in found]), Joined([d for _, d in found])

    def total(self, factor: torch.Tensor) -> Summand:
        """All pairs times their factor as one sum, formed unless it is a single one as it came; raises as `batches`."""
        self._make_up(factor)
        first = self.pairs[0]
        if len(self.pairs) == 1 and isinstance(first, Summand) and not self.is_scaled:
            return first
        return GradientPairs(functools.reduce(torch.add, (pairs.gradient() for pairs in self.pairs)))

    def _make_up(self, factor: torch.Tensor) -> None:
        self.require_unwritten()
        self._settle(factor)

    def require_unwritten(self) -> None:
        """Refuse inputs that pulses can no longer be made from: see `batches`."""
        if any(pairs.x._version != written for pairs, written in zip(self.pairs, self._written, strict=True)):
            raise UnsupportedOperationError(
                "inputs of an analog layer were written to in place between the backward pass and the step of the "
                "optimizer, which makes its pulses from them: give the layer a copy, as x.clone()"
            )

    @property
    def known_finite(self) -> bool:
        """Whether it is known of all pairs that nothing in them is NaN or infinite."""
        return all(pairs.known_finite for pairs in self.pairs)

    def move(self, device: torch.device) -> None:
        """Take the pairs to a device."""
        self.pairs = [pairs.to(device) for pairs in self.pairs]
        self._written = [pairs.x._version for pairs in self.pairs]

    def norm(self, factor: torch.Tensor) -> torch.Tensor:
        """The Frobenius norm of the gradient, in units of the weights that users see.

        Its square is the sum of the elementwise product of both Gram matrices, ``x @ x.T`` and ``d @ d.T``. Where the
        gradient itself is smaller, it is formed. Double precision inside.
        """
        unit = self.rate if self.scale is None else self.rate * self.scale
        batches = [(x.double(), (d * unit).double()) for x, d in self.batches(factor, LARGEST_GRAM)]
        if len(batches) == 1 and is_narrow(*batches[0]):
            x, d = batches[0]
            return ((x @ x.T) * (d @ d.T)).sum().clamp(min=0.0).sqrt().float()
        gradient = torch.stack([d.T @ x for x, d in batches]).sum(0)
        norm: torch.Tensor = torch.linalg.vector_norm(gradient).float()
        return norm

    def _settle(self, factor: torch.Tensor) -> None:
        """Multiply the errors by what gradients were multiplied by; on a GPU without a look, which would wait."""
        if factor.device.type != "cpu" or factor.item() != 1.0:
            now = factor.clone()
            self.pairs = [pairs.times(now) for pairs in self.pairs]
            self.is_scaled = True
            factor.fill_(1.0)
        self._factor_written = factor._version

    def __len__(self) -> int:
        return self.passes


def _joined(pairs: Iterable[Pair], largest: float) -> Iterator[Pair]:
    waiting: list[Pair] = []
    for pair in pairs:
        if waiting and sum(x.numel() for x, _ in (*waiting, pair)) > largest:
            yield _whole(waiting)
            waiting = []
        waiting.append(pair)
    if waiting:
        yield _whole(waiting)


def is_narrow(x: torch.Tensor, d: torch.Tensor) -> bool:
    """Whether Gram matrices are less work than the gradient."""
    return len(x) * (x.shape[1] + d.shape[1]) < x.shape[1] * d.shape[1]


def _whole(pairs: list[Pair]) -> Pair:
    if len(pairs) == 1:
        return pairs[0]
    return torch.cat([x for x, _ in pairs]), torch.cat([d for _, d in pairs])
