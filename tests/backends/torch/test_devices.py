import pytest
import torch

from backends.torch import backend
from tensorlayer.graph import Delta, Einsum, Fill, Input, Map, Node, OpGraph
from tensorlayer.options import Options
from tensorlayer.plan import make_plan
from tensorlayer.scalar import argument, call, constant
from tensorlayer.testing import BackendContract

#: A device with shapes and types but without elements: whatever is made elsewhere is noticed on any machine.
META = "meta"


def from_nothing() -> list[Node]:
    shifted = call("add", argument(0), call("exp", constant(1.0)))
    return [
        Fill.of((2,), 1.0, "float64"),
        Delta.of(2, "float64"),
        Map.of([], [], (2,), constant(1.0)),
        Map.of([Fill.of((2,), 1.0, "float64")], [(0,)], (2,), shifted),
    ]


@pytest.mark.parametrize("node", from_nothing(), ids=["fill", "delta", "constant", "constant in a map"])
def test_what_is_made_from_nothing_is_made_on_the_device(node: Node) -> None:
    plan = make_plan(OpGraph([node]), [], Options(backend="torch", device=META))
    assert backend.device_of(plan.run()[0]) == META


def test_a_move_between_devices_stays_in_torch() -> None:
    leaf = torch.ones(2, requires_grad=True)
    moved = backend.to_device(leaf, META)
    assert backend.device_of(moved) == META
    assert moved.requires_grad


def test_devices_start_with_the_cpu() -> None:
    assert backend.devices[0] == "cpu"
    assert len(backend.devices) == 1 + torch.cuda.device_count()


@pytest.mark.gpu
class TestOnCuda(BackendContract):
    backend = "torch"
    device = "cuda:0"


@pytest.mark.gpu
def test_gradients_on_cuda() -> None:
    leaf = torch.rand(3, 3, dtype=torch.float64, device="cuda:0", requires_grad=True)
    a = Input.of(0, (3, 3), "float64")
    square = Einsum.of([a, a], [(0, 1), (1, 2)], (0, 2))
    plan = make_plan(OpGraph([square]), [a], Options(backend="torch", device="cuda:0"))
    assert torch.autograd.gradcheck(plan.run, [leaf])
