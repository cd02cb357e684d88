"""One case of the contract: sinks, and elements for their inputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np

from tensorlayer.backend import Backend, assemble
from tensorlayer.errors import DtypeError
from tensorlayer.graph import DType, Input, Node, postorder
from tensorlayer.scalar import Body, dtype_of

__all__ = ["Array", "Case", "Unheard", "compute", "inputs_for", "is_defined"]

Array = np.ndarray[Any, Any]


def inputs_for(*arrays: Array) -> list[Input]:
    """One input per array, with the keys 0, 1, ..."""
    return [Input.of(i, array.shape, array.dtype) for i, array in enumerate(arrays)]


def is_defined(body: Body, dtypes: tuple[DType, ...]) -> bool:
    """Whether NumPy defines `body` for arguments of these element types."""
    try:
        dtype_of(body, dtypes)
    except DtypeError:
        return False
    return True


@final
class Unheard(Node):
    """An operation that no backend knows."""

    __slots__ = ()

    def _derive(self) -> tuple[tuple[int, ...], np.dtype[Any]]:
        return (), np.dtype(float)


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Case:
    """What is computed.

    Attributes
    ----------
    name : str
        Shown as the test's parameter.
    sinks : tuple of Node
        The results wanted; their inputs have the keys 0, 1, ...
    operands : tuple of numpy.ndarray
        Elements of the inputs, in the order of the keys.
    """

    name: str
    sinks: tuple[Node, ...]
    operands: tuple[Array, ...]

    def __repr__(self) -> str:
        return f"<case {self.name!r}>"

    @property
    def operations(self) -> list[Node]:
        """What the backend must run."""
        return [node for node in postorder(self.sinks) if not isinstance(node, Input)]


def compute(backend: Backend, sinks: Sequence[Node], operands: Sequence[Array], device: str = "cpu") -> list[Any]:
    """Run every node of `sinks` by the backend's kernels on `device`, without passes; gives native arrays."""
    by_key = {node.key: node for node in postorder(sinks) if isinstance(node, Input)}
    keys = sorted(by_key)
    run = assemble(sinks, [by_key[key] for key in keys], lambda node: backend.kernel(node, device)).run
    # Infinities and NaN are elements like others here.
    with np.errstate(all="ignore"):
        return list(backend.finish(run(*(backend.from_numpy(operands[key], device) for key in keys))))
