"""Statements on tensors of torch: differentiable, with the grad mode in force where they were written."""

import pytest
import torch

import tensorlayer as tl


def leaves() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(6)
    a, b = (torch.rand(3, 3, dtype=torch.float64, generator=generator) for _ in range(2))
    return a.requires_grad_(), b.requires_grad_()


def test_gradients_through_several_statements() -> None:
    def program(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        A, B = tl.tensor(a), tl.tensor(b)
        C = tl.Tensor()
        C["i,j"] = A["i,k"] * B["k,j"] + 0.5 * A["j,i"]
        C["i,j"] += tl.exp(B["i,j"])
        result: torch.Tensor = (C["i,j"] * C["j,i"] * A["i,i"])[""].buffer.unwrap()
        return result

    assert torch.autograd.gradcheck(program, leaves())


@pytest.mark.parametrize("recording", [True, False])
def test_grad_mode_is_that_of_recording(recording: bool) -> None:
    a, b = leaves()
    with torch.set_grad_enabled(recording):
        traced = (tl.tensor(a)["i,k"] * tl.tensor(b)["k,i"])[""]
    with torch.set_grad_enabled(not recording):
        assert traced.buffer.unwrap().requires_grad is recording
        assert torch.is_grad_enabled() is not recording
