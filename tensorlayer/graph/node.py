"""The node of an operation graph: (operation, inputs, parameters), immutable and hash-consed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from threading import RLock
from typing import Any, ClassVar, Generic, Self, TypeVar, overload
from weakref import WeakValueDictionary

import numpy as np

__all__ = ["DType", "Node", "Place", "parameter", "postorder"]

DType = np.dtype[Any]
#: Backend and device.
Place = tuple[str, str]
T = TypeVar("T")
_NODES: WeakValueDictionary[tuple[Any, ...], Node] = WeakValueDictionary()
# A weak dictionary's setdefault looks and then writes; two threads would keep two equal nodes.
_ENTERING = RLock()


class parameter(Generic[T]):  # noqa: N801  # reads as a declaration, like `property`
    """A named entry of a node's `parameters`."""

    def __init__(self, index: int) -> None:
        self.index = index

    @overload
    def __get__(self, node: None, owner: type) -> Self: ...
    @overload
    def __get__(self, node: Node, owner: type) -> T: ...
    def __get__(self, node: Node | None, owner: type) -> T | Self:
        if node is None:
            return self
        value: T = node.parameters[self.index]
        return value


class Node(ABC):
    """One operation and its result.

    Equal nodes are one object, so shared work is visible by identity. Shape and element type are derived
    from the inputs when the node is made; a node that would be illegal cannot be made.

    Attributes
    ----------
    inputs : tuple of Node
        What the operation reads, in order.
    parameters : tuple
        The state of the operation; hashable.
    shape : tuple of int
        Extents of the result.
    dtype : numpy.dtype
        Element type of the result.
    """

    __slots__ = ("__weakref__", "dtype", "inputs", "parameters", "shape")

    #: Names of the entries of `parameters`, for printing and for the text form.
    parameter_names: ClassVar[tuple[str, ...]] = ()

    inputs: tuple[Node, ...]
    parameters: tuple[Any, ...]
    shape: tuple[int, ...]
    dtype: DType

    @classmethod
    def make(cls, inputs: Iterable[Node], *parameters: Any) -> Self:
        """The node with these inputs and parameters: the existing one if there is an equal one."""
        inputs = tuple(inputs)
        key = (cls, inputs, cls.identity(parameters))
        node = _NODES.get(key)
        if node is None:
            node = object.__new__(cls)
            node.inputs = inputs
            node.parameters = parameters
            node.shape, node.dtype = node._derive()
            with _ENTERING:
                node = _NODES.setdefault(key, node)
        return node  # type: ignore[return-value]

    @classmethod
    def identity(cls, parameters: tuple[Any, ...]) -> tuple[Any, ...]:
        """What makes nodes with the same inputs equal: the parameters, unless equal ones can mean different things."""
        return parameters

    @abstractmethod
    def _derive(self) -> tuple[tuple[int, ...], DType]:
        """Validate, and derive shape and element type."""

    @property
    def operation(self) -> str:
        """Name of the operation."""
        return type(self).__name__

    @property
    def ndim(self) -> int:
        """Rank of the result."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements of the result."""
        return int(np.prod(self.shape, dtype=object)) if self.shape else 1

    @property
    def nbytes(self) -> int:
        """Size of the dense result in bytes."""
        return self.size * self.dtype.itemsize

    @property
    def signatures(self) -> tuple[tuple[tuple[int, ...], DType], ...]:
        """Shape and element type of every result; where there are several, `Result` nodes read them."""
        return ((self.shape, self.dtype),)

    def flops(self) -> int:
        """Number of scalar operations the node itself costs (a multiply-add counts as two)."""
        return 0

    def edge_labels(self) -> tuple[tuple[tuple[int, ...], ...], tuple[int, ...]]:
        """Labels of the modes on every input edge and on the output edge, as numbers.

        Equal numbers are the same index; operations that do not relate modes number them apart.
        """
        start = 0
        edges = []
        for node in self.inputs:
            edges.append(tuple(range(start, start + node.ndim)))
            start += node.ndim
        return tuple(edges), tuple(range(start, start + self.ndim))

    def with_inputs(self, inputs: Iterable[Node]) -> Node:
        """The same operation on other inputs."""
        return type(self).make(inputs, *self.parameters)

    def __repr__(self) -> str:
        named = ", ".join(f"{n}={p!r}" for n, p in zip(self.parameter_names, self.parameters, strict=True))
        inputs = ", ".join(type(node).__name__ for node in self.inputs)
        return f"{self.operation}({inputs}{', ' if inputs and named else ''}{named}) -> {self.dtype}{list(self.shape)}"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.inputs, self.parameters)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def _restore(cls: type[Node], inputs: tuple[Node, ...], parameters: tuple[Any, ...]) -> Node:
    return cls.make(inputs, *parameters)


def postorder(sinks: Iterable[Node]) -> Iterator[Node]:
    """Every node the sinks need, inputs before users, each once."""
    seen: set[Node] = set()
    stack: list[tuple[Node, bool]] = [(node, False) for node in reversed(list(sinks))]
    while stack:
        node, ready = stack.pop()
        if node in seen:
            continue
        if ready:
            seen.add(node)
            yield node
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in reversed(node.inputs) if child not in seen)
