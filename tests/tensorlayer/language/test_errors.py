"""Every rule's violation raises its named error where it is written, and nothing has changed then."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.errors import AmbiguousError, EmptyTensorError, LabelError, ShapeError

A, D, M = (tl.tensor(np.ones(shape)) for shape in ((3, 4), (3, 5), (2, 2)))
x, y, one = (tl.tensor(np.ones(n)) for n in (3, 4, 1))
array = np.ones(3)


def fails(i: np.ndarray) -> float:
    """The function of a tensor on demand that nobody can compute."""
    return 1 / 0


#: Rule, statement on C (or expression), error, what its message says.
STATEMENTS = [
    ("R1", 'A["ij"]', LabelError, "'ij' for a tensor of rank 2 (shape (3, 4)): separate labels by commas, as in 'i,j'"),
    ("R1", 'A["i,j,k"]', LabelError, "3 labels 'i,j,k' for a tensor of rank 2 (shape (3, 4))"),
    ("R1", 'A["i,,j"]', LabelError, "empty label in 'i,,j': write labels separated by single commas, as in 'i,j'"),
    ("R1", 'A["i", ""]', LabelError, "empty label in 'i,'"),
    ("R1", 'A["i,2"]', LabelError, "'2' in 'i,2' is a number: a chip is written in tuple form, as in A['i', 2]"),
    ("R1", 'A["i,j+"]', LabelError, "'j+' in 'i,j+' is not a label"),
    ("R1", 'x["i", 0]', LabelError, "('i', 0) has 2 entries for a tensor of rank 1"),
    ("R1", 'A["i", 0:2]', LabelError, "leaves a mode without a label: slice first, as in A[:, 0:2]['i,j']"),
    ("R1", 'A["i", 7]', ShapeError, "index 7 is out of range for mode 1 of extent 4, shape (3, 4)"),
    ("R1", 'C["i"] = A["i"]', LabelError, "1 label 'i' for a tensor of rank 2"),
    ("R2", 'C["i"] = x', LabelError, "['i'] = ... has no labels: Tensor of shape (3,); write A['i'] for a tensor"),
    ("R2", 'C["i"] = array', LabelError, "has no labels: ndarray of shape (3,)"),
    ("R2", 'C["i"] = [1.0, 2.0]', LabelError, "has no labels: list"),
    ("R2", 'C["i"] = 2.0', LabelError, "the extents are unknown"),
    ("R2", 'C["i"] += x["i"]', EmptyTensorError, "the tensor is empty, so ['i'] reads nothing"),
    ("R3", 'C["i,i"] = x["i"]', LabelError, "the target 'i,i' repeats a label; a diagonal can be read"),
    ("R3", 'C["i,j"] = x["i"]', LabelError, "label 'j' of the target 'i,j' occurs nowhere"),
    ("R3", 'C["i,j"] = A["i,j"] + x["i"]', LabelError, "label 'j' of the target 'i,j' is missing from a term"),
    ("R3", 'C["i,j"] = x["i"] + y["j"]', LabelError, "and all that they share here is ''"),
    ("R3", 'C["ik"] = A["i,k"]', LabelError, "which has 'i,k' (labels are separated by commas, as in 'i,k')"),
    ("R3", '(A["i,k"] * y["k"])["j"]', LabelError, "label 'j' of the target 'j' occurs nowhere"),
    ("R4", 'A["i,i"]', ShapeError, "label 'i' labels modes of extents 3 and 4 of one tensor of shape (3, 4)"),
    ("R4", '(A["i,k"] + A["i,k"])["i,k"]["p,p"]', ShapeError, "label 'p' labels modes of extents 3 and 4"),
    ("R5", 'A["i,k"] * D["k,j"]', ShapeError, "label 'k' has extents 4 and 3: equal labels need equal extents"),
    ("R5", 'A["i,j"] + D["i,j"]', ShapeError, "not stretched; the operands have i=3, j=4 and i=3, j=5"),
    (
        "R5",
        'x["i"] * one["i"]',
        ShapeError,
        "'i' has extents 3 and 1: equal labels need equal extents, and an extent of 1 is not",
    ),
    ("R5", 'tl.maximum(x["i"], one["i"])', ShapeError, "label 'i' has extents 3 and 1"),
    ("R5", 'x[tl.Label("i", extent=4)]', ShapeError, "Label('i', extent=4) labels a mode of extent 3 of"),
    (
        "R6",
        '(A["i,k"] + x["i"]) * y["k"]',
        LabelError,
        "needs the same labels in all its summands, and 'k' is not in all",
    ),
    ("R6", 'y["k"] * -(A["i,k"] + x["i"])', LabelError, "'k' is not in all of them"),
    ("R6", '(A["i,k"] + x["i"]) / y["k"]', LabelError, "Close the summands first, as in (expr)['i'], or"),
    ("R6", 'tl.max(A["i,k"] + x["i"], over="k")', LabelError, "'k' is not in all summands; close them first"),
    ("R7", '(A["i,k"] * y["k"])["i"]["p,q"]', LabelError, "2 labels 'p,q' for a tensor of rank 1"),
    ("R7", '(A["i,k"] * y["k"])["i"] * x["k"] * y["i"]', ShapeError, "label 'i' has extents 3 and 4"),
    ("R8", 'C["i"] = tl.exp(A["i,k"] * y["k"])', AmbiguousError, "'k' would be summed over, inside or outside"),
    (
        "R8",
        'C["i"] = (A["i,k"] * y["k"]) ** 2',
        AmbiguousError,
        "Close the inner part to sum inside, as in (inner)['i']",
    ),
    ("R8", 'C["i"] = x["i"] / (A["i,k"] * y["k"])', AmbiguousError, "or write sum(..., over='k') to sum outside"),
    ("R8", 'C["i,j"] = tl.exp(A["i,j"]) / tl.exp(A["i,k"])', AmbiguousError, "'k' would be summed over"),
    ("R8", 'C["i"] = A["i,k"] / (x["i"] * y["k"])', AmbiguousError, "'k' would be summed over"),
    ("R8", 'C[""] = 1 / x["i"]', AmbiguousError, "'i' would be summed over"),
    ("R8", 'C["i"] = tl.maximum(A["i,k"], x["i"])', AmbiguousError, "'k' would be summed over"),
    ("R8", 'C["i"] = tl.exp(A["i,k"] + x["i"])', AmbiguousError, "'k' would be summed over"),
    ("R8", 'tl.exp(A["i,k"] * y["k"])[""]', AmbiguousError, "'i,k' would be summed over"),
    ("R9", 'C["k"] = (x["i"] + 1) * y["k"]', AmbiguousError, "'i' would be summed over"),
    ("reduction", 'tl.sum(A["i,k"], over="j")', LabelError, "sum over 'j': the expression has the labels 'i,k' only"),
    ("reduction", 'tl.sum(A["i,k"], axis=0)', LabelError, "goes over labels: write over='k', not axis"),
    ("reduction", 'tl.sum(A, over="k")', LabelError, "sum of a tensor without labels goes over axes"),
    (
        "reduction",
        'tl.max(tl.tensor(shape=(3, 0))["i,k"], over="k")',
        ShapeError,
        "max over 'k' of extent 0 has no value",
    ),
    ("operand", 'x["i"] * A', LabelError, "an operand of 'multiply' has no labels: Tensor of shape (3, 4)"),
    ("operand", 'A * x["i"]', LabelError, "an operand of 'multiply' has no labels: Tensor of shape (3, 4)"),
    (
        "operand",
        'x["i"] * array',
        LabelError,
        "has no labels: ndarray of shape (3,); write tensor(a)['i'] for an array or a list",
    ),
    ("operand", 'array * x["i"]', LabelError, "an operand of 'multiply' has no labels: ndarray of shape (3,)"),
    ("operand", 'x["i"] + [1, 2]', LabelError, "an operand of 'add' has no labels: list; write tensor(a)['i,j'] for"),
    (
        "operand",
        'A["i,k"] @ D["i,j"]',
        LabelError,
        "@ is for tensors without labels: write A['i,k'] * B['k,j'] instead",
    ),
    ("operand", 'A @ D["i,j"]', LabelError, " is for tensors without labels"),
    ("operand", 'A["i,k"] @ D', LabelError, " is for tensors without labels"),
    ("operand", 'array @ D["i,j"]', LabelError, " is for tensors without labels"),
    ("operand", 'tl.maximum(A, x["i"])', LabelError, "an operand of 'maximum' has no labels: Tensor of shape (3, 4)"),
    ("truth", 'bool(x["i"])', LabelError, "x[i] is not closed, so it is not true or false yet"),
    ("truth", 'bool(x["i"] < 1)', LabelError, "x[i] < 1 is not closed, so it is not true or false yet"),
    ("number", 'float(x["i"] * x["i"])', LabelError, "x[i] * x[i] is not closed, so it is not a number yet"),
    ("number", 'np.asarray(x["i"])', LabelError, "x[i] is not closed, so it is not an array yet"),
    ("linalg", 'tl.linalg.inv(A["i,j"])', ShapeError, "linalg.inv: needs square matrices in the last two modes, got"),
    ("linalg", 'tl.linalg.eigh(x["i"])', LabelError, "linalg.eigh needs a matrix in the last two labels, got 'i'"),
    (
        "linalg",
        'tl.linalg.solve(M["i,j"], x["i"])',
        ShapeError,
        "shape (2, 2) and right sides of shape (3,) do not fit",
    ),
    ("linalg", 'tl.linalg.solve(M["i,j"], M)', LabelError, "label both operands or none"),
    ("linalg", 'tl.linalg.solve(M["i,j"], M["a,b"])', LabelError, "the right side 'a,b' lacks the row label 'i'"),
]


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [case[1:] for case in STATEMENTS],
    ids=[f"{case[0]} {case[1]}" for case in STATEMENTS],
)
def test_message(source: str, error: type[Exception], message: str) -> None:
    """Raised while recording, of exactly that class; the target is what it was."""
    x.value.name = "x"
    scope = {**globals(), "C": tl.Tensor()}
    with pytest.raises(error, match=re.escape(message)) as raised:
        exec(source, scope)
    assert type(raised.value) is error
    assert scope["C"].equals(tl.Tensor())


@pytest.mark.parametrize(
    "source",
    [
        'C["i,j"] = x["i"]',
        'C["i"] += A["i,k"] * D["k,j"]',
        'C["i"] -= tl.exp(A["i,k"] * y["k"])',
        'C["j"] = x["i"]',
        "C[0:2] = array",
        "C[7] = 1.0",
        'C["i", 0] = A["i,j"]',
        'C[2, "i"] = x["i"]',
        'C["i,i"] = 1.0',
    ],
)
def test_nothing_changes(source: str) -> None:
    """A statement that is refused leaves the handle with its old value, computed or not."""
    for old in (tl.tensor(np.arange(3.0)), (x["i"] * 2)["i"]):
        scope = {**globals(), "C": old.copy()}
        value = scope["C"].value
        with pytest.raises(tl.errors.TensorlayerError):
            exec(source, scope)
        assert scope["C"].value is value


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ('tl.tensor(array, backend="nmpy")', tl.errors.BackendNotFoundError, "'nmpy' (did you mean 'numpy'?): there"),
        (
            "tl.options(memry=1).__enter__()",
            tl.errors.OptionError,
            "memry (did you mean 'memory'?): there are backend,",
        ),
        ('tl.tensor(array, backend="dask", chunk=2)', tl.errors.OptionError, "chunk (did you mean 'chunks'?); its"),
        ('(A["i,k"] * y["k"]).numpy()', AttributeError, "no attribute 'numpy': close it to get a tensor, as in (expr)"),
        ("A[A.numpy() > 0]", ShapeError, "index of bool and shape (3, 4) in mode 0: masks are no indices; use where"),
        ("A[:, np.array([0, 1])]", ShapeError, "index of int64 and shape (2,) in mode 1: arrays are no indices; use"),
        ("A[[0, 1]]", ShapeError, "index [0, 1] in mode 0: arrays are no indices; use take(A, indices, axis=...)"),
        (
            'A[["i", "j"]]',
            ShapeError,
            "index ['i', 'j'] in mode 0: use integers, slices, ... or None; labels are strings",
        ),
        ("A.copy().__setitem__(slice(2), A)", ShapeError, "shape (3, 4) cannot be stretched to (2, 4)"),
        ('tl.exp("A")', tl.errors.DtypeError, "exp of 'A': give numbers, tensors or labelled expressions"),
        (
            "tl.tensor(lambda i: i, shape=(2, 3))",
            ShapeError,
            "<lambda>(i) gets one index array for each of the 2 modes",
        ),
        ("tl.tensor(fails, shape=(2,)).numpy()", tl.errors.GeneratorError, "function fails behind"),
        (
            "tl.tensor(fails, shape=(9,))[2:9:3].numpy()",
            tl.errors.GeneratorError,
            "division by zero (asked for [2:9:3])",
        ),
        ('x["i"].shape', AttributeError, "no attribute 'shape': close it to get a tensor, as in (expr)['i']"),
        ('tl.evaluate("C[i] = x[i]", {"x": x})', tl.errors.ConversionError, "a text stands alone, and its inputs are"),
        ('tl.evaluate(x["i"])', tl.errors.ConversionError, "got Expression: close it first, as in (expr)['i,j']"),
        ("tl.explain(array)", tl.errors.ConversionError, "got ndarray: wrap it by tensor(...)"),
    ],
)
def test_what_was_meant(source: str, error: type[Exception], message: str) -> None:
    """Messages about slips name what was probably meant."""
    with pytest.raises(error, match=re.escape(message)):
        eval(source)


def test_libraries_may_ask_an_expression_for_what_it_lacks() -> None:
    """They probe with `hasattr`, which must not fail in another way."""
    assert not any(hasattr(x["i"], name) for name in ("shape", "numpy", "__dlpack__", "nosuch"))


def test_errors_come_from_the_statement_not_from_the_look() -> None:
    """Nothing that broke a rule is left to be found later: not in a deferred scope either."""
    C, E = tl.Tensor(), tl.Tensor()

    def scope() -> None:
        with tl.deferred():
            C["i"] = x["i"] * 2
            E["i,j"] = A["i,k"] * D["k,j"]

    with pytest.raises(ShapeError, match="label 'k'"):
        scope()
    np.testing.assert_array_equal(C, [2, 2, 2])
    assert E.equals(tl.Tensor())


def test_the_traceback_ends_at_the_rule_without_a_chain() -> None:
    with pytest.raises(LabelError) as raised:
        A["i,,j"] * x["i"]
    assert raised.value.__cause__ is None
