"""What is computed later is differentiable as it was when it was recorded."""

import pytest
import torch

import tensorlayer as tl


@pytest.fixture
def x() -> tl.Tensor:
    return tl.tensor(torch.tensor([1.0, 2.0, 3.0], dtype=torch.float64, requires_grad=True))


def test_unlabelled_operations_keep_their_mode(x: tl.Tensor) -> None:
    with torch.no_grad():
        cut = x + 1.0
    kept = x + 1.0
    with torch.no_grad():
        assert kept.unwrap().requires_grad
    assert not cut.unwrap().requires_grad


def test_tensors_of_both_modes_computed_together_keep_their_own(x: tl.Tensor) -> None:
    kept = (x["i"] * x["i"])[""]
    with torch.no_grad():
        cut = (x["i"] * x["i"])[""]
    tl.evaluate(kept, cut)
    assert (kept.unwrap().requires_grad, cut.unwrap().requires_grad) == (True, False)


@pytest.mark.parametrize("background", [False, True])
def test_what_was_recorded_without_gradients_is_a_constant_to_what_reads_it(x: tl.Tensor, background: bool) -> None:
    with torch.no_grad():
        factor = (x["i"] * 2.0)["i"]
    total = (factor["i"] * x["i"])[""]
    if background:
        total.submit().result()
    total.unwrap().backward()
    assert x.unwrap().grad.tolist() == [2.0, 4.0, 6.0]
