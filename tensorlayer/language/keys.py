"""Subscripts: labels, chips among labels, or a standard index."""

from __future__ import annotations

from typing import Any

from tensorlayer.errors import LabelError
from tensorlayer.labels import Label, Labels, as_labels

__all__ = ["is_labelled", "only_labels", "split_chips"]


def is_labelled(key: Any) -> bool:
    """Whether a subscript has labels."""
    return isinstance(key, str | Label) or (isinstance(key, tuple) and any(isinstance(x, str | Label) for x in key))


def only_labels(key: Any) -> Labels:
    """The labels of a subscript, without its chips."""
    return as_labels([x for x in key if isinstance(x, str | Label)] if isinstance(key, tuple) else key)


def split_chips(key: Any, rank: int) -> tuple[Labels, tuple[Any, ...]]:
    """Labels, and the standard index that takes the chips (empty if there are none)."""
    if not isinstance(key, tuple) or all(isinstance(x, str | Label) for x in key):
        return as_labels(key), ()
    labels: list[Any] = []
    index: list[Any] = []
    for entry in key:
        if isinstance(entry, str | Label):
            named = as_labels(entry)
            labels += named
            index += [slice(None)] * len(named)
        elif isinstance(entry, slice) or entry is None or entry is Ellipsis:
            raise LabelError(f"{entry!r} in {key!r} leaves a mode without a label: slice first, as in A[:, 0:2]['i,j']")
        else:
            index.append(entry)
    if len(index) != rank:
        raise LabelError(f"{key!r} has {len(index)} entries for a tensor of rank {rank}")
    return Labels(labels), tuple(index)
