"""Asking the function behind an on-demand tensor for its elements."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from tensorlayer.errors import GeneratorError, TensorlayerError
from tensorlayer.graph.leaves import Generate
from tensorlayer.graph.node import DType

__all__ = ["generate"]


def generate(node: Generate) -> np.ndarray[Any, DType]:
    """The elements of an on-demand tensor over its region, as a NumPy array.

    Raises
    ------
    GeneratorError
        If the function raises, gives another shape, or complex numbers for a real tensor.
    """
    try:
        array = np.asarray(node.generator.generate(node.region))
    except TensorlayerError:
        raise
    except Exception as error:
        raise GeneratorError(
            f"the function {node.generator} behind an on-demand tensor raised {type(error).__name__}: {error} "
            f"(asked for {_indices(node)})"
        ) from error
    if array.shape != node.shape:
        raise GeneratorError(
            f"the function {node.generator} gave shape {array.shape} for {_indices(node)}; "
            f"it must give {node.shape}, {math.prod(node.shape)} elements"
        )
    if array.dtype.kind not in "biufc" or (array.dtype.kind == "c" and node.dtype.kind != "c"):
        raise GeneratorError(
            f"the function {node.generator} gave {array.dtype} for a tensor of {node.dtype}: say dtype=... when the "
            "tensor is made, or convert in the function"
        )
    return array.astype(node.dtype, copy=False)


def _indices(node: Generate) -> str:
    """The region as an index: ``[0:4, 2:9:3]``."""
    return f"[{', '.join(f'{start}:{stop}' + f':{step}' * (step != 1) for start, stop, step in node.region)}]"
