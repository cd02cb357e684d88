"""Reading programs: precedence as Python has it, layout, and errors that point at their place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tensorlayer as tl
from tensorlayer.errors import AmbiguousError, EmptyTensorError, LabelError, ProgramError, ShapeError

TENSORS: dict[str, Any] = {
    "A": np.ones((3, 4)),
    "B": np.ones((4, 5)),
    "M": np.eye(3),
    "x": np.ones(3),
    "y": np.ones(4),
    "Z": tl.Tensor(),
}

#: Error, its first words, and the text with the carets under it.
ERRORS = [
    (LabelError, "empty label: write labels separated by single commas", "C[i,] = x[i]", "    ^"),
    (LabelError, "empty label", "C[i,,j] = A[i,j]", "    ^"),
    (LabelError, "empty label", 'C["i,"] = x[i]', "  ^^^^"),
    (ProgramError, "expected ']' to close the subscript, found the end", "C[i] = x[i", "          ^"),
    (ProgramError, "expected a tensor, a number, a function or '('", "C[i] = x[i] +", "             ^"),
    (ProgramError, "expected ']' to close the subscript, found '='", "C[i = x[i]", "    ^"),
    (ProgramError, "expected '=' after the target, found 'x'", "C[i] x[i]", "     ^"),
    (ProgramError, "expected '[' after the target 'C': write its labels", "C = x[i]", "  ^"),
    (ProgramError, "a statement begins with its target", "= x[i]", "^"),
    (ProgramError, "expected an operator or the end", "C[i] = x[i] x[i]", "            ^"),
    (ProgramError, "expected ')' to close the parenthesis", "C[i] = (x[i] + x[i]", "                   ^"),
    (ProgramError, "unexpected character '$'", "C[i] = x[i] $ x[i]", "            ^"),
    (ProgramError, "no function 'nosuch'; there are abs, acos", "C[i] = nosuch(x[i])", "       ^^^^^^^^^^^^"),
    (ProgramError, "no function 'exq' (did you mean 'exp'?)", "C[i] = exq(x[i])", "       ^^^^^^^^^"),
    (ProgramError, "exp() takes 1 positional argument", "C[i] = exp(x[i], x[i])", "       ^^^^^^^^^^^^^^^"),
    (ProgramError, "comparisons do not chain", "C[i] = x[i] < x[i] < x[i]", "                   ^"),
    (ProgramError, "expected labels after over=, found '1'", "C[i] = sum(A[i,k], over=1)", "                        ^"),
    (LabelError, "sum over 'j': the expression has", "C[i] = sum(A[i,k], over=j)", "       ^^^^^^^^^^^^^^^^^^^"),
    (ShapeError, "label 'k' has extents 4 and 5", "C[i] = A[i,k] * B[j,k] + x[i]", "       ^^^^^^^^^^^^^^^"),
    (ShapeError, "label 'j' has extents 3 and 4", "x[j] += A[i,j]", "^^^^^^^^^^^^^^"),
    (ShapeError, "index 9 is out of range for mode 1 of extent 4", "C[i] = A[i, 9]", "       ^^^^^^^"),
    (AmbiguousError, "'k' would be summed over", "C[i] = exp(A[i,k] * y[k])", "^^^^^^^^^^^^^^^^^^^^^^^^^"),
    (LabelError, "a number has no labels", "C[i] = 2[i]", "       ^^^^"),
    (LabelError, "1 label 'i' for a tensor of rank 2", "C[i] = 2 * A[i]", "           ^^^^"),
    (LabelError, "the right side of ['i'] = ... has no labels", "C[i] = x", "^^^^^^^^"),
    (LabelError, "label 'j' of the target 'i,j' occurs nowhere", "C[i,j] = x[i]", "^^^^^^^^^^^^^"),
    (EmptyTensorError, "the tensor is empty, so ['i'] reads nothing", "Z[i] += x[i]", "^^^^"),
    (ProgramError, "1 results for the targets w, V", "w[n], V[i,n] = inv(M[i,j])", "^^^^^^^^^^^^^^^^^^^^^^^^^^"),
    (ProgramError, "2 results for the targets w", "w[n] = eigh(M[i,j])", "^^^^^^^^^^^^^^^^^^^"),
    (ProgramError, "expected '=' after the target, found '+='", "w[n], V[i,n] += eigh(M[i,j])", "             ^^"),
    (ShapeError, "linalg.eigh: needs square matrices", "w[n], V[i,n] = eigh(A[i,j])", "               ^^^^^^^^^^^^"),
]


def record(text: str) -> dict[Any, Any]:
    program = tl.program(text)
    return program.record(**{name: TENSORS[name] for name in program.inputs})


@pytest.mark.parametrize(("error", "words", "text", "carets"), ERRORS, ids=[case[2] for case in ERRORS])
def test_errors_point_at_their_place(error: type[Exception], words: str, text: str, carets: str) -> None:
    with pytest.raises(error) as raised:
        record(text)
    message, line, pointer = str(raised.value).split("\n")
    assert type(raised.value) is error
    assert message.startswith(words)
    assert (line, pointer) == (f"    {text}", f"    {carets}")


def test_the_line_of_the_error_is_shown() -> None:
    with pytest.raises(ShapeError) as raised:
        record("# a comment\nD[i] = x[i] * 2\nC[i] = D[i]; E[i] = D[i] * y[i]  # wrong\nF[] = x[i]")
    assert str(raised.value).split("\n")[1:] == [
        "    C[i] = D[i]; E[i] = D[i] * y[i]  # wrong",
        "                        ^^^^^^^^^^^",
    ]


@pytest.mark.parametrize("text", ["", "  \n ; \n", "# nothing but a comment"])
def test_empty_programs(text: str) -> None:
    with pytest.raises(ProgramError, match="the program is empty: write at least one statement"):
        tl.program(text)


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("exp(", ")"), ("-", ""), ("2**", "")])
def test_what_is_nested_too_deeply_is_refused(opening: str, closing: str) -> None:
    with pytest.raises(ProgramError, match="the program is nested too deeply: name inner parts"):
        tl.program(f"C[i] = {opening * 2000}x[i]{closing * 2000}")


def test_every_line_is_shown_when_inputs_are_missing() -> None:
    with pytest.raises(ProgramError) as raised:
        tl.program("C[i] = x[i]\nD[i] = C[i]")()
    assert str(raised.value).split("\n")[1:] == ["    C[i] = x[i]", "    D[i] = C[i]"]


def test_missing_and_unknown_inputs() -> None:
    program = tl.program("C[i] = A[i,k] * y[k]")
    with pytest.raises(ProgramError, match="the program reads A, y; y not given"):
        program(A=TENSORS["A"])
    with pytest.raises(ProgramError, match=r"A not given \(but a, which it does not read\)"):
        program(a=TENSORS["A"], y=TENSORS["y"])
    with pytest.raises(ProgramError, match="the program does not read q; it reads A, y"):
        program(A=TENSORS["A"], y=TENSORS["y"], q=1.0)
    program(A=TENSORS["A"], y=TENSORS["y"])
    with pytest.raises(ProgramError, match="does not read q"):
        program(A=TENSORS["A"], y=TENSORS["y"], q=1.0)


LAYOUTS = {
    "newlines": "D[i] = A[i,k] * y[k]\nC[i] = D[i] + x[i]",
    "semicolons": "D[i] = A[i,k] * y[k]; C[i] = D[i] + x[i];",
    "comments": "# first\nD[i] = A[i,k] * y[k]  # product\n\n   # then\nC[i] = D[i] + x[i]  # sum",
    "no blanks": "D[i]=A[i,k]*y[k];C[i]=D[i]+x[i]",
    "many blanks": "  D [ i ]  =  A [ i , k ]  *  y [ k ]  \n\t C[ i ] = D[i] + x[i]\r\n",
    "brackets over lines": "D[i] = (A[i,\n         k]\n        * y[k])\nC[i] = D[i] + x[i]",
    "continued lines": "D[i] = A[i,k] \\\n  * y[k]\nC[i] = D[i] \\\n + x[i]",
    "quoted labels": 'D["i"] = A["i,k"] * y["k"]\nC["i"] = D["i"] + x["i"]',
    "accumulated": "C[i] = A[i,k] * y[k]; C[i] += x[i]",
    "long labels": "D[mu] = A[mu,nu1] * y[nu1]; C[i'] = D[i'] + x[i']",
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layout(layout: str) -> None:
    result = record(LAYOUTS[layout])["C"]
    np.testing.assert_array_equal(result, [5.0, 5.0, 5.0])


operands = st.sampled_from(
    ["a[i]", "b[i]", "2", "0.5", "3", "-a[i]", "-2", "+b[i]", "- -a[i]", "exp(a[i])", "1e-1", ".5"]
)
#: An operator and what follows it; exponents are small.
steps = st.tuples(st.sampled_from([" + ", " - ", " * ", " / ", "-", "*", "/"]), operands) | st.tuples(
    st.just("**"), st.sampled_from(["2", "-1", "-a[i]", "2**a[i]", "0.5"])
)


@settings(max_examples=150, deadline=None)
@given(first=operands, rest=st.lists(steps, max_size=6))
def test_precedence_is_that_of_python(first: str, rest: list[tuple[str, str]]) -> None:
    source = "a[i] + " + first + "".join(operator + operand for operator, operand in rest)
    a, b = tl.tensor([1.0, 2.0], name="a"), tl.tensor([0.5, 3.0], name="b")
    scope = {"a": a, "b": b, "exp": tl.exp, "i": "i"}
    expected = eval(f"({source})", scope)["i"]
    found = tl.program(f"C[i] = {source}").record(**{n: scope[n] for n in "ab" if f"{n}[" in source})["C"]
    assert found.formula() == expected.formula()
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(found, expected)


FORMS = [
    ("C[i] = A[i, 1] * 2", lambda A, x: A[:, 1] * 2),
    ("C[i] = A[i, -1]", lambda A, x: A[:, -1]),
    ("C[j] = A[0, j] + A[-1, j]", lambda A, x: A[0] + A[-1]),
    ("C[i,j] = A[1:, ::-1][i,j]", lambda A, x: A[1:, ::-1]),
    ("C[i] = A[:, 1:3][i,j]", lambda A, x: A[:, 1:3].sum(1)),
    ("C[] = x[1][]", lambda A, x: x[1]),
    ("C[i] = x[i]; C[0] = 5", lambda A, x: np.array([5, *x[1:]])),
    ("C[i,j] = A[i,j]; C[i, 0] = x[i]", lambda A, x: np.column_stack([x, A[:, 1:]])),
    ("C[i,j] = A[i,j]; C[1, j] += A[0, j]", lambda A, x: A + np.outer([0, 1, 0], A[0])),
    ("C[i,j] = A[i,j]; C[:2, 1:] = 0", lambda A, x: np.where(np.outer([1, 1, 0], [0, 1, 1, 1]), 0, A)),
    ("C[i] = (A[i,k] * A[i,k])[i] ** 0.5", lambda A, x: np.linalg.norm(A, axis=1)),
    ("C[i,j] = exp(A[i,j]) / (exp(A[i,k]))[i]", lambda A, x: np.exp(A) / np.exp(A).sum(1)[:, None]),
    ("C[i] = max(A[i,k], over=k) + min(A[i,k], over=[k])", lambda A, x: A.max(1) + A.min(1)),
    ("C[] = mean(A[i,k], over=(i, k)) + prod(x[i])[]", lambda A, x: A.mean() + x.prod()),
    ('C[] = sum(A[i,k], over="i,k")', lambda A, x: A.sum()),
    ("C[i] = where(x[i] > 1, x[i], -1) + (x[i] == 2)", lambda A, x: np.where(x > 1, x, -1) + (x == 2)),
    ("C[i] = 2j * x[i] + 1.5e1", lambda A, x: 2j * x + 15),
    ("C[i] = 0 * x[i] + 1", lambda A, x: np.ones(3)),
]


@pytest.mark.parametrize(("text", "expected"), FORMS, ids=[text for text, _ in FORMS])
def test_forms(text: str, expected: Any) -> None:
    A, x = np.arange(12.0).reshape(3, 4) / 4, np.array([1.0, 2.0, 3.0])
    program = tl.program(text)
    result = program(**{name: array for name, array in (("A", A), ("x", x)) if name in program.inputs})
    np.testing.assert_allclose(result, expected(A, x))
