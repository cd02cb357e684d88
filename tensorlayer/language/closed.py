"""Closed: a tensor that remembers the labels it was closed with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlayer.labels import Labels
from tensorlayer.language.expression import Expression, Labelled
from tensorlayer.language.fingerprint import parts
from tensorlayer.language.keys import is_labelled, only_labels
from tensorlayer.language.signature import Signature, leaf_signature
from tensorlayer.language.statement import record
from tensorlayer.language.tensor import Tensor
from tensorlayer.language.value import Value

__all__ = ["Closed", "close"]


class Closed(Labelled, Tensor):  # type: ignore[misc]  # one is gone through, the other not
    """A closed expression: a lazy tensor that keeps its labels when it stands in an expression (R7).

    Subscripted with labels again, it is relabelled by position. Its operators are those of expressions.
    """

    __slots__ = ("labels",)

    labels: Labels

    @property
    def operation(self) -> str:  # type: ignore[override]
        """In an expression, a closed tensor is a leaf."""
        return "leaf"

    @property
    def operands(self) -> tuple[Any, ...]:  # type: ignore[override]
        """Value and labels."""
        return self.value, self.labels

    @property
    def signature(self) -> Signature:  # type: ignore[override]
        """What the rules need to know, once the tensor stands in an expression: most never do."""
        return leaf_signature(self.labels, self.shape)

    def captured(self) -> Expression:
        """The present value as a leaf."""
        return Expression("leaf", (self.value, self.labels), self.signature)

    @classmethod
    def of(cls, value: Value, labels: Labels) -> Closed:
        """A handle to `value` labelled by `labels`."""
        handle = Closed.__new__(Closed)
        handle._value = value
        handle.labels = labels
        return handle

    def __setitem__(self, key: Any, right: Any) -> None:
        """As for `Tensor`; with labels, the tensor takes those of the target."""
        super().__setitem__(key, right)
        if is_labelled(key):
            labels = only_labels(key)
            self.labels = labels if len(labels) == len(self.shape) else self.labels

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (parts(self.value), self.value, self.labels)

    def __copy__(self) -> Closed:
        return Closed.of(self.value, self.labels)


def _restore(made_of: Sequence[Any], value: Value, labels: Labels) -> Closed:
    del made_of  # pickled first, so that the value finds everything it refers to
    return Closed.of(value, labels)


def close(expression: Labelled, labels: Labels) -> Closed:
    """Close an expression: a lazy tensor with these labels."""
    return Closed.of(record(expression, labels), labels)


# An expression closes into a tensor, which lies above it.
Expression.close = staticmethod(close)
