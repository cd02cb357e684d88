"""Every elementwise function that has a derivative, against central differences and against torch."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.scalar.derivative import DERIVATIVES
from tests.tensorlayer.gradient.differences import FUNCTIONS, assert_close, by_differences, by_torch, sample, symbolic

#: Arguments between -0.9 and 0.9, away from the steps of the functions, or moved to where a function is defined.
SHIFTED = {
    "acosh": 2.5,
    "log": 1.5,
    "log10": 1.5,
    "log1p": 0.5,
    "log2": 1.5,
    "sqrt": 1.5,
    "reciprocal": 2.0,
    "pow": 1.5,
}
ARITY = {name: function.arity for name, function in tl.scalar.FUNCTIONS.items() if name in DERIVATIVES}
CONDITIONS = {"equal", "not_equal", "less", "less_equal", "greater", "greater_equal", "isnan", "isinf", "isfinite"}
CONDITIONS |= {"logical_and", "logical_or", "logical_xor", "logical_not", "signbit"}
STEPS = {"ceil", "floor", "imag", "round", "sign", "trunc", "floor_divide"} | CONDITIONS
HOLOMORPHIC = sorted(
    {*ARITY} - STEPS - {"maximum", "minimum", "where", "clip", "hypot", "atan2", "logaddexp", "copysign"}
)
HOLOMORPHIC = [name for name in HOLOMORPHIC if name not in ("remainder", "abs", "conj", "real", "imag")]


def arguments(name: str, dtype: str = "float64") -> dict[str, np.ndarray]:
    arrays = sample({"a": (7,), "b": (7,), "c": (7,)}, dtype)
    arrays = {key: array * 0.6 for key, array in arrays.items()}
    arrays["a"] = arrays["a"] + SHIFTED.get(name, 0.0)
    return dict(list(arrays.items())[: ARITY[name]])


def source(name: str) -> str:
    operands = ", ".join(f'{key}["i"]' for key in "abc"[: ARITY[name]])
    weight = 'a["i"] * ' if name in CONDITIONS or name in STEPS else 'b["i"] * ' if ARITY[name] > 1 else ""
    return f'R[""] = {weight}{name}({operands})'


@pytest.mark.parametrize("name", [name for name in ARITY if name != "where"])
def test_real(name: str) -> None:
    arrays = arguments(name)
    found = symbolic(source(name), arrays)
    assert_close(found, by_differences(source(name), arrays, step=1e-6), 1e-7)
    if name not in ("copysign", "floor_divide"):
        assert_close(found, by_torch(source(name), arrays), 1e-12)


@pytest.mark.parametrize("name", [*HOLOMORPHIC, "abs", "conj", "real", "imag", "sign"])
def test_complex(name: str) -> None:
    arrays = arguments(name, "complex128")
    text = source(name).replace(name, f"1j * {name}", 1) if name in ("abs", "real", "imag") else source(name)
    found = symbolic(text, arrays)
    assert_close(found, by_differences(text, arrays, step=1e-6), 1e-7)
    assert_close(found, by_torch(text, arrays), 1e-10)


def test_ties_are_shared() -> None:
    """At a tie maximum and minimum give each argument half, max and min every hit its share, as torch does."""
    arrays = {"a": np.array([1.0, 2.0, 2.0]), "b": np.array([1.0, 0.0, 2.0])}
    for text in (
        'R[""] = maximum(a["i"], b["i"]) * 3.0 + minimum(b["i"], a["i"])',
        'R[""] = max(a["i"], over="i") * b["j"] + min(b["i"], over="i")',
    ):
        assert_close(symbolic(text, arrays), by_torch(text, arrays), 1e-15)


def test_where_passes_the_adjoint_of_the_branch_that_is_taken() -> None:
    """The other branch may be anything at all there, as long as its own derivative is finite."""
    arrays = {"a": np.array([-1.0, 4.0, 0.25])}
    text = 'R[""] = where(a["i"] > 0, sqrt(maximum(a["i"], 0.01)), -a["i"])'
    np.testing.assert_allclose(symbolic(text, arrays)["a"], [-1.0, 0.25, 1.0])


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 2.0, 0.5, -2, np.float64(3)], ids=repr)
def test_powers_at_zero(exponent: float) -> None:
    """x**2 has a derivative at zero and below it; x**0 has the derivative zero."""
    base = np.array([0.0, 1.0, -2.0] if exponent in (0, 1, 2, 3) else [1.0, 2.0])
    with np.errstate(all="ignore"):
        expected = np.where(exponent == 0, 0.0, exponent * base ** (exponent - 1.0))
    np.testing.assert_allclose(symbolic('R[""] = a["i"] ** n', {"a": base}, fixed={"n": exponent})["a"], expected)


def test_products_with_zeros() -> None:
    for row in ([2.0, 3.0, 4.0], [2.0, 0.0, 4.0], [0.0, 0.0, 4.0], [0.0, 0.0, 0.0], [5.0]):
        arrays = {"a": np.array(row)}
        expected = [np.prod(np.delete(arrays["a"], i)) for i in range(len(row))]
        np.testing.assert_array_equal(symbolic('R[""] = prod(a["i"], over="i")', arrays)["a"], expected)


@pytest.mark.parametrize("name", ["nextafter"])
def test_without_a_rule(name: str) -> None:
    handles = {key: tl.tensor(array) for key, array in sample({"a": (3,), "b": (3,)}).items()}
    E = (FUNCTIONS[name](handles["a"]["i"], handles["b"]["i"]))[""]
    with pytest.raises(tl.errors.UnsupportedOperationError, match=f"no derivative is known for '{name}'"):
        tl.grad(E, handles["a"])
