"""The state of a library when a statement is recorded, such as torch's grad mode, in which it is computed later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from tensorlayer.backend import get_backend

__all__ = ["as_recorded", "recording_states", "states_differ", "watch"]

_watched: list[str] = []
#: The states that have been seen. As long as there is one, nothing can have been recorded in another.
_seen: set[tuple[Any, ...]] = set()


def recording_states() -> tuple[Any, ...]:
    """Name and recording state of every backend in use that has one."""
    if not _watched:
        return ()
    states = tuple([(name, get_backend(name).recording_state()) for name in _watched])
    _seen.add(states)
    return states


def states_differ() -> bool:
    """Whether statements have been recorded, or are computed now, in more than one state."""
    recording_states()
    return len(_seen) > 1


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
