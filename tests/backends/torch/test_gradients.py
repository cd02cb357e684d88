"""Gradients by torch through whole plans, against finite differences."""

from collections.abc import Sequence

import pytest
import torch

from backends.torch import backend
from tensorlayer.graph import (
    Concatenate,
    Einsum,
    Fused,
    Input,
    Linalg,
    Map,
    Node,
    OpGraph,
    Reduce,
    Reshape,
    Result,
    Slice,
    Update,
)
from tensorlayer.options import Options
from tensorlayer.plan import Plan, make_plan
from tensorlayer.scalar import FUNCTIONS, argument, call, constant

x, y, z = map(argument, range(3))


def inputs(*shapes: tuple[int, ...], dtype: str = "float64") -> list[Input]:
    return [Input.of(i, shape, dtype) for i, shape in enumerate(shapes)]


def plan_of(sinks: Sequence[Node]) -> Plan:
    graph = OpGraph(sinks)
    return make_plan(graph, sorted(graph.inputs, key=lambda node: node.key), Options(backend="torch"))


def tensors(sinks: Sequence[Node]) -> list[torch.Tensor]:
    leaves = sorted(OpGraph(sinks).inputs, key=lambda node: node.key)
    generator = torch.Generator().manual_seed(1)
    kinds = {"float64": torch.float64, "complex128": torch.complex128}
    return [
        (torch.rand(leaf.shape, dtype=kinds[leaf.dtype.name], generator=generator) + 0.25).requires_grad_()
        for leaf in leaves
    ]


def check(*sinks: Node) -> Plan:
    plan = plan_of(sinks)
    assert torch.autograd.gradcheck(plan.run, tensors(sinks))
    return plan


@pytest.mark.parametrize("dtype", ["float64", "complex128"])
@pytest.mark.parametrize(
    ("labels", "shapes", "output"),
    [
        ([(0, 1), (1, 2)], [(2, 3), (3, 2)], (0, 2)),
        ([(0, 1), (1, 2)], [(2, 3), (3, 2)], (2, 0)),
        ([(0, 0)], [(3, 3)], ()),
        ([(0, 0)], [(3, 3)], (0,)),
        ([(0, 0), (0, 1)], [(2, 2), (2, 3)], (0, 1)),
        ([(0, 1, 2), (0, 2, 3)], [(2, 2, 3), (2, 3, 1)], (0, 1, 3)),
        ([(0, 1), (2,)], [(2, 2), (3,)], (0,)),
        ([(0, 1), (1, 2), (2, 3), (3, 0)], [(2, 3), (3, 2), (2, 2), (2, 2)], ()),
    ],
    ids=["matmul", "transposed", "trace", "diagonal", "diagonal product", "batched", "sum of other", "ring of four"],
)
def test_products(labels: list, shapes: list, output: tuple, dtype: str) -> None:
    check(Einsum.of(inputs(*shapes, dtype=dtype), labels, output))


SMOOTH = {
    1: "acos acosh asin asinh atan atanh cos cosh exp expm1 log log10 log1p log2 reciprocal sin sinh sqrt square tan "
    "tanh negative positive conj real abs",
    2: "add subtract multiply divide pow atan2 hypot logaddexp maximum minimum copysign remainder",
    3: "clip",
}


@pytest.mark.parametrize("name", [name for names in SMOOTH.values() for name in names.split()])
def test_functions(name: str) -> None:
    arity = FUNCTIONS[name].arity
    body = call(name, *(argument(i) for i in range(arity)))
    if name == "acosh":
        body = call(name, call("add", x, constant(1)))
    if name in ("acos", "asin", "atanh"):
        body = call(name, call("multiply", x, constant(0.5)))
    check(Map.of(inputs(*[(3,)] * arity), [(0,)] * arity, (3,), body))


def test_broadcasts_casts_and_choices() -> None:
    matrix, row = inputs((2, 3), (3,))
    body = call("where", call("greater", x, y), call("multiply", x, constant(2)), call("exp", y))
    check(Map.of([matrix, row], [(1, 0), (0,)], (3, 2), body))
    check(Map.of([matrix], [(0, 1)], (2, 3), ("astype", call("square", x), "complex128")))


def test_a_fused_loop() -> None:
    k, r, r0 = inputs((5,), (5,), (5,))
    stretch = Map.of([r, r0], [(0,), (0,)], (5,), call("subtract", x, y))
    energy = Map.of([k, stretch], [(0,), (0,)], (5,), call("multiply", x, call("pow", y, constant(2))))
    plan = check(Reduce.of(energy, "sum", (0,)))
    assert any(isinstance(node, Fused) for node in plan.final.operations)


@pytest.mark.parametrize("kind", ["sum", "prod", "max", "min"])
def test_reductions(kind: str) -> None:
    check(Reduce.of(*inputs((2, 3)), kind, (0,)), Reduce.of(*inputs((2, 3)), kind, (0, 1)))


def test_movements() -> None:
    a, b = inputs((4, 3), (2,))
    part = Slice.of(a, ((3, -1, -2), 1))
    check(part, Update.of(a, b, ((0, 4, 2), 0)), Reshape.of(a, (2, 6)), Concatenate.of([b, part], 0))


def test_an_update_leaves_its_operands_alone() -> None:
    base, value = torch.zeros(3, requires_grad=True), torch.ones(1, requires_grad=True)
    (result,) = plan_of([Update.of(*inputs((3,), (1,), dtype="float32"), ((1, 2, 1),))]).run(base, value)
    result.sum().backward()
    assert base.tolist() == [0, 0, 0]
    assert base.grad is not None
    assert base.grad.tolist() == [1, 0, 1]
    assert value.grad is not None
    assert value.grad.tolist() == [1]


def positive(a: Node) -> Node:
    return Einsum.of([a, a], [(0, 1), (2, 1)], (0, 2))


@pytest.mark.parametrize("name", ["cholesky", "inv", "det", "matrix_power", "eigh", "qr", "svd"])
def test_decompositions(name: str) -> None:
    (a,) = inputs((2, 2))
    options = (3,) if name == "matrix_power" else ()
    node = Linalg.of(name, [positive(a)], *options)
    # Eigenvectors and singular vectors are differentiable up to their phase: their squares are.
    check(
        *(
            Map.of([Result.of(node, i)], [range(len(s))], s, call("square", x))
            for i, (s, _) in enumerate(node.signatures)
        )
    )


def test_solve() -> None:
    check(Linalg.of("solve", inputs((2, 2), (2, 3))))


def test_second_derivatives() -> None:
    a, b = inputs((2, 3), (3, 2))
    body = call("multiply", call("sin", x), x)
    sink = Map.of([Einsum.of([a, b], [(0, 1), (1, 2)], (0, 2))], [(0, 1)], (2, 2), body)
    assert torch.autograd.gradgradcheck(plan_of([sink]).run, tensors([sink]))


def test_gradients_are_recorded_as_they_were_when_the_statement_was() -> None:
    (node,) = inputs((2,))
    plan = plan_of([Map.of([node], [(0,)], (2,), call("exp", x))])
    leaf = torch.zeros(2, dtype=torch.float64, requires_grad=True)
    recorded = backend.recording_state()
    with torch.no_grad():
        assert backend.recording_state() is False
        with backend.recorded(recorded):
            (result,) = plan.run(leaf)
    assert result.requires_grad
    with backend.recorded(False):
        assert not plan.run(leaf)[0].requires_grad
