"""How one pulse changes a weight: a plain function of numbers, bound to a state by the names of its arguments."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from analog.cell import CellState, Site
from analog.errors import ConfigError
from analog.kernels.half import as_words, widened
from analog.parameters import Parameters

__all__ = ["Bound", "Law", "bind"]

Step = Callable[..., Any]
NORMALS = ("normal", "normal2")
#: What names stand for that are neither in the state nor in the device: a run has no second normal number.
DRAWN = {"normal": "normal", "normal2": "normal2", "pulses": "normal2"}
#: Up to so many numbers a tuple stays one: loops that look into it are ten times as fast as with an array, which might
#: overlap with the weights for all the compiler knows. Each length is compiled by itself.
SHORT = 32


class Law(NamedTuple):
    """How one pulse changes a weight.

    Parameters
    ----------
    step : callable
        ``step(w, direction, <names>)`` gives the new weight, before bounds; a plain function of float32 numbers that
        calls only such functions. `direction` is 1.0 for a pulse that is to increase the weight, else -1.0. A name
        among the arrays of the state is its value at the crosspoint, among its numbers that number; `normal` and
        `normal2` are standard normal numbers, new for each pulse; any other name is a field of `device`, a tuple of
        numbers as a tuple, beyond 32 as a 1-D array.
    device : Parameters
        Where the fields come from.
    additive : bool, optional
        Whether the change does not depend on `w` and is affine in `normal`: then many pulses may be one draw.
    noisy : bool, optional
        Whether `normal` and `normal2` are drawn; otherwise they are zero.
    write_noise : float, optional
        Standard deviation, in weight units, of what is added to ``state.arrays["persistent_weights"]`` to make the
        visible weights of the devices that were pulsed. Zero: pulses act on the visible weights.
    carried : str, optional
        An array of the state that pulses change besides the weight: the step has it among its names, and gives a pair,
        the new weight and the new value of the array at the crosspoint.
    run : callable, optional
        What several pulses of one direction do away from bounds: as `step`, with their number among its names as
        `pulses` and one `normal` for the noise of all of them. Long trains use it (see `analog.pulses.runs`).
    """

    step: Step
    device: Parameters
    additive: bool = False
    noisy: bool = True
    write_noise: float = 0.0
    carried: str = ""
    run: Step | None = None


class Bound(NamedTuple):
    """A step and what its names stand for in one state.

    Parameters
    ----------
    step : callable
        ``step(w, direction, normal, normal2, row, column, arguments)`` gives the new weight, before bounds. The same
        function for all states whose names are of the same kinds, so that it is compiled once.
    arguments : tuple
        Arrays of the state, numbers, tuples and 1-D arrays of the device, in the order of the step's arguments.
    normals : int
        How many normal numbers a pulse takes: 0, 1 or 2.
    gathered : callable
        ``gathered(row, order, device, room)`` copies the devices of a row's columns, in that order, to the rows of
        `room`, float32: three, and one per argument. It gives (weights, bounds, arguments), where each array of the
        state is one of one row; `device` is as in `analog.pulses.sequence`.
    """

    step: Step
    arguments: tuple[Any, ...]
    normals: int
    gathered: Callable[..., tuple[Any, ...]]


def bind(law: Law, state: CellState, site: Site) -> Bound:
    """Look the step's names up.

    Raises
    ------
    ConfigError
        If a name is neither an array or number of the state nor a field of the device, or the step does not begin with
        ``(w, direction)``.
    """
    names = _kept(law.step)
    of_state = tuple(name in state.arrays for name in names)
    # A tuple needs an element for its type.
    arguments = tuple(_value(name, law, state, site) for name in names) or (np.float32(0),)
    normals = _normals(law.step) if law.noisy else 0
    carried = names.index(law.carried) if law.carried else None
    return Bound(_adapter(law.step, of_state, carried), arguments, normals, _gathered(of_state))


@lru_cache(maxsize=1024)
def _names(step: Step) -> tuple[str, ...]:
    names = tuple(inspect.signature(step).parameters)
    if len(names) < 2:
        raise ConfigError(f"a step takes (w, direction, <names>), not ({', '.join(names)}): {step.__qualname__}")
    return names[2:]


@lru_cache(maxsize=1024)
def _kept(step: Step) -> tuple[str, ...]:
    """The names that stand for what a state or a device has."""
    return tuple(name for name in _names(step) if name not in DRAWN)


@lru_cache(maxsize=1024)
def _normals(step: Step) -> int:
    names = _names(step)
    return 2 if NORMALS[1] in names else int(NORMALS[0] in names)


def _value(name: str, law: Law, state: CellState, site: Site) -> Any:
    if name in state.arrays:
        return as_words(state.arrays[name])
    value = state.numbers.get(name, getattr(law.device, name, None))
    if isinstance(value, tuple):
        numbers = np.array(value, np.float32)
        return tuple(numbers) if len(value) <= SHORT else site.storage.take(numbers)
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return np.float32(value)
    raise ConfigError(
        f"{law.step.__qualname__} asks for {name!r}: it may ask for the arrays of the state "
        f"({', '.join(sorted(state.arrays))}), for its numbers, for numeric fields of {type(law.device).__name__}, "
        "and for 'normal' and 'normal2'"
    )


@lru_cache(maxsize=1024)
def _adapter(step: Step, of_state: tuple[bool, ...], carried: int | None) -> Step:
    """The step with one order of arguments for all: the text says which value goes where."""
    values = [
        f"widened(arguments[{number}][row, column])" if array else f"arguments[{number}]"
        for number, array in enumerate(of_state)
    ]
    given = iter(values)
    ordered = [DRAWN[name] if name in DRAWN else next(given) for name in _names(step)]
    after = f"step(w, direction, {', '.join(ordered)})"
    both = f"after, arguments[{carried}][row, column] = {after}; return float32(after)"
    return _function(
        "w, direction, normal, normal2, row, column, arguments",
        f"return float32({after})" if carried is None else both,
        step=step,
        float32=np.float32,
        widened=widened,
    )


@lru_cache(maxsize=1024)
def _gathered(of_state: tuple[bool, ...]) -> Callable[..., tuple[Any, ...]]:
    """One loop for all arrays: each by itself takes twice as long."""
    arrays = ["weights", "min_bound", "max_bound"]
    values = []
    for number, array in enumerate(of_state):
        values.append(f"room[{len(arrays)} : {len(arrays) + 1}]" if array else f"arguments[{number}]")
        arrays += [f"arguments[{number}]"] if array else []
    copies = [f"room[{place}, n] = widened({array}[row, order[n]])" for place, array in enumerate(arrays)]
    body = (
        "weights, min_bound, max_bound, arguments, _ = device",
        "for n in range(order.size):",
        *(f"    {each}" for each in copies),
        f"return room[0], (room[1], room[2]), ({', '.join(values or ['arguments[0]'])},)",
    )
    return _function("row, order, device, room", "\n    ".join(body), widened=widened)


def _function(arguments: str, body: str, **names: Any) -> Callable[..., Any]:
    scope = dict(names)
    exec(f"def bound({arguments}):\n    {body}\n", scope)  # noqa: S102  # our own text
    function: Callable[..., Any] = scope["bound"]
    return function
