"""Programs: text that is compiled once per shapes and element types, and run many times."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from textwrap import indent
from typing import Any, final

from tensorlayer.errors import ProgramError
from tensorlayer.language.evaluation import compute, graph_of, plan_for
from tensorlayer.language.tensor import Tensor
from tensorlayer.language.value import History, Value
from tensorlayer.options import current_options
from tensorlayer.plan import Plan, make_plan
from tensorlayer.plan.explain import Explanation, explain
from tensorlayer.text.dataflow import dataflow
from tensorlayer.text.parser import parse
from tensorlayer.text.recorder import Recorder
from tensorlayer.text.results import Results
from tensorlayer.text.syntax import Source

__all__ = ["Program", "evaluate_text", "program"]


@final
class Program:
    """A text program.

    Parameters
    ----------
    text : str
        Statements separated by newlines or semicolons; see `parse`.

    Attributes
    ----------
    text : str
        The text.
    inputs : tuple of str
        Tensors that are read before they are assigned.
    targets : tuple of str
        Tensors that are assigned, in order.
    outputs : tuple of str
        Targets that no later statement reads: what a call computes.

    Examples
    --------
    >>> energy = Program("E[] = 0.5 * k[i] * (r[i] - r0[i])**2")
    >>> energy.inputs
    ('k', 'r', 'r0')
    >>> float(energy(k=[1.0, 2.0], r=[1.0, 3.0], r0=[0.0, 1.0]))
    4.5
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.statements = parse(text)
        self.inputs, self.targets, self.outputs = dataflow(self.statements)
        self._names = frozenset(self.inputs)
        self._plans: dict[Any, tuple[Plan, tuple[str, ...]]] = {}

    def __call__(self, **inputs: Any) -> Any:
        """Run the program.

        Parameters
        ----------
        **inputs : array or Tensor
            One for every name in `inputs`.

        Returns
        -------
        Tensor or Results
            The tensor, if there is one target; else a mapping from target name to tensor.

        Raises
        ------
        ProgramError
            If an input is missing or unknown.
        LabelError, ShapeError
            If the statements break a rule for these shapes; the message points into the text.
        """
        try:
            key, arrays = self._bound(inputs)
            plan, order = self._plans[key]
        except (KeyError, AttributeError, TypeError):
            return self._first_call(inputs)
        if len(inputs) != len(arrays):
            self._check(inputs)
        results = plan.run(*[arrays[name] for name in order])
        return self._wrap(plan, results, inputs, order)

    def _bound(self, inputs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """What a plan for these inputs is remembered by, and the native arrays it reads.

        Raises
        ------
        KeyError, AttributeError
            If an input is missing, not computed yet, or no array: then there is no such plan.
        """
        key: list[Any] = [current_options()]
        arrays = {}
        for name in self.inputs:
            array = inputs[name]
            if isinstance(array, Tensor):
                value = array.value
                key.append(value.facts)
                array = value.native
                if array is None:
                    raise KeyError(name)
            else:
                key.append((type(array), array.shape, array.dtype, array.device))
            arrays[name] = array
        return tuple(key), arrays

    def _first_call(self, inputs: dict[str, Any]) -> Any:
        """Record, plan, and remember the plan if all inputs are arrays that exist."""
        tensors = self.record(**inputs)
        values = [tensors[name].value for name in self.outputs]
        given = {name: _value_of(inputs[name], tensors["", name]) for name in self.inputs}
        pending = [value for value in dict.fromkeys(values) if not value.is_available]
        if len(pending) == len(values) and all(v.native is not None for v in given.values()):
            plan, leaves = plan_for(values)
            names = {id(value): name for name, value in given.items()}
            # One tensor under two names is one leaf: its plan would be wrong for two tensors of its description.
            if len(names) == len(given) and all(id(leaf) in names for leaf in leaves):
                with suppress(AttributeError):  # a nested list has no description
                    self._plans[self._bound(inputs)[0]] = plan, tuple(names[id(leaf)] for leaf in leaves)
        compute(values)
        computed = {name: tensors[name] for name in self.outputs}
        return self._result(computed, lambda: tensors)

    def _wrap(self, plan: Plan, results: tuple[Any, ...], inputs: dict[str, Any], order: Sequence[str]) -> Any:
        computed = {}
        read = [inputs[name] for name in order]
        sources = tuple([weakref.ref(one.value) if isinstance(one, Tensor) else _gone for one in read])
        for i, name in enumerate(self.outputs):
            shape, history = plan.graph.sink_nodes[i].shape, History(plan.graph, i, sources)
            value = Value.computed(shape, results[i], plan.places[i], history, is_view=plan.views[i], name=name)
            computed[name] = Tensor.from_value(value)
        return self._result(computed, lambda: self.record(**inputs))

    def _result(self, computed: dict[str, Tensor], record: Callable[[], dict[str, Any]]) -> Any:
        if len(self.targets) == 1:
            return computed[self.targets[0]]
        return Results(computed, self.targets, record)

    def record(self, **inputs: Any) -> dict[Any, Any]:
        """Record the statements for these inputs without computing anything.

        Returns
        -------
        dict
            Every tensor by name; the inputs, before any statement, under ``("", name)``.
        """
        self._check(inputs)
        tensors: dict[Any, Any] = {name: _as_tensor(inputs[name], name) for name in self.inputs}
        tensors |= {("", name): tensors[name] for name in self.inputs}
        recorder = Recorder(Source(self.text))
        scope = {name: tensor for name, tensor in tensors.items() if isinstance(name, str)}
        for statement in self.statements:
            recorder.record(statement, scope)
        return tensors | scope

    def explain(self, **inputs: Any) -> Explanation:
        """How the program would run for these inputs, as `tensorlayer.explain` shows it."""
        tensors = self.record(**inputs)
        graph, leaves = graph_of([tensors[name].value for name in self.outputs], self.outputs)
        return explain(make_plan(graph, [leaf.as_input(i) for i, leaf in enumerate(leaves)], current_options()))

    def _check(self, inputs: Mapping[str, Any]) -> None:
        shown = indent(self.text, "    ")
        missing, unknown = sorted(self._names.difference(inputs)), sorted(set(inputs).difference(self._names))
        if missing:
            beside = f" (but {', '.join(unknown)}, which it does not read)" if unknown else ""
            raise ProgramError(
                f"the program reads {', '.join(self.inputs)}; {', '.join(missing)} not given{beside}:\n{shown}"
            )
        if unknown:
            raise ProgramError(
                f"the program does not read {', '.join(unknown)}; it reads {', '.join(self.inputs)}:\n{shown}"
            )

    def __repr__(self) -> str:
        return f"Program({self.text!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return Program, (self.text,)


def program(text: str) -> Program:
    """Compile a text program; see `Program`.

    Raises
    ------
    ProgramError
        If the text cannot be read; the message points at the column.
    """
    return Program(text)


def evaluate_text(text: str, inputs: Mapping[str, Any]) -> Mapping[str, Tensor]:
    """Run a text program once; always gives a mapping from target name to tensor."""
    compiled = _compiled(text)
    result = compiled(**inputs)
    return result if isinstance(result, Results) else Results({compiled.targets[0]: result}, compiled.targets, dict)


_programs: dict[str, Program] = {}
#: So many programs are remembered; texts made in a loop must not pile up.
_MOST_PROGRAMS = 256


def _compiled(text: str) -> Program:
    found = _programs.get(text)
    if found is None:
        if len(_programs) >= _MOST_PROGRAMS:
            _programs.clear()
        found = _programs[text] = Program(text)
    return found


def _as_tensor(array: Any, name: str) -> Tensor:
    if isinstance(array, Tensor):
        return array
    tensor = Tensor(array)
    tensor.value.name = name
    return tensor


def _gone() -> None:
    """Stands for the value around an array that was given to one call only."""


def _value_of(array: Any, tensor: Tensor) -> Value:
    return array.value if isinstance(array, Tensor) else tensor.value
