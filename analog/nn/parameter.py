"""What an optimizer sees of a matrix on crossbars."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from typing import Any, Self

import numpy as np
import torch
import torch.distributed

from analog.crossbar.arguments import as_number
from analog.errors import NotFiniteError
from analog.grid import CrossbarGrid
from analog.kernels.matmul import multiplying_by
from analog.nn.batch import native, tensor_of
from analog.nn.finite import is_finite
from analog.nn.gather import gathered
from analog.nn.memory import memory_of
from analog.nn.pending import LARGEST, Batch, Pairs, Pending
from analog.nn.watch import watch
from tensorlayer.errors import UnsupportedOperationError

__all__ = ["AnalogParameter"]

#: Multiplications that one thread does.
SMALL = 1 << 16


class AnalogParameter(torch.nn.Parameter):
    """A matrix that is conductances: for torch one number, which stands for all of them.

    A backward pass does not leave a matrix of gradients here, but pairs of vectors, inputs and errors, as the array
    gets them; an optimizer of `analog.optim` sends them through the devices. ``grad`` is one number, the factor of all
    pairs: whoever multiplies gradients multiplies it, and without it (after ``zero_grad``) the pairs are forgotten.
    The element reads as NaN: weights are in ``parameter.grid.weights``.

    Parameters
    ----------
    grid : CrossbarGrid
        The crossbars.

    Attributes
    ----------
    pending : Pending
        The pairs that wait for a step of the optimizer.
    is_replicated : bool
        Whether all processes of torch.distributed hold this matrix and learn from each other's pairs.
    """

    grid: CrossbarGrid
    pending: Pending
    is_replicated: bool
    _view: tuple[Any, Any]

    def __new__(cls, grid: CrossbarGrid, requires_grad: bool = True, is_replicated: bool = False) -> Self:
        """One element in memory, whatever the shape."""
        made = super().__new__(cls, torch.full((), torch.nan), requires_grad)
        made.grid, made.pending, made.is_replicated = grid, Pending(), is_replicated
        made._view = None, None
        return made

    def mvm(self, x: torch.Tensor) -> torch.Tensor:
        """Vectors, (batch, inputs) float32, through the crossbars: see `CrossbarGrid.mvm`."""
        y = self.exactly(lambda weights: x @ weights.T, len(x))
        return tensor_of(self.through(native(x))) if y is None else y

    def mvm_transposed(self, d: torch.Tensor) -> torch.Tensor:
        """Vectors, (batch, outputs) float32, through the crossbars from their outputs."""
        y = self.exactly(lambda weights: d @ weights, len(d), transposed=True)
        return tensor_of(self.through(native(d), transposed=True)) if y is None else y

    def through(self, rows: Any, *, transposed: bool = False) -> Any:
        """Vectors as arrays, rows in one piece, through the crossbars themselves: an array."""
        with multiplying_by(_multiply):
            return self.grid.mvm_transposed(rows) if transposed else self.grid.mvm(rows)

    def exactly(
        self, multiply: Callable[[torch.Tensor], torch.Tensor], vectors: int, *, transposed: bool = False
    ) -> torch.Tensor | None:
        """A product with the weights themselves, if crossbars do nothing else.

        Parameters
        ----------
        multiply : callable
            The product, from the weights (outputs, inputs).
        vectors : int
            How many there are in it.
        transposed : bool, optional
            Whether they enter at the outputs.

        Returns
        -------
        Tensor or None
            None if something is analog about it, or if the result is not finite: crossbars say what is wrong then.
        """
        weights = self.exact_weights(transposed=transposed)
        if weights is None:
            return None
        if torch.is_autocast_enabled(self.device.type):
            with torch.autocast(self.device.type, enabled=False):
                y = multiply(weights)
        else:
            y = multiply(weights)
        if not is_finite(y):
            return None
        self.grid.count_(vectors, transposed=transposed)
        return y

    @property
    def is_exact(self) -> bool:
        """Whether it is a matrix of numbers, for products and updates, and of this process alone."""
        return self.grid.is_exact and not self.is_replicated

    def exact_weights(self, *, transposed: bool = False) -> torch.Tensor | None:
        """What products multiply with, if they do nothing else: the memory of a single crossbar, else a copy."""
        match self.grid.exact_weights(transposed=transposed):
            case []:
                return None
            case [(weights, _)]:
                return self._seen(weights)
            case parts:
                whole = torch.empty(self.grid.shape, device=self.device)
                for weights, place in parts:
                    whole[place] = tensor_of(weights)
                return whole

    def _seen(self, weights: Any) -> torch.Tensor:
        """The memory of crossbars as a tensor: the same one as long as it is the same memory."""
        if weights is not self._view[0]:
            # A tensor of inference mode could not be learned into later.
            with torch.inference_mode(False):
                self._view = weights, tensor_of(weights)
        seen: torch.Tensor = self._view[1]
        return seen

    def wait(self, pairs: Pairs, rate: float = 1.0, scale: torch.Tensor | None = None) -> None:
        """Keep pairs until the next step of an optimizer.

        Parameters
        ----------
        pairs : Pairs
            Inputs and errors of one backward pass.
        rate : float, optional
            Factor of the learning rate, which is the same for all pairs.
        scale : Tensor, optional
            What a unit of the devices' weights stands for, one number or (outputs,).
        """
        if self.grad is None:
            self.pending = Pending()
            self.grad = torch.ones_like(self)
            watch(self)
        self.pending.add(pairs, rate, scale, self.grad)

    def gradient_norm(self) -> torch.Tensor:
        """The 2-norm of the gradient of the weights that users see, exactly, without that matrix where it is large."""
        if self.grad is None:
            return torch.zeros((), device=self.device)
        return self.pending.norm(self.grad).clamp(min=torch.finfo(torch.float32).tiny)

    def forget(self) -> None:
        """Drop the pairs that wait."""
        self.pending, self.grad = Pending(), None

    def require_updatable(self) -> None:
        """Refuse an update before anything changes.

        Raises
        ------
        UnsupportedOperationError
            If inputs that wait were written to.
        NotFiniteError
            If what gradients are multiplied by is NaN or infinite; on a GPU an update itself finds that.
        """
        self.pending.require_unwritten()
        if self.grad is not None and self.grad.device.type == "cpu" and not math.isfinite(self.grad.item()):
            raise NotFiniteError(
                f"gradients were multiplied by {self.grad.item()}, as clipping does if others are NaN or infinite: no "
                "update is made from them; leave out the step, and call zero_grad()"
            )

    def update_(self, lr: float) -> None:
        """Send all pairs that wait through the devices, and forget them; small batches are joined.

        Parameters
        ----------
        lr : float
            Learning rate; 0 only forgets.
        """
        pending, factor = self.pending, self.grad
        self.forget()
        if lr != 0 and not (factor is not None and self._descends(pending, factor, lr)):
            rate, batches = as_number("lr", lr * pending.rate), self._batches(pending, factor)
            is_known = pending.known_finite and not self._learns_from_others
            learn = self.grid.learn_ if is_known else self.grid.update_
            with multiplying_by(_multiply):
                for x, d in batches:
                    learn(native(x), native(d), rate)

    def _descends(self, pending: Pending, factor: torch.Tensor, lr: float) -> bool:
        """Add the gradient itself, if that is all that an update is and it is finite."""
        targets = () if self._learns_from_others else self.grid.exact_targets()
        total = pending.total(factor) if targets else None
        if total is None or (pending.is_scaled and not is_finite(total.gradient())):
            return False
        for weights, place in targets:
            total.add_to_(self._seen(weights), -lr * pending.rate, place)
        return True

    @property
    def _learns_from_others(self) -> bool:
        return self.is_replicated and torch.distributed.is_available() and torch.distributed.is_initialized()

    def _batches(self, pending: Pending, factor: torch.Tensor | None) -> Iterable[Batch]:
        if not self._learns_from_others:
            if factor is None:
                return ()
            return [pending.batch(factor)] if self.grid.counts_batches else pending.batches(factor, LARGEST)
        own = None if factor is None else next(pending.batches(factor, sys.maxsize), None)
        together = gathered(own, self.grid.shape, self.device)
        return () if together is None else (together,)

    def become(self, grid: CrossbarGrid) -> None:
        """Take other crossbars of the same extents; pairs are forgotten."""
        self.forget()
        self.grid = grid

    def move(self, device: torch.device) -> None:
        """Take crossbars and pairs to a device of torch."""
        if device != self.device:
            self.grid = self.grid.to(memory_of(device))
            self.data = self.data.to(device)
            self.pending.move(device)
            self.grad = None if self.grad is None else self.grad.to(device)

    def register_hook(self, hook: Any) -> Any:
        """Refused: torch calls hooks with a gradient, and there is none.

        Raises
        ------
        UnsupportedOperationError
            Always.
        """
        raise UnsupportedOperationError(
            f"{hook!r} cannot act on the gradient of crossbars, which is never formed: their pairs are multiplied by "
            "what `grad` is multiplied by, as analog.optim.clip_grad_norm_ does; leave out AnalogParameters"
        )

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        copied = type(self)(self.grid.copy(), self.requires_grad, self.is_replicated)
        memo[id(self)] = copied
        return copied

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return type(self), (self.grid, self.requires_grad, self.is_replicated)

    def __repr__(self, *, tensor_contents: Any = None) -> str:  # type: ignore[override]  # as torch documents it
        del tensor_contents
        return f"AnalogParameter({self.grid!r}, {len(self.pending)} pending)"


def _multiply(a: Any, b: Any, out: Any = None) -> Any:
    """A product of NumPy's arrays by torch, but for small ones, for which NumPy wakes no threads."""
    if a.shape[0] * a.shape[1] * b.shape[1] <= SMALL:
        return np.matmul(a, b, out=out)
    if out is None:
        return torch.mm(torch.from_numpy(a), torch.from_numpy(b)).numpy()
    return torch.mm(torch.from_numpy(a), torch.from_numpy(b), out=torch.from_numpy(out))
