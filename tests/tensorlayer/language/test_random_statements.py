"""Random statements, in both forms, against the rules as the oracle reads them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import tensorlayer as tl
from tests.tensorlayer.language.oracle import Call, Fold, Leaf, Number, Statement, Tree, fault_of, source_of, value_of
from tests.tensorlayer.language.strategies import statements

FUNCTIONS = {name: getattr(tl, name) for name in tl.__all__}
#: Without the phase "explain", which takes minutes on statements of this size.
SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)
KINDS: dict[str, dict[str, Any]] = {
    "float": {},
    "complex": {"dtype": "complex128"},
    "float32": {"dtype": "float32"},
    "zero extents": {"extents": (0, 1, 2)},
    "NaN": {"nan": True},
    "misspelt": {"wrong": 6},
    "misspelt zero extents": {"wrong": 6, "extents": (0, 1, 2)},
}
often = settings(max_examples=100, deadline=None, phases=SHRINKING, suppress_health_check=[HealthCheck.too_slow])
seldom = settings(often, max_examples=15)


def added(*parts: Tree) -> Tree:
    return Call("add", parts)


def times(*parts: Tree) -> Tree:
    return Call("multiply", parts)


def divided(*parts: Tree) -> Tree:
    return Call("divide", parts)


def handles(statement: Statement, backend: str) -> dict[str, tl.Tensor]:
    made = {name: tl.tensor(array, backend=backend) for name, array in statement.arrays.items()}
    return {"C": tl.Tensor()} | made


def as_operators(statement: Statement, tensors: dict[str, tl.Tensor]) -> tl.Tensor:
    scope: dict[str, Any] = {**FUNCTIONS, **tensors}
    exec(source_of(statement), scope)
    return scope["C"]


def as_text(statement: Statement, tensors: dict[str, tl.Tensor]) -> tl.Tensor:
    program = tl.program(source_of(statement, quote=""))
    return program.record(**{name: tensors[name] for name in program.inputs})["C"]


def agrees(statement: Statement, backend: str) -> None:
    fault = fault_of(statement)
    for form in (as_operators, as_text):
        tensors = handles(statement, backend)
        if fault is not None:
            before = tensors["C"].copy() if statement.augmented else tl.Tensor()
            with pytest.raises(getattr(tl.errors, fault)) as raised:
                form(statement, tensors)
            assert type(raised.value).__name__ == fault
            assert tensors["C"].equals(before)
            continue
        expected, largest = value_of(statement)
        result = form(statement, tensors)
        assert (result.shape, result.dtype) == (expected.shape, expected.dtype)
        rounding = 1e-5 if expected.dtype in (np.float32, np.complex64) else 1e-12
        np.testing.assert_allclose(result.numpy(), expected, rtol=rounding * 100, atol=rounding * largest)


a, b, c = (np.array(x) for x in ([[1.0, 2.0], [3.0, 4.0]], [2.0, -4.0], [0.5, 8.0, 1.0]))
ARRAYS = {"A": a, "B": b, "D": c, "S": np.array(3.0)}
A, B, D, S = Leaf("A", ("i", "j")), Leaf("B", ("i",)), Leaf("D", ("l",)), Leaf("S", ())
DIAGONAL, ONE = Leaf("A", ("i", "i")), Number(1)
#: What random statements found, or find too seldom.
NAMED = {
    "target label in a denominator alone": (("l",), times(divided(A, D), times(B, S))),
    "diagonal in a denominator": ((), times(S, divided(B, DIAGONAL))),
    "diagonal above a summed denominator": ((), divided(times(DIAGONAL, S), B)),
    "quotient above a product": (("j",), divided(A, times(B, Leaf("B", ("j",))))),
    "number inside a reduction": ((), times(S, Fold("sum", added(B, ONE), ("i",)))),
    "number inside a mean": (("j",), Fold("mean", added(A, ONE), ("i",))),
    "number beside a summed factor": (("l",), times(added(B, ONE), D)),
    "scaled sum of a product": ((), times(ONE, Call("negative", (added(times(A, B), S),)))),
    "sum of three levels": (("i",), added(B, Call("negative", (added(times(Number(2), added(B, ONE)), A),)))),
}


@pytest.mark.parametrize("name", NAMED)
def test_named(name: str, backend_name: str) -> None:
    agrees(Statement(*NAMED[name], ARRAYS), backend_name)


@pytest.mark.parametrize("kind", KINDS)
@often
@given(data=st.data())
def test_on_numpy(kind: str, data: st.DataObject) -> None:
    agrees(data.draw(statements(**KINDS[kind])), "numpy")


@pytest.mark.parametrize("kind", KINDS)
@seldom
@given(data=st.data())
def test_on_every_backend(kind: str, backend_name: str, data: st.DataObject) -> None:
    agrees(data.draw(statements(**KINDS[kind])), backend_name)
