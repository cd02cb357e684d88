"""Computing values: fingerprint, plan cache, run."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from typing import Any

from tensorlayer.backend import Progress
from tensorlayer.graph import OpGraph
from tensorlayer.language.fingerprint import fingerprint, parts
from tensorlayer.language.lowering import Lowering
from tensorlayer.language.recording import as_recorded, states_differ
from tensorlayer.language.value import History, Value, settling
from tensorlayer.options import Options, current_options
from tensorlayer.plan import Plan, make_plan

__all__ = ["PlanCache", "compute", "graph_of", "plan_cache", "plan_for", "separately"]


class PlanCache:
    """A bounded, thread-safe map from fingerprints to plans; the least recently used goes first."""

    def __init__(self, capacity: int = 512) -> None:
        self.capacity = capacity
        self.hits = 0
        self.misses = 0
        # Each with the number of hits when it was last asked for: to move it instead would hash its key again.
        self._plans: dict[Any, list[Any]] = {}
        self._lock = Lock()

    def get(self, key: Any) -> Plan | None:
        """The plan of that key, or None."""
        with self._lock:
            kept = self._plans.get(key)
            if kept is None:
                self.misses += 1
                return None
            self.hits += 1
            kept[1] = self.hits
            return kept[0]  # type: ignore[no-any-return]

    def put(self, key: Any, plan: Plan) -> None:
        """Remember a plan."""
        with self._lock:
            self._plans[key] = [plan, self.hits]
            while len(self._plans) > self.capacity:
                del self._plans[min(self._plans, key=lambda other: self._plans[other][1])]

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
    with settling:
        _, leaves = fingerprint(values)
        positions = {value: i for i, value in enumerate(leaves)}
        lowering = Lowering(lambda value: value.as_input(positions[value]))
        return OpGraph(lowering.values(values), names), leaves


def plan_for(values: Sequence[Value], options: Options | None = None) -> tuple[Plan, list[Value]]:
    """The plan that computes `values` (from the cache, if an equal one was made), and the values it reads."""
    options = options or current_options()
    with settling:
        key, leaves = fingerprint(values)
        plan = plan_cache.get((key, options))
        if plan is not None:
            return plan, leaves
        graph, _ = graph_of(values)
        inputs = [value.as_input(i) for i, value in enumerate(leaves)]
    plan = make_plan(graph, inputs, options)
    plan_cache.put((key, options), plan)
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
    differ = states_differ()
    if differ:
        for group in separately(pending):
            compute(group, progress)
        pending = [value for value in pending if not value.is_available]
        if not pending:
            return
    plan, leaves = plan_for(pending)
    arrays = [value.resolve() for value in leaves]
    run = plan.run if progress is None else plan.watched(progress)
    if differ:
        with as_recorded(pending[0].grad_states):
            results = run(*arrays)
    else:
        results = run(*arrays)
    sources = tuple([weakref.ref(value) for value in leaves])
    for i, (value, native, place) in enumerate(zip(pending, results, plan.places, strict=True)):
        value.settle(native, place, History(plan.graph, i, sources), is_view=plan.views[i])
        if plan.layouts:
            value.describe(plan.layouts[i])


def separately(values: Sequence[Value]) -> Iterator[list[Value]]:
    """What must be computed before `values`, apart from them, because it was recorded in another grad mode.

    The values themselves come in groups of one mode each, except for those of the first one's mode.
    """
    for value in values:
        for part in parts(value):
            if (
                type(part) is Value
                and part.grad_states
                and part.grad_states != value.grad_states
                and not part.is_available
            ):
                yield [part]
    modes = dict.fromkeys(value.grad_states for value in values)
    for mode in list(modes)[1:]:
        yield [value for value in values if value.grad_states == mode]
