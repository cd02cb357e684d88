"""Learned input ranges against their formula."""

from __future__ import annotations

import pytest
import torch

from analog.config import (
    FloatingPointRPUConfig,
    InputRangeParameter,
    IOParameters,
    PrePostProcessingParameter,
    SingleRPUConfig,
)
from analog.errors import ConfigError
from analog.nn import AnalogLinear, AnalogMatrix
from analog.optim import AnalogSGD
from tests.analog.nn.configs import MAPPINGS, PERFECT, exact, ideal


def matrix(**fields) -> AnalogMatrix:
    """An exact matrix with an input range."""
    options = {"enable": True, "init_from_data": 0, "decay": 0.0} | fields
    pre_post = PrePostProcessingParameter(input_range=InputRangeParameter(**options))
    made = AnalogMatrix((4, 6), FloatingPointRPUConfig(pre_post=pre_post), seed=1)
    made.set_weights(torch.randn(4, 6, generator=torch.Generator().manual_seed(1)))
    return made


def test_inputs_are_clipped_and_nothing_else_changes() -> None:
    layer = matrix(init_value=3.0)
    x = torch.randn(8, 6) * 4
    torch.testing.assert_close(layer(x), x.clamp(-3, 3) @ layer.get_weights().T)


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("decay", [0.0, 0.25])
@pytest.mark.parametrize("bound", [0.3, 1.0, 5.0])
def test_the_gradient_is_that_of_the_formula(bound: float, decay: float, relative: bool) -> None:
    layer = matrix(init_value=bound, decay=decay, gradient_relative=relative, gradient_scale=0.7 if relative else 1.0)
    torch.manual_seed(2)
    x, d = torch.randn(20, 6, requires_grad=True), torch.randn(20, 4)
    layer(x).backward(d)
    z = d @ layer.get_weights()
    wanted = z[x >= bound].clamp(max=0).sum() - z[x <= -bound].clamp(min=0).sum()
    if relative:
        wanted = wanted * bound * 0.7
    if float((abs(x) < bound).float().mean()) > 0.95:
        wanted = wanted + decay * bound
    torch.testing.assert_close(layer.input_range.value.grad, wanted.detach())
    torch.testing.assert_close(x.grad, z)


def test_the_range_follows_the_first_batches() -> None:
    layer = matrix(init_from_data=3, init_std_alpha=2.0)
    batches = [torch.randn(10, 6), torch.zeros(10, 6), torch.randn(10, 6) * 3, torch.randn(10, 6)]
    spreads = [2 * float(x.std()) for x in batches if x.any()]
    layer.eval()(batches[0])
    assert float(layer.input_range.value.detach()) == 3.0
    layer.train()
    for x in batches:
        layer(x).sum().backward()
        assert layer.input_range.value.grad is None
    assert float(layer.input_range.value.detach()) == pytest.approx(sum(spreads) / 3)
    layer(torch.randn(10, 6) * 100).sum().backward()
    assert float(layer.input_range.value.detach()) == pytest.approx(sum(spreads) / 3)
    assert layer.input_range.value.grad is not None


def test_a_range_that_is_not_learned_is_no_parameter() -> None:
    layer = matrix(learn_input_range=False, init_value=0.5)
    assert [name for name, _ in layer.named_parameters()] == ["analog"]
    layer(torch.ones(2, 6)).sum().backward()


@pytest.mark.parametrize("mapping", ["plain", "omega", "compensated"])
@pytest.mark.parametrize("bound", [0.5, 1.5, 100.0])
def test_updates_are_those_of_the_clipped_inputs_whatever_the_range(bound: float, mapping: str) -> None:
    config = exact(MAPPINGS[mapping], input_range=bound)
    layer = AnalogLinear(5, 4, bias=False, rpu_config=config, seed=1)
    before = layer.get_weights()[0]
    x, d = torch.randn(3, 5), torch.randn(3, 4)
    layer(x).backward(d)
    AnalogSGD(layer.parameters(), lr=0.1).step()
    torch.testing.assert_close(
        layer.get_weights()[0], before - 0.1 * d.T @ x.clamp(-bound, bound), rtol=1e-4, atol=1e-5
    )


# -- clipped outputs ---------------------------------------------------------------------------------------

CLIPPING = IOParameters(
    inp_res=-1, out_res=-1, out_noise=0.0, out_bound=1.0, noise_management="NONE", bound_management="NONE"
)


def clipping(forward: IOParameters, least: float = 0.95) -> SingleRPUConfig:
    options = InputRangeParameter(
        enable=True,
        init_from_data=0,
        decay=0.0,
        init_value=2.0,
        manage_output_clipping=True,
        output_min_percentage=least,
    )
    return ideal().replace(forward=forward, backward=PERFECT, pre_post=PrePostProcessingParameter(input_range=options))


@pytest.mark.parametrize("least", [0.95, 0.2])
def test_clipped_outputs_pass_no_errors_and_widen_the_range(least: float) -> None:
    layer = AnalogMatrix((2, 1), clipping(CLIPPING, least), seed=1)
    layer.set_weights(torch.tensor([[0.5], [4.0]]))
    x = torch.tensor([[1.0]], requires_grad=True)
    y = layer(x)
    torch.testing.assert_close(y, torch.tensor([[0.5, 2.0]]))  # 4 * 1 / 2 is clipped at 1
    y.backward(torch.tensor([[1.0, 1.0]]))
    torch.testing.assert_close(x.grad, torch.tensor([[0.5]]))
    growth = -(1 - 0.5) * 2.0 if least > 0.5 else 0.0
    assert float(layer.input_range.value.grad) == pytest.approx(growth)


@pytest.mark.parametrize(
    "forward",
    [PERFECT, CLIPPING.replace(noise_management="ABS_MAX"), CLIPPING.replace(bound_management="ITERATIVE"),
     CLIPPING.replace(out_bound=0.0)],
)  # fmt: skip
def test_clipping_is_managed_only_where_outputs_clip_at_a_fixed_bound(forward) -> None:
    with pytest.raises(ConfigError, match="manage_output_clipping"):
        AnalogMatrix((2, 1), clipping(forward))
