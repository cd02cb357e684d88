"""Networks of torch that are put on crossbars."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["Characters", "lenet", "perceptron"]

CLASSES = 10


def perceptron(extent: int) -> nn.Module:
    """Three layers: 784-256-128-10 for pictures of 28 x 28 pixels, 64-48-24-10 for smaller ones."""
    first, second = (256, 128) if extent >= 28 else (48, 24)
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(extent**2, first),
        nn.Tanh(),
        nn.Linear(first, second),
        nn.Tanh(),
        nn.Linear(second, CLASSES),
    )


def lenet(extent: int) -> nn.Module:
    """LeNet-5 (LeCun et al., Proc. IEEE 86, 2278, 1998), with smaller kernels for pictures below 28 x 28 pixels."""
    kernel = 5 if extent >= 28 else 3
    inner = (extent // 2 - kernel + 1) // 2
    return nn.Sequential(
        nn.Conv2d(1, 6, kernel, padding=kernel // 2),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, kernel),
        nn.Tanh(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(16 * inner**2, 120),
        nn.Tanh(),
        nn.Linear(120, 84),
        nn.Tanh(),
        nn.Linear(84, CLASSES),
    )


class Characters(nn.Module):
    """Which character comes next: a digital embedding, an LSTM and a linear layer.

    Parameters
    ----------
    alphabet : int
        Different characters.
    hidden : int, optional
        Extent of the state.
    """

    def __init__(self, alphabet: int, hidden: int = 64) -> None:
        super().__init__()
        self.embedding = nn.Embedding(alphabet, hidden // 2)
        self.lstm = nn.LSTM(hidden // 2, hidden, batch_first=True)
        self.linear = nn.Linear(hidden, alphabet)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, time) to (batch, alphabet, time)."""
        states, _ = self.lstm(self.embedding(x))
        scores: torch.Tensor = self.linear(states)
        return scores.mT
