"""Training networks, on crossbars or not, by the same steps."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple

import torch
from samples import Samples
from torch import nn

from analog.optim import AnalogSGD

__all__ = ["Curve", "Plan", "train"]

#: Samples that are classified at once.
TESTED = 500


class Curve(NamedTuple):
    """The mean loss and the share of test samples classified wrongly, epoch by epoch; the CPU time in seconds."""

    loss: list[float]
    error: list[float]
    seconds: float


class Plan(NamedTuple):
    """How long, and by which steps."""

    epochs: int
    batch: int
    rate: float


def train(network: nn.Module, samples: Samples, plan: Plan, title: str) -> Curve:
    """Stochastic gradient descent on the cross entropy."""
    optimizer = AnalogSGD(network.parameters(), lr=plan.rate)
    losses, errors, begin = [], [], time.process_time()
    for epoch in range(plan.epochs):
        batches = torch.randperm(len(samples.x)).split(plan.batch)
        steps = progress(batches, f"{title}, epoch {epoch + 1}")
        by_step = [step(network, optimizer, samples.x[chosen], samples.y[chosen]) for chosen in steps]
        losses.append(sum(by_step) / len(by_step))
        errors.append(error(network, samples))
    return Curve(losses, errors, time.process_time() - begin)


def step(network: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor, y: torch.Tensor) -> float:
    """One batch; its loss."""
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(network(x), y)
    loss.backward()
    optimizer.step()
    return loss.item()


@torch.no_grad()
def error(network: nn.Module, samples: Samples) -> float:
    """The share of test samples that are classified wrongly."""
    pairs = zip(samples.x_test.split(TESTED), samples.y_test.split(TESTED), strict=True)
    return sum(int((network(x).argmax(1) != y).sum()) for x, y in pairs) / samples.y_test.numel()


def progress(items: Any, title: str) -> Iterable[Any]:
    """The items, with a bar on the terminal: by tqdm if it is installed, else a line for each pass over them."""
    if find_spec("tqdm") is None:
        return announced(items, title)
    from tqdm import tqdm

    bar: Iterable[Any] = tqdm(items, title, leave=False, disable=None)
    return bar


def announced(items: Any, title: str) -> Iterator[Any]:
    """The items, with their title printed before the first one."""
    print(title, flush=True)
    yield from items
