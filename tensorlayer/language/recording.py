"""The state of a library when a statement is recorded, such as torch's grad mode, in which it is computed later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from tensorlayer.backend import get_backend

__all__ = ["as_recorded", "recording_states", "watch"]

_watched: list[str] = []


def recording_states() -> tuple[Any, ...]:
    """Name and recording state of every backend in use that has one."""
    return tuple([(name, get_backend(name).recording_state()) for name in _watched]) if _watched else ()


def watch(name: str) -> None:
    """Ask a backend for its recording state from now on; called when one of its arrays is first wrapped."""
    if name not in _watched and get_backend(name).recording_state() is not None:
        _watched.append(name)


@contextmanager
def as_recorded(states: tuple[Any, ...]) -> Iterator[None]:
    """Run in the given recording states."""
    with ExitStack() as stack:
        for name, state in states:
            stack.enter_context(get_backend(name).recorded(state))
        yield
