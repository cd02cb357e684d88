"""The 112 worked statements of the acceptance cases, in every form and on every backend."""

from __future__ import annotations

import ast
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl

DATA = json.loads((Path(__file__).parents[2] / "data" / "statements.json").read_text("utf-8"))
CASES = DATA["cases"]
VALUED = [case for case in CASES if "value" in case["expect"]]
RAISING = [case for case in CASES if "raises" in case["expect"]]
ARRAYS = {
    name: np.array(elements, float).reshape(DATA["fixture_shapes"][name]) for name, elements in DATA["fixtures"].items()
}
Wrap = Callable[[Any], tl.Tensor]
Form = Callable[[str, dict[str, Any]], tl.Tensor]


def statement_of(case: dict[str, Any]) -> str:
    return f"{case['id']}: {case['statement']}"


def target_of(statement: str) -> str:
    return statement[0]


def tensors(statement: str, wrap: Wrap) -> dict[str, Any]:
    """Handles for every name in the statement; those without data are empty."""
    names = {node.id for node in ast.walk(ast.parse(statement)) if isinstance(node, ast.Name)} - {"exp"}
    return {name: wrap(ARRAYS[name]) if name in ARRAYS else tl.Tensor() for name in names}


def as_operators(statement: str, handles: dict[str, Any]) -> tl.Tensor:
    scope = {"exp": tl.exp, **handles}
    exec(statement, scope)
    return scope[target_of(statement)]


class StringsToLabels(ast.NodeTransformer):
    """``A["i,j"]`` becomes ``A[label("i"), label("j")]``."""

    def visit_Constant(self, node: ast.Constant) -> Any:
        if not isinstance(node.value, str) or not node.value:
            return node
        names = node.value.split(",")
        labels = [
            ast.parse(f"label({name.strip()!r})", mode="eval").body if name else ast.Constant("") for name in names
        ]
        return labels[0] if len(labels) == 1 else ast.Tuple(labels, ast.Load())


def as_label_objects(statement: str, handles: dict[str, Any]) -> tl.Tensor:
    labels: dict[str, tl.Label] = {}
    tree = ast.fix_missing_locations(StringsToLabels().visit(ast.parse(statement)))
    scope = {"exp": tl.exp, "label": lambda name: labels.setdefault(name, tl.Label(name)), **handles}
    exec(compile(tree, "<statement>", "exec"), scope)
    return scope[target_of(statement)]


def as_text(statement: str, handles: dict[str, Any]) -> tl.Tensor:
    program = tl.program(statement.replace('"', ""))
    return program.record(**{name: handles[name] for name in program.inputs})[target_of(statement)]


def as_pickled(form: Form) -> Form:
    """Recorded, sent through pickle unevaluated, and computed on the other side."""

    def pickled(statement: str, handles: dict[str, Any]) -> tl.Tensor:
        recorded = form(statement, handles)
        sent = pickle.dumps(recorded)
        assert not recorded.is_computed
        received: tl.Tensor = pickle.loads(sent)
        assert not received.is_computed
        return received

    return pickled


FORMS: dict[str, Form] = {"operators": as_operators, "label objects": as_label_objects, "text": as_text}
FORMS |= {f"pickled {name}": as_pickled(FORMS[name]) for name in ("operators", "label objects")}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize("case", VALUED, ids=statement_of)
def test_value(case: dict[str, Any], form: Form, wrap: Wrap) -> None:
    result = form(case["statement"], tensors(case["statement"], wrap))
    expected = np.array(case["expect"]["value"], float).reshape(case["expect"]["shape"])
    assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(result.numpy(), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("form", [as_operators, as_label_objects, as_text])
@pytest.mark.parametrize("case", RAISING, ids=statement_of)
def test_error(case: dict[str, Any], form: Form) -> None:
    """Raised where the statement is recorded, by its own class; the target is what it was."""
    handles = tensors(case["statement"], tl.tensor)
    with pytest.raises(getattr(tl.errors, case["expect"]["raises"])):
        form(case["statement"], handles)
    target = handles[target_of(case["statement"])]
    assert target.equals(tl.Tensor())


def test_all_112_statements_are_here() -> None:
    assert [case["id"] for case in CASES] == list(range(1, 113))
    assert len(VALUED) + len(RAISING) == 112
