"""The reference of AGAD: what is read of a line in the mean while its chopper has one sign.

Rasch, Carta, Fagbohungbe, Gokmen, "Fast and robust analog in-memory deep neural network training",
Nature Communications 15, 7133 (2024).
"""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["centred"]

ONE = np.float32(1)


def centred(value: Any, line: int, element: int, age: Any, means: Any, references: Any, rate: Any) -> Any:
    """What was read without the reference; the running mean is kept. A function of numbers, for kernels.

    A line whose chopper flipped when it was last read (its `age` is 0) takes the mean of the period before for its
    reference. The newest read has the weight `rate` in the mean. Means and references are (lines, elements of a line).
    """
    if age == 0:
        references[line, element] = means[line, element]
    means[line, element] = (ONE - rate) * means[line, element] + rate * value
    return value - references[line, element]
