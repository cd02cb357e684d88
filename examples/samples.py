"""Pictures with labels: Fashion-MNIST where Debian installed it, else the digits that scikit-learn brings."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

__all__ = ["FASHION", "Samples", "pictures"]

#: Where Debian's package puts the files.
FASHION = Path("/usr/share/datasets/fashion-mnist")
FILES = ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
#: How many of the 1797 digits are for training.
DIGITS_FOR_TRAINING = 1437


class Samples(NamedTuple):
    """What a network sees, and the classes that it is to find, for training and for testing."""

    name: str
    x: torch.Tensor
    y: torch.Tensor
    x_test: torch.Tensor
    y_test: torch.Tensor

    def first(self, count: int) -> Samples:
        """With so many samples for training, at most."""
        return self._replace(x=self.x[:count], y=self.y[:count])


def pictures(name: str, folder: Path = FASHION) -> Samples:
    """Pictures, (count, 1, height, width), of ``"fashion"`` or ``"digits"``; says so if it takes others."""
    if name == "fashion" and (folder / f"{FILES[0]}-ubyte.gz").exists():
        return scaled("Fashion-MNIST", *(read(folder / f"{part}-ubyte.gz") for part in FILES))
    if name == "fashion":
        print(f"No Fashion-MNIST in {folder}: apt install dataset-fashion-mnist. Digits of scikit-learn instead.\n")
    return digits()


def read(path: Path) -> np.ndarray[Any, Any]:
    """An array of bytes in the IDX format: two zeros, the type, the rank, the extents, the elements."""
    content = gzip.decompress(path.read_bytes())
    rank = content[3]
    extents = np.frombuffer(content, ">i4", rank, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(extents)


def digits() -> Samples:
    """1797 digits of 8 x 8 pixels, in an order drawn once."""
    from sklearn.datasets import load_digits

    found = load_digits()
    order = np.random.default_rng(0).permutation(len(found.images))
    x, y = found.images[order], found.target[order]
    cut = DIGITS_FOR_TRAINING
    return scaled("digits", x[:cut], y[:cut], x[cut:], y[cut:])


def scaled(name: str, x: Any, y: Any, x_test: Any, y_test: Any) -> Samples:
    """As tensors; the pictures for training have mean 0 and standard deviation 1."""
    mean, deviation = x.mean(), x.std()

    def pixels(values: Any) -> torch.Tensor:
        return torch.from_numpy(((values - mean) / deviation).astype(np.float32)[:, None])

    def classes(values: Any) -> torch.Tensor:
        return torch.from_numpy(values.astype(np.int64))

    return Samples(name, pixels(x), classes(y), pixels(x_test), classes(y_test))
