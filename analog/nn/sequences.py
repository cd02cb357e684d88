"""Sequences of different lengths as torch packs them, and one cell along them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from analog.nn.recurrent_cells import State

__all__ = ["along", "backwards"]

Step = Callable[[torch.Tensor, State], State]


def along(step: Step, inputs: torch.Tensor, lengths: Sequence[int], initial: State) -> tuple[torch.Tensor, State]:
    """A cell from the first time to the last, on the sequences that still go on.

    Parameters
    ----------
    step : callable
        ``step(inputs, state)`` gives the next state; its first tensor is the output.
    inputs : Tensor
        (sum of `lengths`, features): what all sequences have at time 0, then at time 1, and so on.
    lengths : sequence of int
        How many sequences there are at each time; never more than before.
    initial : tuple of Tensor
        (sequences, ...) each.

    Returns
    -------
    Tensor
        The outputs, as the inputs are.
    tuple of Tensor
        The state of every sequence after its last input.
    """
    state, outputs = initial, []
    ended: list[State] = []
    for now in torch.split(inputs, list(lengths)):
        ended.append(tuple(part[len(now) :] for part in state))
        state = step(now, tuple(part[: len(now)] for part in state))
        outputs.append(state[0])
    final = [state, *(parts for parts in reversed(ended) if len(parts[0]))]
    return torch.cat(outputs), tuple(torch.cat(parts) for parts in zip(*final, strict=True))


def backwards(step: Step, inputs: torch.Tensor, lengths: Sequence[int], initial: State) -> tuple[torch.Tensor, State]:
    """A cell from the last time to the first; every sequence begins with its last input. See `along`."""
    state = tuple(part[:0] for part in initial)
    outputs = []
    for now in reversed(torch.split(inputs, list(lengths))):
        begin = slice(len(state[0]), len(now))
        state = tuple(torch.cat((part, first[begin])) for part, first in zip(state, initial, strict=True))
        state = step(now, state)
        outputs.append(state[0])
    return torch.cat(outputs[::-1]), state
