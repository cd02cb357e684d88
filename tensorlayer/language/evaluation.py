"""Computing values: fingerprint, plan cache, run."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import Any

from tensorlayer.backend import Progress, get_backend
from tensorlayer.graph import OpGraph
from tensorlayer.language.fingerprint import fingerprint
from tensorlayer.language.lowering import Lowering
from tensorlayer.language.value import Value
from tensorlayer.options import Options, current_options
from tensorlayer.plan import Plan, make_plan

__all__ = ["PlanCache", "as_recorded", "compute", "graph_of", "plan_cache", "plan_for", "recording_states"]


class PlanCache:
    """A bounded, thread-safe map from fingerprints to plans; the least recently used goes first."""

    def __init__(self, capacity: int = 512) -> None:
        self.capacity = capacity
        self.hits = 0
        self.misses = 0
        self._plans: OrderedDict[Any, Plan] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Any) -> Plan | None:
        """The plan of that key, or None."""
        with self._lock:
            plan = self._plans.get(key)
            if plan is None:
                self.misses += 1
            else:
                self.hits += 1
                self._plans.move_to_end(key)
            return plan

    def put(self, key: Any, plan: Plan) -> None:
        """Remember a plan."""
        with self._lock:
            self._plans[key] = plan
            while len(self._plans) > self.capacity:
                self._plans.popitem(last=False)

    def clear(self) -> None:
        """Forget all plans."""
        with self._lock:
            self._plans.clear()

    def __len__(self) -> int:
        return len(self._plans)


#: The plans of this process.
plan_cache = PlanCache()


def graph_of(values: Sequence[Value], names: Sequence[str] | None = None) -> tuple[OpGraph, list[Value]]:
    """The graph that computes `values`, and the values behind its inputs 0, 1, ..."""
    _, leaves = fingerprint(values)
    positions = {value: i for i, value in enumerate(leaves)}
    lowering = Lowering(lambda value: value.as_input(positions[value]))
    return OpGraph(lowering.values(values), names), leaves


def plan_for(values: Sequence[Value], options: Options | None = None) -> tuple[Plan, list[Value]]:
    """The plan that computes `values` (from the cache, if an equal one was made), and the values it reads."""
    options = options or current_options()
    key, leaves = fingerprint(values)
    key = (key, options)
    plan = plan_cache.get(key)
    if plan is None:
        graph, _ = graph_of(values)
        plan = make_plan(graph, [value.as_input(i) for i, value in enumerate(leaves)], options)
        plan_cache.put(key, plan)
    return plan, leaves


def compute(values: Iterable[Value], progress: Progress | None = None) -> None:
    """Compute `values` as one graph; what they share is formed once. Available ones are left alone.

    Parameters
    ----------
    values : iterable of Value
        What is wanted.
    progress : callable, optional
        Told after every step the number of steps done, and of all.
    """
    pending = [value for value in dict.fromkeys(values) if not value.is_available]
    if not pending:
        return
    plan, leaves = plan_for(pending)
    arrays = [value.resolve() for value in leaves]
    with as_recorded(pending):
        results = plan.run(*arrays) if progress is None else plan.watched(progress)(*arrays)
    sources = tuple(weakref.ref(value) for value in leaves)
    for i, (value, native, place) in enumerate(zip(pending, results, plan.places, strict=True)):
        value.settle(native, place, (plan.graph, i, sources), is_view=plan.views[i])
        if plan.layouts:
            value.describe(plan.layouts[i])


# -- recording state ---------------------------------------------------------------------------------------

_watched: list[str] = []


def recording_states() -> tuple[Any, ...]:
    """What the backends in use say of their recording state (such as torch's grad mode)."""
    return tuple([(name, get_backend(name).recording_state()) for name in _watched]) if _watched else ()


def watch(name: str) -> None:
    """Ask a backend for its recording state from now on; called when one of its arrays is first wrapped."""
    if name not in _watched and get_backend(name).recording_state() is not None:
        _watched.append(name)


@contextmanager
def as_recorded(values: Sequence[Value]) -> Iterator[None]:
    """Run under the recording states (such as grad mode) that `values` were recorded under."""
    states = dict(state for value in values for state in value.grad_states)
    with ExitStack() as stack:
        for name, state in states.items():
            stack.enter_context(get_backend(name).recorded(state))
        yield
