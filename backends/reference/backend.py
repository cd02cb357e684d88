"""The reference backend: its array, and which loop defines which operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, final

import numpy as np

from backends.reference.arithmetic import einsum, fused, map_, reduce
from backends.reference.decompositions import linalg
from backends.reference.movement import concatenate, delta, fill, reshape, slice_, update
from tensorlayer import graph
from tensorlayer.backend import Backend, Kernel, Rule
from tensorlayer.graph import DType, Node

__all__ = ["ReferenceArray", "ReferenceBackend", "backend"]


@final
@dataclass(frozen=True, slots=True, eq=False)
class ReferenceArray:
    """What this backend computes with: NumPy stores the elements, and that is all it does."""

    elements: np.ndarray[Any, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """Extents."""
        shape: tuple[int, ...] = self.elements.shape
        return shape


def _rule(definition: Callable[..., Any]) -> Rule:
    """Wrap a function of a node and NumPy arrays."""

    def run(node: Node, *operands: ReferenceArray) -> Any:
        with np.errstate(all="ignore"):
            result = definition(node, *(operand.elements for operand in operands))
        return tuple(map(ReferenceArray, result)) if isinstance(result, tuple) else ReferenceArray(result)

    return lambda _, node: partial(run, node)


def _pick(_: Backend, node: Node) -> Kernel:
    """Kernel of a Result; a decomposition with one result gives it bare."""
    return lambda results: results[node.parameters[0]] if isinstance(results, tuple) else results


@final
class ReferenceBackend(Backend):
    """Runs every operation on one element after the other. Slow, and meant to be read.

    Values, element types, overflow, infinities and NaN are those of NumPy's scalars.
    """

    name: ClassVar[str] = "reference"
    library: ClassVar[str] = "numpy"
    vocabulary: ClassVar[Mapping[type[Node], Rule]] = {
        graph.Concatenate: _rule(concatenate),
        graph.Delta: _rule(delta),
        graph.Einsum: _rule(einsum),
        graph.Fill: _rule(fill),
        graph.Fused: _rule(fused),
        graph.Generate: _rule(graph.generate),
        graph.Linalg: _rule(linalg),
        graph.Map: _rule(map_),
        graph.Reduce: _rule(reduce),
        graph.Reshape: _rule(reshape),
        graph.Slice: _rule(slice_),
        graph.Update: _rule(update),
        graph.Result: _pick,
    }

    def recognises(self, cls: type) -> bool:
        """Only its own arrays: data come in by conversion."""
        return cls is ReferenceArray

    def dtype_of(self, array: Any) -> DType:
        """Element type."""
        return array.elements.dtype  # type: ignore[no-any-return]

    def from_numpy(self, array: np.ndarray[Any, Any], device: str = "cpu", *, copy: bool | None = None) -> Any:
        """The array in a wrapper; shares memory unless a copy is asked for."""
        self.require_device(device)
        return ReferenceArray(np.array(array) if copy else np.asarray(array))

    def to_numpy(self, array: Any) -> np.ndarray[Any, Any]:
        """The array in the wrapper; shares memory."""
        return array.elements  # type: ignore[no-any-return]


#: The instance that the entry point names.
backend = ReferenceBackend()
