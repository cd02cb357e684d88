"""The contract, once as users get it (small loops on NumPy) and once with every loop compiled."""

from __future__ import annotations

import pytest

import backends.numba.elementwise as elementwise
from tensorlayer.backend import backend_of, get_backend
from tensorlayer.testing import BackendContract, Case, assert_same_elements
from tensorlayer.testing.cases import DTYPES, MAPS, REDUCTIONS, sample


class TestNumba(BackendContract):
    backend = "numba"

    @pytest.mark.parametrize("dtype", ["bool", "int8", "uint64", "float16", "float32", "complex128"])
    @pytest.mark.parametrize("shape", [(), (0,), (2, 3)])
    def test_conversion_round_trip(self, shape: tuple[int, ...], dtype: str) -> None:
        """Its arrays are NumPy's, and recognised as those: this backend is chosen, never found."""
        array = sample(shape, dtype)
        native = self._native(array)
        assert native is array
        assert backend_of(native) is get_backend("numpy")
        assert_same_elements(self.subject.to_numpy(native), array)


#: Compiling takes a tenth of a second: every function of these types, every mix and placement.
COMPILED = ("bool", "int8", "uint64", "float64", "complex64")
OTHERS = tuple(dtype for dtype in DTYPES if dtype not in COMPILED)


def chosen(case: Case) -> bool:
    named = case.name.split("-")
    return not any(dtype in named for dtype in OTHERS) and not case.name.endswith(("-()", "-(1,)"))


class TestCompiled:
    @pytest.fixture(autouse=True)
    def everything_is_large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(elementwise, "chosen_threads", lambda *_, **__: 1)

    @pytest.mark.parametrize(
        "case", [case for case in (*MAPS, *REDUCTIONS) if chosen(case)], ids=lambda case: case.name
    )
    def test_loop(self, case: Case) -> None:
        TestNumba()._check(case)
