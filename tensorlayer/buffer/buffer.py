"""What all buffers share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from tensorlayer.buffer.operands import bind
from tensorlayer.errors import LayoutError
from tensorlayer.layout import PhysicalLayout

if TYPE_CHECKING:
    from tensorlayer.backend import Backend
    from tensorlayer.buffer.allocator import Allocator
    from tensorlayer.graph import Input, Node, OpGraph
    from tensorlayer.runtime import Runtime

__all__ = ["Buffer", "chip_key", "slice_key"]


class Buffer(ABC):
    """Holds the elements of a tensor, whatever library made them; the only thing that touches its objects.

    Buffers are compared by identity: two of them with equal elements are two buffers.

    Parameters
    ----------
    layout : PhysicalLayout
        What is held, and where.
    allocator : Allocator
        What made it, and makes the buffers that `compute` returns.

    Attributes
    ----------
    kind : str
        Which of the kinds of buffer this is: ``"local"``, ``"replicated"``, ``"distributed"``, ``"remote"``,
        ``"on_demand"`` or ``"future"``.
    precedence : int
        Among operands of several kinds the one with the highest number decides how a graph is run.
    """

    kind: ClassVar[str]
    precedence: ClassVar[int] = 0
    __slots__ = ("__weakref__", "_layout", "allocator")

    def __init__(self, layout: PhysicalLayout | None, allocator: Allocator) -> None:
        self._layout = layout
        self.allocator = allocator

    @property
    def layout(self) -> PhysicalLayout:
        """What is held, and where."""
        if self._layout is None:
            self._layout = self._derive_layout()
        return self._layout

    def _derive_layout(self) -> PhysicalLayout:
        raise LayoutError(f"a {self.kind} buffer was made without a layout")

    @property
    def backend(self) -> Backend:
        """The backend whose objects this buffer holds."""
        return self.allocator.backend

    @property
    def runtime(self) -> Runtime:
        """The processes, devices, memory and threads the buffer lives among."""
        return self.allocator.runtime

    @property
    def nbytes(self) -> int:
        """Bytes that the elements take now, in all processes together."""
        return self.layout.nbytes

    @abstractmethod
    def slice(self, first: Sequence[int], last: Sequence[int]) -> Buffer:
        """The elements in the half-open box from `first` to `last`, counted from zero; the rank stays.

        Might copy: a view where the library has views. Never moves elements between processes or devices.

        Raises
        ------
        ShapeError
            If a bound is missing, reversed, or outside.
        """

    @abstractmethod
    def chip(self, at: Mapping[int, int]) -> Buffer:
        """The elements with the given modes fixed; these modes are dropped.

        Might copy, as `slice` does.

        Raises
        ------
        ShapeError
            If a mode does not exist or a position is outside.
        """

    def compute(self, graph: OpGraph, *others: Buffer) -> tuple[Buffer, ...]:
        """Run `graph` on the backend of this buffer.

        Never copies an input; results are new buffers, though one that only moves elements (a slice, a
        transpose) might share memory with its input. Never waits for operands that are not there yet: the
        results are then futures too.

        Parameters
        ----------
        graph : OpGraph
            Operations of the backend's vocabulary. The key of each `Input` is a buffer of this backend, or
            a position in ``(self, *others)``.
        *others : Buffer
            More operands, for the keys 1, 2, ...

        Returns
        -------
        tuple of Buffer
            One for every sink.

        Raises
        ------
        UnsupportedOperationError
            If the backend does not run an operation; the message names it. Nothing has been run then.
        GraphError
            If an input is no buffer of this backend, or has another shape or element type than its node.
        """
        operands = bind(graph, self, others)
        leader = max((self, *operands.values()), key=lambda buffer: buffer.precedence)
        return leader._compute(graph, operands)

    @abstractmethod
    def _compute(self, graph: OpGraph, operands: Mapping[Input, Buffer]) -> tuple[Buffer, ...]:
        """Run a graph whose inputs were checked; no operand has a higher `precedence` than this one."""

    def as_node(self, node: Input) -> Node:
        """What stands for this buffer in a graph: the input itself, unless elements are made on the way."""
        return node

    @abstractmethod
    def unwrap(self) -> Any:
        """The library's own object. Each kind says whether that copies."""

    def is_complete(self) -> bool:
        """Whether the elements are computed: always, but where a device computes on by itself. Never waits."""
        return True

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the elements are computed.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most; without end when left out.

        Raises
        ------
        TimeoutError
            If they are not computed in time.
        """
        del timeout

    def rebind(self, kind: str | type[Buffer]) -> Buffer:
        """The same elements in a buffer of another kind of the same backend.

        Might copy: never where the kind is the same.

        Parameters
        ----------
        kind : str or type of Buffer
            ``"replicated"`` or ``ReplicatedBuffer``, and so on.

        Raises
        ------
        AllocationError
            If the backend has no such kind; the message lists those it has.
        """
        return self if _kind_of(kind) == self.kind else self.allocator.rebind(kind).construct(self)

    def _described(self) -> dict[str, str]:
        layout = self.layout
        return {
            "kind": self.kind,
            "backend": self.backend.name,
            "shape": str(list(layout.extents)),
            "dtype": str(layout.dtype),
            "place": layout.placement,
        }

    def __repr__(self) -> str:
        kind, backend, shape, dtype, place = self._described().values()
        return f"<{kind} buffer of {backend}, {dtype}{shape} on {place}>"

    def _repr_html_(self) -> str:
        from html import escape

        rows = (f"<tr><th>{name}</th><td>{escape(value)}</td></tr>" for name, value in self._described().items())
        return f"<table>{''.join(rows)}</table>"


def _kind_of(kind: str | type[Buffer]) -> str:
    return kind if isinstance(kind, str) else kind.kind


def slice_key(first: Sequence[int], last: Sequence[int]) -> tuple[tuple[int, int, int], ...]:
    """The box from `first` to `last` as the key of a `Slice` node."""
    return tuple((a, b, 1) for a, b in zip(first, last, strict=True))


def chip_key(extents: Sequence[int], at: Mapping[int, int]) -> tuple[int | tuple[int, int, int], ...]:
    """The chip at `at` as the key of a `Slice` node."""
    return tuple(at.get(mode, (0, extent, 1)) for mode, extent in enumerate(extents))
