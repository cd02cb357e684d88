"""Values: what a tensor handle refers to at one moment (static single assignment)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple, final

import numpy as np

from tensorlayer.backend import Backend, backend_of, get_backend
from tensorlayer.errors import ConversionError
from tensorlayer.graph import DType, Input, Node, OpGraph, Place
from tensorlayer.labels import Labels
from tensorlayer.language.facts import Facts
from tensorlayer.language.recording import recording_states
from tensorlayer.sparsity import Dense

if TYPE_CHECKING:
    from tensorlayer.buffer import Buffer
    from tensorlayer.language.expression import Expression
    from tensorlayer.layout import LogicalLayout

__all__ = ["History", "Value", "settling"]

#: Held while values that are not computed are read as a whole, and while one takes its elements: who reads one part
#: of a chain before another thread computed it, and one part after, gets neither computation.
settling = RLock()


class History(NamedTuple):
    """How a computed value came about.

    Attributes
    ----------
    graph : OpGraph
        As recorded.
    position : int
        Which of its sinks the value is.
    sources : tuple of callable
        References to the values that its inputs 0, 1, ... stand for, None where they are gone: weak ones, because
        a value must not keep alive the data it was computed from.
    """

    graph: OpGraph
    position: int
    sources: tuple[Callable[[], Value | None], ...]


@final
class Value:
    """One version of a tensor: given, recorded, derived or computed. Never changes but for being computed.

    Attributes
    ----------
    shape : tuple of int
        Extents.
    native : object or None
        The array that holds the elements, once there is one.
    place : (str, str)
        Backend and device of `native`; empty strings before it is computed.
    expression, target : Expression and Labels, or None
        The statement that defines the value, if it was recorded.
    node : Node or None
        The graph that defines the value, if it was derived by an operation without labels.
    symmetry, sparsity : object or None
        What was declared about the elements.
    grad_states : tuple
        What the backends said of their recording state (such as torch's grad mode) when it was recorded.
    is_view : bool
        Whether `native` may share memory with a tensor it was computed from, and must not be written to.
    history : History or None
        Where a computed value came from, for `tensorlayer.grad`.
    """

    __slots__ = (
        "__weakref__",
        "_buffer",
        "_dtype",
        "_facts",
        "expression",
        "grad_states",
        "history",
        "is_view",
        "name",
        "native",
        "node",
        "place",
        "shape",
        "sparsity",
        "symmetry",
        "target",
    )

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.native: Any = None
        self.place: Place = ("", "")
        self.expression: Expression | None = None
        self.target: Labels | None = None
        self.node: Node | None = None
        self.symmetry: Any = None
        self.sparsity: Any = None
        self.grad_states: tuple[Any, ...] = ()
        self.history: History | None = None
        self.is_view = False
        self.name: str | None = None
        self._dtype: DType | None = None
        self._buffer: Buffer | None = None
        self._facts: Facts | None = None

    @classmethod
    def given(cls, native: Any, symmetry: Any = None, sparsity: Any = None, backend: Backend | None = None) -> Value:
        """A value around a native array, which is never copied; of the backend that recognises it, or of `backend`.

        Raises
        ------
        ConversionError
            If no backend recognises the array's type.
        """
        backend = backend or backend_of(native)
        if backend is None:
            raise ConversionError(f"no backend recognises {type(native).__module__}.{type(native).__qualname__}")
        value = cls(backend.shape_of(native))
        value.native = native
        value.place = (backend.name, backend.device_of(native))
        value.symmetry = symmetry
        value.sparsity = sparsity
        return value

    @classmethod
    def held(cls, buffer: Buffer) -> Value:
        """A value around a buffer of any kind; a future one is not waited for."""
        value = cls(tuple(buffer.layout.shape.extents))
        value._buffer = buffer
        value._dtype = np.dtype(buffer.layout.dtype)
        value.place = (buffer.allocator.backend.name, buffer.layout.placement)
        return value

    @classmethod
    def derived(cls, node: Node) -> Value:
        """A value that an operation without labels defines."""
        value = cls(node.shape)
        value.node = node
        value.grad_states = recording_states()
        value._dtype = node.dtype
        return value

    @classmethod
    def computed(
        cls, shape: tuple[int, ...], native: Any, place: Place, history: History, *, is_view: bool, name: str
    ) -> Value:
        """A value that was never recorded."""
        value = cls(shape)
        value.native = native
        value.place = place
        value.history = history
        value.is_view = is_view
        value.name = name
        return value

    def describe(self, layout: LogicalLayout) -> None:
        """Take what follows about the elements, for the statements that read them."""
        with settling:
            self.symmetry = None if layout.symmetry.is_none else layout.symmetry
            self.sparsity = None if isinstance(layout.sparsity, Dense) else layout.sparsity
            self._facts = None

    def declared(self, sparsity: Any) -> Value:
        """The same elements, with another declaration of which are zero."""
        if not self.is_available:
            # What is not there yet is formed in the same graph, which derives its own sparsity.
            return self
        other = copy.copy(self)
        other.sparsity = sparsity
        other._facts = None
        return other

    @property
    def is_available(self) -> bool:
        """Whether the elements are held somewhere (or on their way), so that nothing needs computing."""
        return self.native is not None or self._buffer is not None

    @property
    def known_dtype(self) -> DType | None:
        """Element type, if it is known without lowering the statement."""
        if self._dtype is None and self.native is not None:
            # The order of bytes is a matter of storage: every operation gives the machine's.
            self._dtype = get_backend(self.place[0]).dtype_of(self.native).newbyteorder("=")
        return self._dtype

    def set_dtype(self, dtype: DType) -> None:
        """Remember an element type that was derived."""
        self._dtype = dtype

    @property
    def buffer(self) -> Buffer | None:
        """The buffer the value was given as or has been wrapped in, if any."""
        return self._buffer

    def keep_buffer(self, buffer: Buffer) -> None:
        """Remember the buffer around the native array."""
        self._buffer = buffer

    def resolve(self) -> Any:
        """The native array of an available value; waits for a future, pulls a remote one."""
        if self.native is None and self._buffer is not None:
            self.native = self._buffer.unwrap()
        return self.native

    def settle(self, native: Any, place: Place, history: History | None, *, is_view: bool) -> None:
        """Take the computed elements; the statement is no longer needed. Of two threads, the first wins."""
        with settling:
            if not self.is_available:
                self._settle(native, None, place, history, is_view)

    def _settle(self, native: Any, buffer: Buffer | None, place: Place, history: History | None, is_view: bool) -> None:
        self.is_view = is_view
        self.place = place
        self.history = history
        self._facts = None
        # Last, because others ask for these without the lock.
        self.native = native
        self._buffer = buffer
        self.expression = None
        self.node = None

    def await_(self, buffer: Buffer, history: History | None, *, is_view: bool) -> None:
        """Be held by a buffer whose elements are on their way; the statement is no longer needed."""
        with settling:
            if not self.is_available:
                self._dtype = np.dtype(buffer.layout.dtype)
                place = (buffer.allocator.backend.name, buffer.layout.placement)
                self._settle(None, buffer, place, history, is_view)

    @property
    def facts(self) -> Facts:
        """What a plan needs to know of an available value."""
        facts = self._facts
        if facts is None:
            with settling:
                facts = Facts.of(self.shape, self.known_dtype, self.place, self.symmetry, self.sparsity, self._form())
                # What is not computed has no place yet, and may become sparse.
                self._facts = facts if self.is_available else None
        return facts

    def _form(self) -> Any:
        if not self.is_available:
            return None
        backend = get_backend(self.place[0])
        return backend.form_of(self.resolve()) if backend.keeps else None

    def as_input(self, key: Any) -> Input:
        """The graph node that reads this value."""
        return Input.of(key, *self.facts.parameters)

    def __copy__(self) -> Value:
        other = Value.__new__(Value)
        for slot in Value.__slots__[1:]:
            setattr(other, slot, getattr(self, slot))
        return other

    def __reduce__(self) -> tuple[Any, ...]:
        if self.is_available:
            backend, array = get_backend(self.place[0]), self.resolve()
            if not backend.keeps:  # what has a form of its own is pickled in it
                array = backend.to_numpy(array)
            return _restore_given, (array, self.place, self.symmetry, self.sparsity, self.name)
        return _restore_recorded, (self.shape, self.expression, self.target, self.node, self.name)


def _restore_given(array: Any, place: Place, symmetry: Any, sparsity: Any, name: str | None) -> Value:
    backend = get_backend(place[0])
    native = array if backend.keeps else backend.from_numpy(array, place[1])
    value = Value.given(native, symmetry, sparsity, backend)
    value.name = name
    return value


def _restore_recorded(
    shape: tuple[int, ...], expression: Any, target: Labels | None, node: Node | None, name: str | None
) -> Value:
    value = Value(shape)
    value.expression = expression
    value.target = target
    value.node = node
    value.name = name
    return value
