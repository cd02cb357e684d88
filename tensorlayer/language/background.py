"""Computing values in the background."""

from __future__ import annotations

import weakref
from collections.abc import Iterable

from tensorlayer.backend import get_backend
from tensorlayer.buffer import Buffer, FutureBuffer
from tensorlayer.language.evaluation import plan_for, separately
from tensorlayer.language.recording import as_recorded
from tensorlayer.language.value import History, Value
from tensorlayer.layout import PhysicalLayout
from tensorlayer.runtime import Runtime, submit_after

__all__ = ["submit"]


def submit(values: Iterable[Value]) -> None:
    """Start computing `values` as one graph in a thread, and hold them in future buffers at once.

    Values that are themselves on their way are waited for by the work, not by the caller.
    """
    pending = [value for value in dict.fromkeys(values) if not value.is_available]
    if not pending:
        return
    for group in separately(pending):
        submit(group)
    pending = [value for value in pending if not value.is_available]
    plan, leaves = plan_for(pending)

    def task() -> tuple[Buffer, ...]:
        with as_recorded(pending[0].grad_states):
            results = plan.run(*(leaf.resolve() for leaf in leaves))
        kinds = [get_backend(name) for name, _ in plan.places]
        made = zip(kinds, plan.places, results, strict=True)
        return tuple(b.allocator(b.default_kind, device=device).wrap(array) for b, (_, device), array in made)

    run = task
    for name in dict.fromkeys(name for name, _ in plan.places):
        run = get_backend(name).in_background(run)
    future = submit_after(Runtime.current().submit, [b.future for b in map(_future, leaves) if b is not None], run)
    sources = tuple(weakref.ref(leaf) for leaf in leaves)
    for i, (value, (name, device)) in enumerate(zip(pending, plan.places, strict=True)):
        layout = PhysicalLayout(value.shape, plan.final.sink_nodes[i].dtype, placement=device)
        allocator = get_backend(name).allocator("future", device=device)
        history = History(plan.graph, i, sources)
        if plan.layouts:
            value.describe(plan.layouts[i])
        value.await_(FutureBuffer(layout, allocator, future, i), history, is_view=plan.views[i])


def _future(value: Value) -> FutureBuffer | None:
    return value.buffer if value.native is None and isinstance(value.buffer, FutureBuffer) else None
