"""Training one model in several processes: all learn from the pairs of all."""

from __future__ import annotations

import torch
import torch.distributed

__all__ = ["gathered"]

Pair = tuple[torch.Tensor, torch.Tensor]


def gathered(pair: Pair | None, shape: tuple[int, int], device: torch.device) -> Pair | None:
    """Vectors of all processes, in the order of their ranks; errors divided by the number of processes.

    So the gradient is the mean over processes, as of `torch.nn.parallel.DistributedDataParallel`, and every process
    makes the same pulses from the same vectors.

    Parameters
    ----------
    pair : tuple of Tensor or None
        (batch, inputs) and (batch, outputs), float32; batches may differ in length, None is an empty one.
    shape : tuple of int
        (outputs, inputs).
    device : torch.device
        Where vectors are.

    Returns
    -------
    tuple of Tensor or None
        None if no process has any.
    """
    world, (outputs, inputs) = torch.distributed.get_world_size(), shape
    own = torch.empty(0, inputs + outputs, device=device) if pair is None else torch.cat(pair, 1)
    counts = [torch.zeros(1, dtype=torch.int64, device=device) for _ in range(world)]
    torch.distributed.all_gather(counts, torch.tensor([len(own)], device=device))
    lengths = [int(count) for count in counts]
    padded = torch.zeros(max(lengths), inputs + outputs, device=device)
    padded[: len(own)] = own
    parts = [torch.empty_like(padded) for _ in range(world)]
    torch.distributed.all_gather(parts, padded)
    rows = torch.cat([part[:length] for part, length in zip(parts, lengths, strict=True)])
    return (rows[:, :inputs].contiguous(), rows[:, inputs:] / world) if len(rows) else None
