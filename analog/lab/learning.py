"""How weights follow gradients, by a whole configuration."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from analog.config import RPUConfig
from analog.crossbar import Crossbar
from analog.crossbar.arguments import as_shape
from analog.lab.arguments import require_count, require_instance

__all__ = ["learning_response"]


def learning_response(
    config: RPUConfig,
    *,
    shape: tuple[int, int] = (10, 2),
    batches: int = 8,
    batch: int = 50,
    lr: float = 0.1,
    seed: int = 0,
) -> npt.NDArray[np.float32]:
    """Train with a constant gradient of 1, first down, then up twice as long, then down again: weights go up, down, up.

    What `step_response` shows of a device, this shows of a training rule: how fast the weights follow, what they do
    when the gradient turns, and where they end.

    Parameters
    ----------
    config : RPUConfig
        Of the crossbar.
    shape : tuple of int, optional
        (outputs, inputs): rules that transfer line by line learn slower with more of them.
    batches : int, optional
        In the first leg; four times as many in all.
    batch : int, optional
        Vector pairs in each.
    lr : float, optional
        Learning rate.
    seed : int, optional
        Of all draws.

    Returns
    -------
    array of float32, (4 * batches + 1, crosspoints)
        The weights before the first batch and after each.

    Raises
    ------
    ConfigError
        If an argument is of another class, or a number not positive.

    Examples
    --------
    >>> from analog.config import FloatingPointRPUConfig
    >>> learning_response(FloatingPointRPUConfig(), shape=(1, 1), batches=1, batch=1)[:, 0]
    array([ 0. ,  0.1,  0. , -0.1,  0. ], dtype=float32)
    """
    require_instance("config", config, RPUConfig)
    for name, value in (("batches", batches), ("batch", batch)):
        require_count(name, value)
    outputs, inputs = as_shape(shape)
    tile = Crossbar(shape, config, seed=seed).set_weights(np.zeros(shape, np.float32))
    x, d = np.ones((batch, inputs), np.float32), np.ones((batch, outputs), np.float32)
    read: Any = tile.allocator.backend.to_numpy
    weights = [read(tile.weights).ravel()]
    for sign in np.repeat([-1, 1, 1, -1], batches):
        tile.update_(x, float(sign) * d, lr).post_update_()
        weights.append(read(tile.weights).ravel())
    return np.stack(weights)
