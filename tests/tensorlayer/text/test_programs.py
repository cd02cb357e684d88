"""Programs: what they read and give, what is stored, planned once, differentiable."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest
import torch

import tensorlayer as tl
from tensorlayer.errors import ShapeError

a = np.arange(12.0).reshape(3, 4) / 4
y = np.array([1.0, -1.0, 2.0, 0.5])

DATAFLOW = [
    ("C[i] = A[i,k] * y[k]", "A y", "C", "C"),
    ("D[i] = A[i,k]; E[] = D[i] * D[i]", "A", "D E", "E"),
    ("C[i] = C[i] + x[i]", "C x", "C", "C"),
    ("C[i] += x[i]", "C x", "C", "C"),
    ("C[i] = x[i]; C[i] += x[i]; C[i] -= y[i]", "x y", "C", "C"),
    ("C[i, 0] = x[i]", "x C", "C", "C"),
    ("C[i,j] = A[i,j]; C[0, j] = y[j]; D[j] = C[0, j]", "A y", "C D", "D"),
    ("D[i] = x[i]; E[i] = D[i]; F[i] = D[i]", "x", "D E F", "E F"),
    ("w[n], V[i,n] = eigh(M[i,j]); E[] = w[n]", "M", "w V E", "V E"),
    ("x[i] = 2 * x[i]; E[] = x[i]", "x", "x E", "E"),
    ("C[] = 2", "", "C", "C"),
]


@pytest.mark.parametrize(("text", "inputs", "targets", "outputs"), DATAFLOW, ids=[case[0] for case in DATAFLOW])
def test_dataflow(text: str, inputs: str, targets: str, outputs: str) -> None:
    program = tl.program(text)
    assert program.inputs == tuple(inputs.split())
    assert program.targets == tuple(targets.split())
    assert program.outputs == tuple(outputs.split())


def test_on_every_backend(backend_name: str) -> None:
    program = tl.program("D[i] = A[i,k] * y[k]; E[] = D[i] * D[i]; F[i,j] = D[i] * D[j]")
    results = program(A=tl.tensor(a, backend=backend_name), y=tl.tensor(y, backend=backend_name))
    assert (results["E"].backend, results["F"].backend) == (backend_name, backend_name)
    np.testing.assert_allclose(results["E"], (a @ y) @ (a @ y))
    np.testing.assert_allclose(results["F"], np.outer(a @ y, a @ y))
    np.testing.assert_allclose(results["D"], a @ y)


def test_one_target_gives_a_tensor_several_a_mapping() -> None:
    assert isinstance(tl.program("C[i] = A[i,k]")(A=a), tl.Tensor)
    results = tl.program("C[i] = A[i,k]; D[] = C[i]")(A=a)
    assert list(results) == ["C", "D"]
    assert len(results) == 2
    with pytest.raises(KeyError, match="'X' is no target; there are C, D"):
        results["X"]
    assert list(tl.evaluate("C[i] = A[i,k]", A=a)) == ["C"]


@pytest.mark.parametrize("call", ["first", "again"])
def test_intermediates_are_not_stored(call: str) -> None:
    program = tl.program("D[i] = A[i,k]; E[] = D[i] * D[i]")
    if call == "again":
        program(A=a)
    results = program(A=a)
    assert "D: not computed" in repr(results)
    np.testing.assert_allclose(results["D"], a.sum(1))
    assert "not computed" not in repr(results)


def test_targets_may_be_inputs_and_the_caller_keeps_his() -> None:
    C = tl.tensor(np.ones(3))
    result = tl.program("C[i] += A[i,k]")(C=C, A=a)
    np.testing.assert_allclose(result, 1 + a.sum(1))
    np.testing.assert_array_equal(C, np.ones(3))


def test_several_results_of_a_decomposition() -> None:
    m = a[:, :3] + a[:, :3].T
    results = tl.program("w[n], V[i,n] = eigh(M[i,j]); R[i,j] = V[i,n] * w[n] * V[j,n]; D[n] = w[n]")(M=m)
    np.testing.assert_allclose(results["R"], m, atol=1e-12)
    np.testing.assert_allclose(results["D"], np.linalg.eigvalsh(m), atol=1e-12)
    results = tl.program("Q[i,q], R[q,j] = linalg.qr(A[i,j]); B[i,j] = Q[i,q] * R[q,j]")(A=a)
    np.testing.assert_allclose(results["B"], a, atol=1e-12)
    results = tl.program("U[i,s], S[s], W[s,j] = svd(A[i,j]); B[i,j] = U[i,s] * S[s] * W[s,j]")(A=a)
    np.testing.assert_allclose(results["B"], a, atol=1e-12)


# -- plans -----------------------------------------------------------------------------------------------------


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many plans the programs of a test asked for."""
    asked: list[int] = []
    # The package has a function of the module's name.
    module = importlib.import_module("tensorlayer.text.program")
    original = module.plan_for

    def counted(*arguments: Any) -> Any:
        asked.append(1)
        return original(*arguments)

    monkeypatch.setattr(module, "plan_for", counted)
    return asked


def test_a_program_is_planned_once_per_shapes_and_types(plans: list[int]) -> None:
    program = tl.program("C[i] = A[i,k] * y[k] + 1")
    for scale in (1.0, 2.0, 3.0):
        np.testing.assert_allclose(program(A=scale * a, y=y), scale * a @ y + 1)
    assert len(plans) == 1
    np.testing.assert_allclose(program(A=tl.tensor(a), y=tl.tensor(y)), a @ y + 1)
    program(A=tl.tensor(a + 1), y=tl.tensor(y))
    assert len(plans) == 2
    program(A=a.astype(np.float32), y=y)
    program(A=np.vstack([a, a]), y=y)
    program(A=torch.tensor(a), y=torch.tensor(y))
    with tl.use("reference"):
        program(A=a, y=y)
    assert len(plans) == 6
    with tl.use("reference"):
        program(A=2 * a, y=y)
    program(A=a + 1, y=y)
    assert len(plans) == 6


def test_plans_do_not_remember_elements() -> None:
    program = tl.program("C[i] = A[i,k] * y[k]")
    first = program(A=a, y=y)
    second = program(A=2 * a, y=y)
    np.testing.assert_allclose(second.numpy(), 2 * first.numpy())
    np.testing.assert_allclose(first, a @ y)


def test_declared_symmetry_is_part_of_the_plan() -> None:
    program = tl.program("C[] = M[i,j] * M[j,i]")
    lopsided, even = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[1.0, 2.0], [2.0, 1.0]])
    assert float(program(M=tl.tensor(even, symmetry=tl.Symmetry.symmetric(2)))) == 10.0
    assert float(program(M=tl.tensor(lopsided))) == 2.0


def test_recorded_and_listed_inputs(plans: list[int]) -> None:
    program = tl.program("C[i] = A[i,k] * y[k]")
    recorded = (tl.tensor(a)["i,k"] * 2.0)["i,k"]
    np.testing.assert_allclose(program(A=recorded, y=list(y)), 2 * a @ y)
    np.testing.assert_allclose(program(A=a.tolist(), y=tl.tensor(y)), a @ y)


def test_inputs_that_are_held_by_buffers_or_on_their_way() -> None:
    program = tl.program("C[i] = A[i,k] * y[k]")
    program(A=tl.tensor(a), y=tl.tensor(y))
    held = tl.tensor(tl.tensor(a).buffer)
    coming = tl.Tensor()
    coming["k"] = 2.0 * tl.tensor(y)["k"]
    coming.submit()
    np.testing.assert_allclose(program(A=held, y=coming), 2 * a @ y)


def test_rules_are_checked_for_every_shape() -> None:
    program = tl.program("C[i] = A[i,k] * y[k]")
    program(A=a, y=y)
    with pytest.raises(ShapeError, match="label 'k' has extents 4 and 3"):
        program(A=a, y=y[:3])
    np.testing.assert_allclose(program(A=a, y=y), a @ y)


# -- gradients -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrapped", [False, True], ids=["torch tensors", "wrapped"])
def test_torch_differentiates_through_a_program(wrapped: bool) -> None:
    program = tl.program("D[i] = A[i,k] * y[k]; E[] = D[i] * D[i]")
    for _ in range(2):
        A = torch.tensor(a, requires_grad=True)
        Y = torch.tensor(y, requires_grad=True)
        E = program(A=tl.tensor(A), y=tl.tensor(Y))["E"] if wrapped else program(A=A, y=Y)["E"]
        E.unwrap().backward()
        np.testing.assert_allclose(A.grad, 2 * np.outer(a @ y, y))
        np.testing.assert_allclose(Y.grad, 2 * (a @ y) @ a)


@pytest.mark.parametrize("recorded_with_grad", [True, False])
def test_the_grad_mode_is_that_of_recording(recorded_with_grad: bool) -> None:
    A, C = torch.tensor(a, requires_grad=True), tl.Tensor()
    handle = tl.tensor(A)
    with torch.set_grad_enabled(recorded_with_grad):
        C["i"] = handle["i,k"] * 2.0
    with torch.set_grad_enabled(not recorded_with_grad):
        result = C.unwrap()
    assert result.requires_grad is recorded_with_grad


@pytest.mark.parametrize("call", ["first", "again"])
def test_gradients_of_what_a_program_computed(call: str) -> None:
    program, A = tl.program("E[] = A[i,k] * A[i,k] * y[k]"), tl.tensor(a)
    if call == "again":
        program(A=tl.tensor(a), y=tl.tensor(y))
    Y = tl.tensor(y)
    E = program(A=A, y=Y)
    np.testing.assert_allclose(tl.grad(E, A), 2 * a * y)


def test_a_plan_made_for_one_tensor_under_two_names_is_not_used_for_two() -> None:
    product = tl.program("C[i,j] = A[i,k] * B[k,j]")
    one, other = tl.tensor(np.arange(9.0).reshape(3, 3)), tl.tensor(np.eye(3)[::-1].copy())
    assert np.array_equal(product(A=one, B=one), one.numpy() @ one.numpy())
    assert np.array_equal(product(A=one, B=other), one.numpy() @ other.numpy())
    assert np.array_equal(product(A=other, B=other), np.eye(3))
