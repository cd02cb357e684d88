"""The elementary functions of kernels: errors in units of the last place, and special values as NumPy's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import backends.numba.elementwise as elementwise
from backends.numba import backend
from backends.numba.loop import CompiledLoop
from tensorlayer.graph import Fused, Input, Map
from tensorlayer.scalar import argument, call

X, Y = argument(0), argument(1)
#: Function -> units in the last place by which it may be off, in double and in single precision.
ERRORS = {
    "cos": (2, 1),
    "cosh": (3, 3),
    "exp": (1, 1),
    "expm1": (2.5, 2),
    "log": (1, 1),
    "log10": (2, 2),
    "log1p": (2, 2),
    "log2": (2, 2),
    "sin": (2, 1),
    "sinh": (4, 4),
    "tan": (3, 1),
    "tanh": (3, 3),
}
SPECIAL = (0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, np.inf, -np.inf, np.nan, 1e-310, -5e-324, 1e-40, -7.0, 2.0**53, 1e30)


@pytest.fixture(autouse=True)
def everything_is_compiled(monkeypatch):
    monkeypatch.setattr(elementwise, "chosen_threads", lambda *_, **__: 1)


def compiled(name, *arrays):
    inputs = [Input.of(i, array.shape, array.dtype) for i, array in enumerate(arrays)]
    body = call(name, *(argument(i) for i in range(len(arrays))))
    kernel = backend.kernel(Map.of(inputs, [(0,)] * len(arrays), arrays[0].shape, body))
    assert isinstance(kernel, CompiledLoop)
    return kernel(*arrays)


def arguments(dtype):
    """Numbers of every exponent, and many of everyday size."""
    rng, info = np.random.default_rng(5), np.finfo(dtype)
    bits = rng.integers(0, info.max.view(f"int{info.bits}"), 20_000, dtype=f"int{info.bits}").view(dtype)
    ranges = [rng.uniform(*ends, 20_000) for ends in ((-5, 5), (-100, 720), (0.5, 1.6))]
    return np.concatenate([bits, -bits, *ranges, ranges[0] ** 15 * 1e-9]).astype(dtype)


def units_off(result, exact, dtype):
    """Distance in units of the last place; of what lies outside the range, 0 if both do."""
    with np.errstate(over="ignore"):
        rounded = exact.astype(dtype)
    assert (np.isfinite(result) == np.isfinite(rounded)).all()
    finite = np.isfinite(rounded)
    return np.abs(result[finite].astype(exact.dtype) - exact[finite]) / np.spacing(np.abs(rounded[finite]))


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="the oracle needs more digits than double precision")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ERRORS)
def test_errors_are_within_the_stated_units(name, dtype):
    x = arguments(dtype)
    if name in ("sin", "cos", "tan"):
        x = x[np.abs(x) < 2.0**40]
    with np.errstate(all="ignore"):
        exact = getattr(np, name)(x.astype(np.longdouble))
    assert units_off(compiled(name, x), exact, dtype).max() < ERRORS[name][dtype == "float32"]


def assert_powers_are_as_stated(x, y, dtype):
    with np.errstate(all="ignore"):
        exact = np.power(x.astype(np.longdouble), y.astype(np.longdouble))
        inside = np.isfinite(exact.astype(dtype))
        most = 1.5 + np.abs(np.log(exact)) / 100 if dtype == "float64" else np.ones_like(exact)
    assert (units_off(compiled("pow", x, y), exact, dtype) < most[inside]).all()


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="the oracle needs more digits than double precision")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_powers_are_within_the_stated_units(dtype):
    rng = np.random.default_rng(6)
    x = np.concatenate([np.exp(rng.uniform(-20, 20, 40_000)), rng.uniform(0.9, 1.1, 20_000)]).astype(dtype)
    y = np.concatenate([rng.uniform(-30, 30, 40_000), rng.uniform(-3000, 3000, 20_000)]).astype(dtype)
    assert_powers_are_as_stated(x, y, dtype)


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="the oracle needs more digits than double precision")
def test_powers_of_numbers_near_one_are_as_stated_to_the_ends_of_the_range():
    """Large exponents multiply the error of the logarithm, which has no whole part to hide behind."""
    rng = np.random.default_rng(8)
    x = rng.uniform(0.67, 1.5, 40_000)
    assert_powers_are_as_stated(x, rng.uniform(-705, 709, x.size) / np.log(x), "float64")
    nearest = np.nextafter(1.0, [0.0, 2.0, 2.0])
    assert_powers_are_as_stated(nearest, np.array([1e17, 1e17, 1e15]), "float64")


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="the oracle needs more digits than double precision")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ["cosh", "exp", "expm1", "sinh", "tanh"])
def test_errors_are_as_stated_where_results_become_infinite_lose_digits_or_vanish(name, dtype):
    info = np.finfo(dtype)
    ends = np.log(
        [np.longdouble(info.max), np.longdouble(info.tiny), np.longdouble(info.smallest_subnormal), 1 / info.eps]
    )
    x = np.concatenate([np.linspace(end - 1.5, end + 1.5, 3000) for end in (*ends, *-ends)]).astype(dtype)
    with np.errstate(all="ignore"):
        exact = getattr(np, name)(x.astype(np.longdouble))
    assert units_off(compiled(name, x), exact, dtype).max() < ERRORS[name][dtype == "float32"]


@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="the oracle needs more digits than double precision")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_powers_are_as_stated_where_numbers_have_lost_digits(dtype):
    info, rng = np.finfo(dtype), np.random.default_rng(7)
    small = rng.integers(1, 1 << info.nmant, 5000).astype(f"int{info.bits}").view(dtype)
    base = np.exp(rng.uniform(-5, 5, 5000)).astype(dtype)
    size = np.log(np.longdouble(info.smallest_subnormal)) / np.log(base.astype(np.longdouble))
    x = np.concatenate([small, base, base])
    y = np.concatenate(
        [rng.uniform(-1, 1, 5000), size * rng.uniform(0.93, 1.01, 5000), -size * rng.uniform(0.93, 1, 5000)]
    )
    y = y.astype(dtype)
    assert_powers_are_as_stated(x, y, dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", [*ERRORS, "pow"])
def test_special_values_are_numpys(name, dtype):
    with np.errstate(over="ignore"):
        values = np.array(SPECIAL, dtype)
    grids = np.meshgrid(values, values) if name == "pow" else [values]
    arrays = [grid.ravel() for grid in grids]
    with np.errstate(all="ignore"):
        result, expected = compiled(name, *arrays), getattr(np, name)(*arrays)
    np.testing.assert_allclose(result, expected, rtol=1e-15 if dtype == "float64" else 1e-6)
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(result[number]), np.signbit(expected[number]))


@pytest.mark.parametrize("name", ["sin", "cos", "tan"])
def test_arguments_too_large_for_the_kernel_are_numpys(name):
    x = np.linspace(-3, 3, 1000)
    plain = compiled(name, x)
    x[700] = 1e300
    np.testing.assert_allclose(compiled(name, x), getattr(np, name)(x), rtol=1e-15)
    np.testing.assert_allclose(np.delete(compiled(name, x), 700), np.delete(plain, 700), rtol=1e-15)
    total = Fused.of(Map.of([Input.of(0, x.shape, x.dtype)], [(0,)], x.shape, call(name, X)), "sum", (0,))
    assert backend.kernel(total)(x) == pytest.approx(getattr(np, name)(x).sum(), rel=1e-13)


#: The program of a machine that has no instruction for powers of two.
WITHOUT = """
import numpy as np
import backends.numba.elementwise as elementwise
import backends.numba.machine as machine
machine.scales_vectors = lambda: False
elementwise.chosen_threads = lambda *_, **__: 1
from tests.backends.numba.test_functions import arguments, compiled, units_off
for dtype, oracle in (("float64", "longdouble"), ("float32", "float64")):
    x = arguments(dtype)
    with np.errstate(all="ignore"):
        exact = np.exp(x.astype(oracle))
    assert units_off(compiled("exp", x), exact, dtype).max() < 1
    y = np.full_like(x, 1.5)
    with np.errstate(all="ignore"):
        exact = np.power(np.abs(x).astype("longdouble"), y.astype("longdouble"))
    assert units_off(compiled("pow", np.abs(x), y), exact, dtype).max() < 4
"""


@pytest.mark.processes
@pytest.mark.skipif(np.finfo(np.longdouble).nmant < 60, reason="the oracle needs more digits than double precision")
def test_machines_without_an_instruction_for_powers_of_two_compute_as_well(tmp_path):
    environment = {**os.environ, "TENSORLAYER_CACHE": str(tmp_path)}
    subprocess.run([sys.executable, "-c", WITHOUT], check=True, env=environment, cwd=Path(__file__).parents[3])
