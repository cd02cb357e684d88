"""Tensor: the handle that users hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlayer.backend import get_backend
from tensorlayer.buffer import FutureBuffer
from tensorlayer.errors import EmptyTensorError, ShapeError
from tensorlayer.graph import DType, Node, Place, Reshape, Slice, Update
from tensorlayer.labels import Label, Labels, as_labels
from tensorlayer.language import arithmetic
from tensorlayer.language.background import submit
from tensorlayer.language.bounded import remember
from tensorlayer.language.construction import held_by, make_value
from tensorlayer.language.deferral import assigned
from tensorlayer.language.evaluation import compute, plan_for
from tensorlayer.language.expression import Expression, format_expression
from tensorlayer.language.fingerprint import parts
from tensorlayer.language.indexing import normalise_index
from tensorlayer.language.keys import is_labelled, only_labels, split_chips
from tensorlayer.language.operators import ArrayOperators
from tensorlayer.language.relations import related
from tensorlayer.language.signature import Signature, leaf_signature
from tensorlayer.language.statement import dtype_of, layout_of, node_of, require_claimed, right_side
from tensorlayer.language.value import Value
from tensorlayer.layout import LogicalLayout

__all__ = ["Tensor", "tensor"]

_LEAVES: dict[Any, tuple[Labels, Signature]] = {}


class Tensor(ArrayOperators):
    """A handle to a tensor: what is assigned to it is recorded, and computed when it is looked at.

    Parameters
    ----------
    data : array, nested sequence, number, callable or Tensor, optional
        Wrapped, never copied, if it is an array of a known library. A callable makes an on-demand tensor: it
        is called with one index array per mode (broadcastable integers) and gives the elements there.
        Without data (and shape) the tensor is empty until it is assigned to.
    **options
        As for `tensor`.

    Attributes
    ----------
    shape : tuple of int
        Extents.
    dtype : numpy.dtype
        Element type; known before anything is computed.

    Examples
    --------
    >>> A, B, C = tensor([[1.0, 2.0], [3.0, 4.0]]), tensor([[5.0], [6.0]]), Tensor()
    >>> C["i,j"] = A["i,k"] * B["k,j"]
    >>> C.numpy()
    array([[17.],
           [39.]])
    """

    __slots__ = ("__weakref__", "_value")

    _value: Value | None

    def __init__(self, data: Any = None, **options: Any) -> None:
        self._value = None if data is None and not options else make_value(data, **options)

    @classmethod
    def from_value(cls, value: Value) -> Tensor:
        """A new handle to a value."""
        handle = Tensor.__new__(Tensor)
        handle._value = value
        return handle

    @classmethod
    def from_node(cls, node: Node) -> Tensor:
        """A new tensor defined by a graph node."""
        return cls.from_value(Value.derived(node))

    @property
    def value(self) -> Value:
        """The value the handle refers to now.

        Raises
        ------
        EmptyTensorError
            If nothing has been assigned yet.
        """
        value = self._value
        if value is None:
            raise EmptyTensorError("the tensor is empty: assign to it first, as in C['i,j'] = A['i,j']")
        return value

    def bind(self, value: Value) -> None:
        """Make the handle refer to another value."""
        self._value = value
        assigned(self)

    # -- with labels -----------------------------------------------------------------------------------------

    def __getitem__(self, key: Any) -> Any:
        """With labels an expression; with integers and slices a part, as the array API defines it.

        Raises
        ------
        LabelError
            If the number of labels is not the rank, or the tensor is empty.
        ShapeError
            If an index is out of range, or a repeated label has two extents.
        """
        try:
            value = self._value
            labels, signature = _LEAVES[key, value.shape]  # type: ignore[union-attr]
        except (KeyError, TypeError, AttributeError):
            return self._getitem(key)
        return Expression("leaf", (value, labels), signature)

    def _getitem(self, key: Any) -> Any:
        if not is_labelled(key):
            return self._part(key)
        if self._value is None:
            named = str(only_labels(key))
            raise EmptyTensorError(f"the tensor is empty, so [{named!r}] reads nothing: assign to it first")
        value = self.value
        labels, chips = split_chips(key, len(value.shape))
        if chips:
            value = self._part(chips).value
        signature = leaf_signature(labels, value.shape)
        if any(isinstance(x, Label) and x.sparse_map is not None for x in labels):
            return Expression("leaf", (related(value, labels, signature), labels), signature)
        if not chips:
            remember(_LEAVES, (key, value.shape), (labels, signature))
        return Expression("leaf", (value, labels), signature)

    def __setitem__(self, key: Any, right: Any) -> None:
        """Record a statement; its right side reads the old value (R2, R3).

        Raises
        ------
        LabelError, ShapeError
            If the statement breaks a rule; nothing has changed then.
        UnsupportedOperationError
            If the backend that keeps the elements cannot change them so; nothing has changed then.
        """
        if not is_labelled(key):
            self._assign_part(key, right)
            return
        chips: tuple[Any, ...] = ()
        if isinstance(key, tuple) and any(not isinstance(x, str | Label) for x in key):
            labels, chips = split_chips(key, len(self.shape))
        else:
            labels = as_labels(key)
        part = self._part(chips).shape if chips else (self._value.shape if self._value is not None else None)
        value = right_side(right, labels, part, self._value)
        if chips:
            value = self._updated(chips, value)
        require_claimed(value, self._value)
        self.bind(value)

    def _updated(self, chips: tuple[Any, ...], value: Value) -> Value:
        key, _ = normalise_index(chips, self.shape)
        part = self._part(chips).shape
        if value.shape != part:
            raise ShapeError(
                f"a value of shape {value.shape} does not fit the part of shape {part} that is assigned to in a tensor "
                f"of shape {self.shape}"
            )
        return Value.derived(Update.of(self.node, node_of(value), key))

    # -- without labels --------------------------------------------------------------------------------------

    def _part(self, key: Any) -> Tensor:
        index, new_shape = normalise_index(key, self.shape)
        node: Node = Slice.of(self.node, index)
        return Tensor.from_node(node if new_shape is None else Reshape.of(node, new_shape))

    def _assign_part(self, key: Any, right: Any) -> None:
        index, new_shape = normalise_index(key, self.shape)
        source = Slice.of(self.node, index)
        value = arithmetic.broadcast_to(right, source.shape if new_shape is None else new_shape, source.dtype)
        value = value if new_shape is None else Reshape.of(value, source.shape)
        self.bind(Value.derived(Update.of(self.node, value, index)))

    @property
    def node(self) -> Node:
        """A graph node that reads the current value."""
        return node_of(self.value)

    @property
    def shape(self) -> tuple[int, ...]:
        """Extents."""
        return self.value.shape

    @property
    def dtype(self) -> DType:
        """Element type, as a NumPy dtype."""
        return dtype_of(self.value)

    @property
    def layout(self) -> LogicalLayout:
        """Shape, and what is declared about symmetry and zero elements, or follows from the statement."""
        return layout_of(self.value)

    @property
    def place(self) -> Place:
        """Backend and device where the elements are, or will be when they are computed."""
        value = self.value
        return value.place if value.is_available else plan_for([value])[0].places[0]

    @property
    def is_computed(self) -> bool:
        """Whether the elements are held somewhere."""
        return self._value is not None and self._value.is_available

    def compute(self) -> Tensor:
        """Compute the elements now, if they are not there; gives the tensor itself."""
        compute([self.value])
        return self

    def submit(self) -> FutureBuffer:
        """Start computing the elements in the background, and go on.

        Returns
        -------
        FutureBuffer
            Tells when they are there; the tensor can be used in expressions meanwhile. Errors are raised where
            the elements are asked for.
        """
        submit([self.value])
        buffer = self.value.buffer
        if not isinstance(buffer, FutureBuffer):
            there = get_backend(self.place[0]).allocator("future", device=self.place[1])
            # A wrapped array is there at once; other buffers have to be fetched, or to arrive.
            buffer = there.wrap(self.unwrap()) if self.buffer.kind == "local" else there.construct(self.buffer)
        return buffer  # type: ignore[return-value]

    def to(self, backend: str, device: str | None = None, **options: Any) -> Tensor:
        """The same elements held by another backend; computed when looked at.

        Parameters
        ----------
        backend : str
            Name of a backend.
        device : str, optional
            Device as the backend spells it; its default when left out.
        **options
            What the backend's `from_numpy` takes, such as ``chunks`` for dask; then the elements move now.

        Raises
        ------
        BackendNotFoundError
            If there is no such backend; the message lists those there are.
        ConversionError, BackendError
            If it has no such device.
        """
        if options:
            return Tensor(self.numpy(), backend=backend, device=device, **options)
        return Tensor.from_node(held_by(self.node, backend, device))

    def copy(self) -> Tensor:
        """Another handle to the same value; assigning to one does not change the other."""
        return Tensor.from_value(self.value)

    def equals(self, other: Tensor) -> bool:
        """Whether both are empty, or have the same shape and exactly equal elements."""
        if self._value is None or other._value is None:
            return self._value is other._value
        return self.shape == other.shape and bool(np.array_equal(self.numpy(), other.numpy()))

    def allclose(self, other: Tensor, rtol: float = 1e-5, atol: float = 1e-8) -> bool:
        """Whether both have the same shape and elements equal to within ``atol + rtol * abs(other)``."""
        return self.shape == other.shape and bool(np.allclose(self.numpy(), other.numpy(), rtol=rtol, atol=atol))

    def formula(self) -> str:
        """The statement that is still to be computed, or "" if there is none."""
        value = self._value
        if value is None or value.expression is None:
            return ""
        return f"[{value.target}] = {format_expression(value.expression)}"

    def __reduce__(self) -> tuple[Any, ...]:
        made_of = () if self._value is None else parts(self._value)
        return _restore, (made_of, self._value)

    def __copy__(self) -> Tensor:
        return _restore((), self._value)


def _restore(made_of: Sequence[Any], value: Value | None) -> Tensor:
    del made_of  # pickled first, so that the value finds everything it refers to
    handle = Tensor()
    handle._value = value
    return handle


def tensor(data: Any = None, **options: Any) -> Tensor:
    """Make a tensor.

    Parameters
    ----------
    data : array, nested sequence, number, callable or Tensor, optional
        Arrays of a known library (NumPy, torch, dask, ...) are wrapped, never copied; later changes of the
        array show through. Sequences and numbers become arrays of the default backend. A callable gives an
        on-demand tensor, which holds no elements: it is called with one index array per mode. Left out:
        zeros of the given shape.
    shape : tuple of int, optional
        Extents; needed for a callable and for zeros, checked otherwise.
    dtype : dtype, optional
        Element type; that of the data, or float64, when left out.
    backend : str, optional
        Name of the backend that holds the elements; that of the data, or the default, when left out.
    device : str, optional
        Device as the backend spells it.
    copy : bool, optional
        True copies always; False raises `ConversionError` where a copy would be needed; None (default)
        copies only where it must.
    symmetry, sparsity : optional
        What is known about the elements; it is trusted, and used to skip work.
    name : str, optional
        Name for printing.
    **options
        Options of the backend, such as ``chunks`` for dask.

    Returns
    -------
    Tensor
        A handle.

    Raises
    ------
    ShapeError
        If `shape` is needed and missing, contradicts the data, or has an extent that is no integer >= 0; or if the
        symmetry or the sparsity has another rank.
    LayoutError
        If a symmetry exchanges modes of unequal extents, or a sparsity has other extents than the data.
    ConversionError
        If no backend recognises the data, or a forbidden copy would be needed.

    Examples
    --------
    >>> hilbert = tensor(lambda i, j: 1.0 / (1 + i + j), shape=(500, 500))
    >>> float(hilbert[1, 2])
    0.25
    """
    return Tensor.from_value(make_value(data, **options))
