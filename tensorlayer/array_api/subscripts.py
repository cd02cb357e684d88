"""``np.einsum`` of unlabelled tensors, recorded."""

from __future__ import annotations

from typing import Any

from opt_einsum.parser import parse_einsum_input

from tensorlayer.errors import GraphError
from tensorlayer.graph import Einsum
from tensorlayer.language.operand import as_node, is_operand
from tensorlayer.language.tensor import Tensor

__all__ = ["einsum"]


def einsum(*operands: Any, optimize: Any = None) -> Any:
    """The product that NumPy's subscripts name; NotImplemented if they are not those of an Einsum.

    Parameters
    ----------
    *operands : str and tensors, or tensors and lists of labels
        As ``np.einsum`` takes them.
    optimize : optional
        Ignored: the order of contractions is planned when it is computed.
    """
    del optimize
    if any(not is_operand(x) for x in operands if not isinstance(x, str | list | tuple)):
        return NotImplemented
    try:
        inputs, output, tensors = parse_einsum_input(operands)
        nodes = [as_node(x) for x in tensors]
        return Tensor.from_node(Einsum.of(nodes, inputs.split(","), output))
    except (GraphError, ValueError):
        # NumPy stretches modes of extent one, and has the better words for what does not fit.
        return NotImplemented
