"""What recording does not do, and what computing does once: counted on a backend that counts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlayer as tl
from tensorlayer.errors import BackendNotFoundError, GeneratorError, MemoryBudgetError
from tensorlayer.graph import Einsum, Fused, Map

a = np.arange(12.0).reshape(3, 4)
b = np.arange(20.0).reshape(4, 5)


def never(*indices: Any) -> Any:
    raise AssertionError("the elements were asked for")


# -- recording -------------------------------------------------------------------------------------------------


RECORDINGS: dict[str, Callable[[tl.Tensor, tl.Tensor], Any]] = {
    "statement": lambda G, C: C.__setitem__("j,i", G["i,j"] * 2.0),
    "closing": lambda G, C: (G["i,k"] * G["j,k"])["i,j"],
    "accumulation": lambda G, C: C.__setitem__("i", G["i,i"] + 1.0),
    "function": lambda G, C: tl.exp(G["i,j"])["i,j"],
    "reduction": lambda G, C: tl.max(G["i,j"], over="j")["i"],
    "chip": lambda G, C: (G["i", 0] * 1.0)["i"],
    "slice": lambda G, C: G[1:, ::-1],
    "without labels": lambda G, C: (G @ G + 1).T,
    "decomposition": lambda G, C: tl.linalg.eigh(G["i,j"]),
    "gradient": lambda G, C: tl.grad((G["i,j"] * G["j,i"])[""], G),
    "shape and type": lambda G, C: ((G["i,k"] * G["k,j"])["i,j"].shape, (G["i,k"] * 1j)["i,k"].dtype),
    "printing": lambda G, C: repr((G["i,k"] * G["k,j"])["i,j"]) + repr(G),
    "conversion": lambda G, C: G.to("torch"),
    "assignment of a part": lambda G, C: (G @ G).__setitem__((0, slice(None)), 1.0),
}


@pytest.mark.parametrize("recording", RECORDINGS)
def test_recording_touches_no_data(recording: str) -> None:
    RECORDINGS[recording](tl.tensor(never, shape=(3, 3)), tl.Tensor())


def test_the_data_are_touched_when_looked_at() -> None:
    C = tl.Tensor()
    C["j,i"] = tl.tensor(never, shape=(3, 3))["i,j"] * 2.0
    with pytest.raises(GeneratorError, match="the elements were asked for"):
        C.numpy()
    assert not C.is_computed


# -- versions --------------------------------------------------------------------------------------------------


def test_reading_after_writing_uses_the_value_that_was_read(wrap: Callable[[Any], tl.Tensor]) -> None:
    t, other, C = wrap(np.array([1.0, 2.0])), wrap(np.array([10.0, 20.0])), tl.Tensor()
    expression = t["i"] * 2.0
    C["i"] = t["i"] * 3.0
    t["i"] = other["i"]
    t[0] = -1.0
    np.testing.assert_array_equal(expression["i"], [2, 4])
    np.testing.assert_array_equal(C, [3, 6])
    np.testing.assert_array_equal(t, [-1, 20])
    np.testing.assert_array_equal(other, [10, 20])


def test_a_part_stays_where_its_source_was_computed(wrap: Callable[[Any], tl.Tensor]) -> None:
    """It was recorded when nobody knew yet where that would be."""
    x = np.arange(3.0)
    A = wrap(x)
    C = tl.sin(A["i"])["i"]
    part, total = C[::-1], tl.sum(C["i"], over="i")[""]
    C.compute()
    np.testing.assert_allclose(part, np.sin(x)[::-1])
    np.testing.assert_allclose(total, np.sin(x).sum())
    assert part.backend == total.backend == A.backend


def test_swapping_and_accumulating_read_old_values() -> None:
    A, B = tl.tensor([1.0, 2.0]), tl.tensor([3.0, 4.0])
    A["i"], B["i"] = B["i"], A["i"]
    A["i"] += A["i"]
    A["i"] -= 0.5 * B["i"]
    np.testing.assert_array_equal(A, [5.5, 7])
    np.testing.assert_array_equal(B, [1, 2])


def test_handles_are_independent() -> None:
    A = tl.tensor([1.0, 2.0])
    B, C = A.copy(), A
    A["i"] = A["i"] * 10.0
    np.testing.assert_array_equal(B, [1, 2])
    np.testing.assert_array_equal(C, [10, 20])
    assert C is A


def test_what_was_wrapped_is_never_written_to(wrap: Callable[[Any], tl.Tensor]) -> None:
    data = np.array([1.0, 2.0, 3.0])
    A = wrap(data)
    A[0] = 9.0
    A["i"] *= A["i"]
    assert A.numpy().tolist() == [81.0, 4.0, 9.0]
    assert data.tolist() == [1.0, 2.0, 3.0]


# -- computing -------------------------------------------------------------------------------------------------


def test_products_shared_by_statements_are_formed_once(counting: Any) -> None:
    A, B, C, D = tl.tensor(a), tl.tensor(b), tl.Tensor(), tl.Tensor()
    C["i,j"] = A["i,k"] * B["k,j"]
    D["p,r"] = A["p,q"] * B["q,r"] + 1.0
    tl.evaluate(C, D)
    assert counting.count(Einsum) == 1
    np.testing.assert_allclose(C, a @ b)
    np.testing.assert_allclose(D, a @ b + 1)


def test_a_deferred_scope_is_one_graph(counting: Any) -> None:
    A, B, C, D = tl.tensor(a), tl.tensor(b), tl.Tensor(), tl.Tensor()
    with tl.deferred():
        C["i,j"] = A["i,k"] * B["k,j"]
        D["i,j"] = A["i,k"] * B["k,j"] - 1.0
        temporary = tl.Tensor()
        temporary["i,j"] = A["i,k"] * A["j,k"]
        del temporary
        assert counting.ran == []
    assert C.is_computed
    assert D.is_computed
    assert counting.count(Einsum) == 1
    np.testing.assert_allclose(D, a @ b - 1)


def test_deferred_scopes_nest_and_survive_errors() -> None:
    C, D = tl.Tensor(), tl.Tensor()
    x = tl.tensor([1.0])

    def failing() -> None:
        with tl.deferred():
            D["i"] = x["i"] * 3.0
            raise ZeroDivisionError

    with tl.deferred():
        C["i"] = x["i"] * 2.0
        with pytest.raises(ZeroDivisionError):
            failing()
    assert C.is_computed
    assert not D.is_computed
    np.testing.assert_array_equal(D, [3])


def test_temporaries_are_not_materialised(counting: Any) -> None:
    """The harmonic energy: the difference of a million elements, its square and the product are never arrays."""
    n = 1000
    k, r, r0 = (tl.tensor(np.full(n, x)) for x in (1.0, 3.0, 2.0))
    dr, E = tl.Tensor(), tl.Tensor()
    dr["i"] = r["i"] - r0["i"]
    E[""] = 0.5 * k["i"] * dr["i"] ** 2
    assert float(E) == n / 2
    assert not dr.is_computed
    assert max(node.size for node in counting.ran) == 1
    assert counting.count(Fused) == 1
    assert counting.count(Map) <= 1


def test_nothing_is_computed_twice(counting: Any) -> None:
    A, C = tl.tensor(a), tl.Tensor()
    C["i,j"] = A["i,k"] * A["j,k"]
    C.numpy()
    once = len(counting.ran)
    C.numpy()
    float(C[0, 0])
    tl.evaluate(C)
    assert counting.count(Einsum) == 1
    assert len(counting.ran) <= once + 1


def test_a_computed_intermediate_is_read_not_recomputed(counting: Any) -> None:
    A, B, C, D = tl.tensor(a), tl.tensor(b), tl.Tensor(), tl.Tensor()
    C["i,j"] = A["i,k"] * B["k,j"]
    C.compute()
    D["i"] = C["i,j"] * C["i,j"]
    D.compute()
    assert sum(isinstance(node, Einsum) and node.shape == (3, 5) for node in counting.ran) == 1


def test_evaluate_gives_back_what_it_was_given() -> None:
    C, D = tl.tensor(a)["i,j"]["i"], tl.tensor(b)["i,j"]["j"]
    assert tl.evaluate(C) is C
    assert tuple(map(id, tl.evaluate(C, D))) == (id(C), id(D))
    with pytest.raises(TypeError, match="close it first"):
        tl.evaluate(C["i"] * 2.0)


# -- options ---------------------------------------------------------------------------------------------------


def test_use(backend_name: str) -> None:
    A, C = tl.tensor(a), tl.Tensor()
    with tl.use(backend_name):
        C["i"] = A["i,j"]
        C.compute()
        assert tl.tensor([1.0]).backend == backend_name
    assert C.backend == backend_name
    np.testing.assert_array_equal(C, a.sum(1))


def test_use_of_what_there_is_not() -> None:
    """Refused where it is written, though nothing is computed yet."""
    for ask in (lambda: tl.use("abacus").__enter__(), lambda: tl.tensor(a).to("abacus")):
        with pytest.raises(BackendNotFoundError, match=r"no backend 'abacus': there are .*numpy"):
            ask()


def test_the_environment_names_the_default_backend() -> None:
    source = "import tensorlayer as tl; C = (tl.tensor([1.0])['i'] * 2.0)['i']; print(C.compute().backend)"
    found = {}
    for name in ("", "reference", "torch"):
        environment = os.environ | {"TENSORLAYER_BACKEND": name}
        found[name] = subprocess.run(
            [sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=True
        ).stdout.strip()
    assert found == {"": "numpy", "reference": "reference", "torch": "torch"}


def test_a_memory_budget_is_kept_or_refused_with_numbers() -> None:
    A, B = tl.tensor(np.ones((100, 100))), tl.tensor(np.ones((100, 100)))
    C = (A["i,k"] * B["k,j"])["i,j"]
    with tl.options(memory="1 MiB"):
        np.testing.assert_array_equal(C[0, :2], [100, 100])
    D = (A["i,k"] * B["k,j"])["i,j"]
    with tl.options(memory=1000), pytest.raises(MemoryBudgetError, match=r"\d"):
        D.compute()
    assert not D.is_computed
    np.testing.assert_array_equal(D[0, :2], [100, 100])
