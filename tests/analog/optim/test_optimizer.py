"""Optimizers: what torch's users do with them, on crossbars."""

from __future__ import annotations

import copy
import itertools
import pickle
import warnings
from functools import partial

import pytest
import torch

from analog.config import (
    ChoppedTransferCompound,
    ConstantStepDevice,
    SingleRPUConfig,
    SoftBoundsDevice,
    UnitCellRPUConfig,
)
from analog.errors import NotFiniteError
from analog.nn import AnalogConv1d, AnalogLinear
from analog.nn.parameter import AnalogParameter
from analog.optim import AnalogOptimizer, AnalogSGD
from tensorlayer.errors import UnsupportedOperationError
from tests.analog.nn.configs import MAPPINGS, exact, noisy


def pair(seed: int = 1) -> tuple[AnalogLinear, torch.nn.Linear]:
    torch.manual_seed(seed)
    layer = AnalogLinear(5, 4, rpu_config=exact(MAPPINGS["all"]), seed=seed)
    digital = torch.nn.Linear(5, 4)
    digital.load_state_dict(dict(zip(("weight", "bias"), layer.get_weights(), strict=True)))
    return layer, digital


def agree(layer: AnalogLinear, digital: torch.nn.Linear) -> None:
    torch.testing.assert_close(layer.get_weights()[0], digital.weight.detach(), rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(layer.get_weights()[1], digital.bias.detach(), rtol=1e-5, atol=1e-5)


def optimizers(layer, digital, lr: float = 0.1):
    return AnalogSGD(layer.parameters(), lr=lr), torch.optim.SGD(digital.parameters(), lr=lr)


def test_gradients_accumulate() -> None:
    twins = pair()
    steps = optimizers(*twins)
    for x in torch.randn(3, 6, 5):
        for module in twins:
            module(x).square().mean().backward()
    for step in steps:
        step.step()
    agree(*twins)


def test_several_forward_passes_before_a_backward_pass() -> None:
    twins = pair()
    steps = optimizers(*twins)
    x = torch.randn(2, 6, 5)
    for module, step in zip(twins, steps, strict=True):
        (module(x[0]) * module(x[1])).sum().backward()
        step.step()
    agree(*twins)


def test_a_shared_matrix_learns_from_all_its_places() -> None:
    layer, digital = AnalogLinear(5, 5, rpu_config=exact(), seed=1), torch.nn.Linear(5, 5)
    digital.load_state_dict(dict(zip(("weight", "bias"), layer.get_weights(), strict=True)))
    models = [torch.nn.Sequential(each, torch.nn.Tanh(), each) for each in (layer, digital)]
    assert len(list(models[0].parameters())) == 2
    for model, step in zip(models, optimizers(*models), strict=True):
        model(torch.ones(3, 5)).sum().backward()
        step.step()
    agree(layer, digital)
    twin = copy.deepcopy(models[0])
    assert twin[0].matrix.analog is twin[2].matrix.analog


def test_groups_and_schedules_have_their_rates() -> None:
    first, second = pair(1), pair(2)
    groups = [
        [{"params": a.parameters(), "lr": 0.3}, {"params": b.parameters()}] for a, b in zip(first, second, strict=True)
    ]
    steps = AnalogSGD(groups[0], lr=0.1), torch.optim.SGD(groups[1], lr=0.1)
    schedules = [torch.optim.lr_scheduler.ExponentialLR(step, 0.5) for step in steps]
    for x in torch.randn(4, 6, 5):
        for a, b, step, schedule in zip(first, second, steps, schedules, strict=True):
            step.zero_grad()
            (a(x).square().mean() + b(x).square().mean()).backward()
            step.step()
            schedule.step()
    agree(*first)
    agree(*second)


@pytest.mark.parametrize("forget", ["optimizer", "model", "zeros"])
def test_forgotten_gradients_are_not_sent(forget: str) -> None:
    layer = AnalogLinear(5, 4, rpu_config=noisy(), seed=1)
    optimizer = AnalogSGD(layer.parameters(), lr=1.0)
    before = layer.get_weights()[0]
    layer(torch.ones(2, 5)).sum().backward()
    if forget == "optimizer":
        optimizer.zero_grad()
    elif forget == "model":
        layer.zero_grad()
    else:
        layer.zero_grad(set_to_none=False)
    optimizer.step()
    assert torch.equal(layer.get_weights()[0], before)
    layer(torch.ones(2, 5)).sum().backward()
    optimizer.step()
    assert not torch.equal(layer.get_weights()[0], before)


def test_a_rate_of_zero_sends_nothing_and_forgets() -> None:
    layer = AnalogLinear(5, 4, rpu_config=noisy(), seed=1)
    optimizer = AnalogSGD(layer.parameters(), lr=0.0)
    before = layer.matrix.grid.crossbars[0, 0].state.copy()
    layer(torch.ones(2, 5)).sum().backward()
    optimizer.step()
    assert len(layer.matrix.analog.pending) == 0
    after = layer.matrix.grid.crossbars[0, 0].state
    assert (after["weights"].unwrap() == before["weights"].unwrap()).all()
    optimizer.param_groups[0]["lr"] = 1.0
    optimizer.step()
    assert (after["weights"].unwrap() == before["weights"].unwrap()).all()


def test_pairs_are_sent_once() -> None:
    layer = AnalogLinear(5, 4, bias=False, rpu_config=exact(), seed=1)
    optimizer = AnalogSGD(layer.parameters(), lr=1.0)
    layer(torch.ones(2, 5)).sum().backward()
    optimizer.step()
    once = layer.get_weights()[0]
    optimizer.step()
    assert torch.equal(layer.get_weights()[0], once)


@pytest.mark.parametrize("way", ["no_grad", "inference", "frozen", "detached"])
def test_nothing_waits_where_nothing_learns(way: str) -> None:
    layer = AnalogLinear(5, 4, rpu_config=exact())
    if way == "no_grad":
        with torch.no_grad():
            assert not layer(torch.ones(2, 5)).requires_grad
    elif way == "inference":
        with torch.inference_mode():
            layer.eval()(torch.ones(2, 5))
    elif way == "frozen":
        layer.requires_grad_(False)
        x = torch.ones(2, 5, requires_grad=True)
        layer(x).sum().backward()
        torch.testing.assert_close(x.grad, layer.get_weights()[0].sum(0).expand(2, 5))
    else:
        layer(torch.ones(2, 5)).detach()
    assert len(layer.matrix.analog.pending) == 0


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop])
def test_any_optimizer_trains_what_is_digital_as_it_does(kind) -> None:
    torch.manual_seed(0)
    analog = torch.nn.Sequential(torch.nn.Linear(5, 6), torch.nn.Tanh(), AnalogLinear(6, 4, rpu_config=exact()))
    digital = torch.nn.Sequential(copy.deepcopy(analog[0]), torch.nn.Tanh(), torch.nn.Linear(6, 4))
    digital[2].load_state_dict(dict(zip(("weight", "bias"), analog[2].get_weights(), strict=True)))
    step = AnalogOptimizer(kind, analog.parameters(), lr=0.01)
    # On crossbars, plain gradient descent at the same rate.
    twin = kind([*digital[0].parameters(), digital[2].bias], lr=0.01), torch.optim.SGD([digital[2].weight], lr=0.01)
    assert isinstance(step, kind)
    for x in torch.randn(30, 6, 5):
        for module, every in ((analog, (step,)), (digital, twin)):
            for each in every:
                each.zero_grad()
            module(x).square().mean().backward()
            for each in every:
                each.step()
    torch.testing.assert_close(analog[0].weight, digital[0].weight, rtol=1e-4, atol=1e-5)
    agree(analog[2], digital[2])


def test_closures_are_evaluated_once() -> None:
    twins, calls = pair(), []
    x = torch.randn(6, 5)
    for module, step in zip(twins, optimizers(*twins), strict=True):

        def closure(module=module, step=step) -> torch.Tensor:
            calls.append(module)
            step.zero_grad()
            loss = module(x).square().mean()
            loss.backward()
            return loss

        assert step.step(closure) > 0
    assert len(calls) == 2
    agree(*twins)
    with pytest.raises(UnsupportedOperationError, match="LBFGS"):
        AnalogOptimizer(torch.optim.LBFGS, twins[0].parameters())


def test_hooks_run_once_and_copies_of_an_optimizer_send_too() -> None:
    layer, calls = AnalogLinear(5, 4, bias=False, rpu_config=exact(), seed=1), []
    optimizer = AnalogSGD(layer.parameters(), lr=1.0)
    optimizer.register_step_post_hook(lambda *_: calls.append(1))
    optimizer.step()
    assert len(calls) == 1
    model, again = pickle.loads(pickle.dumps((layer, optimizer)))
    model(torch.ones(1, 5)).sum().backward()
    again.step()
    torch.testing.assert_close(model.get_weights()[0], layer.get_weights()[0] - 1)


def test_devices_leak_and_diffuse_once_per_step_with_gradients_or_without() -> None:
    device = ConstantStepDevice(lifetime=10.0, lifetime_dtod=0.0, reset=0.0, reset_dtod=0.0)
    layer = AnalogLinear(5, 4, rpu_config=SingleRPUConfig(device=device), seed=1)
    before, bias = layer.get_weights()
    AnalogSGD(layer.parameters(), lr=0.0).step()
    torch.testing.assert_close(layer.get_weights()[0], 0.9 * before)
    assert torch.equal(layer.get_weights()[1], bias)
    device = ConstantStepDevice(diffusion=0.1, diffusion_dtod=0.0, w_max=5.0, w_min=-5.0)
    layer = AnalogLinear(122, 100, rpu_config=SingleRPUConfig(device=device), seed=1)
    layer.set_weights(torch.zeros(100, 122))
    AnalogSGD(layer.parameters(), lr=0.0).step()
    assert 0.09 < float(layer.get_weights()[0].std()) < 0.11


def test_inputs_that_were_overwritten_are_refused() -> None:
    layer = AnalogLinear(5, 4, rpu_config=noisy(), seed=1)
    x = torch.ones(2, 5)
    layer(x).sum().backward()
    x.zero_()
    before = layer.get_weights()[0]
    with pytest.raises(UnsupportedOperationError, match=r"x\.clone"):
        AnalogSGD(layer.parameters(), lr=1.0).step()
    assert torch.equal(layer.get_weights()[0], before)


@pytest.mark.parametrize("make", [AnalogSGD, partial(AnalogOptimizer, torch.optim.Adam)])
def test_a_step_that_is_refused_changes_nothing(make) -> None:
    digital, analog = torch.nn.Linear(3, 5), AnalogLinear(5, 4, rpu_config=noisy(), seed=1)
    last = AnalogLinear(4, 2, rpu_config=noisy(), seed=2)
    model = torch.nn.Sequential(digital, analog, last)
    before = [digital.weight.clone(), analog.get_weights()[0], last.get_weights()[0]]
    optimizer = make(model.parameters(), lr=0.5)
    model(torch.ones(2, 3)).sum().backward()
    last.matrix.analog.grad.fill_(torch.nan)
    with pytest.raises(NotFiniteError, match="multiplied by nan"):
        optimizer.step()
    after = [digital.weight, analog.get_weights()[0], last.get_weights()[0]]
    assert all(torch.equal(*both) for both in zip(before, after, strict=True))


@pytest.mark.parametrize(
    "config", [noisy(), UnitCellRPUConfig(device=ChoppedTransferCompound([SoftBoundsDevice()] * 2))]
)
@pytest.mark.parametrize("make", [partial(AnalogLinear, 2, 3), partial(AnalogConv1d, 2, 3, 1)])
def test_errors_that_are_multiplied_beyond_numbers_are_refused(make, config) -> None:
    layer = make(rpu_config=config, seed=1)
    y = layer(torch.ones(2, 2) if isinstance(layer, AnalogLinear) else torch.ones(2, 2, 4))
    y.backward(torch.full(y.shape, 1e20))
    (analog,) = (part for part in layer.parameters() if isinstance(part, AnalogParameter))
    analog.grad.fill_(1e20)
    before = analog.grid.weights
    with pytest.raises(NotFiniteError, match="infinite"):
        AnalogSGD([analog], lr=1.0).step()
    assert (analog.grid.weights == before).all()


def test_scaled_losses_are_scaled_back() -> None:
    twins, scaler = pair(), torch.amp.GradScaler("cpu", init_scale=1024.0)
    x = torch.randn(6, 5)
    for module, step in zip(twins, optimizers(*twins), strict=True):
        scaler.scale(module(x).square().mean()).backward()
        scaler.step(step)
    agree(*twins)


def test_an_optimizer_that_does_not_know_crossbars_is_named_once() -> None:
    layer = AnalogLinear(5, 4, rpu_config=exact())
    optimizer = torch.optim.SGD(layer.named_parameters(), lr=0.1)
    for number in range(2):
        layer(torch.ones(2, 5)).sum().backward()
        if number == 0:
            with pytest.warns(UserWarning, match=r"matrix\.analog were not trained.*AnalogSGD"):
                optimizer.step()
        else:
            optimizer.step()


def test_crossbars_that_no_optimizer_was_told_of_are_named_once() -> None:
    layer = AnalogLinear(5, 4, rpu_config=exact())
    optimizer = AnalogSGD([layer.bias], lr=0.1)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for _ in range(25):
            layer(torch.ones(2, 5)).sum().backward()
            optimizer.step()
    assert len(seen) == 1
    assert "CrossbarGrid((4, 5)" in str(seen[0].message)


def test_optimizers_that_take_turns_are_no_reason_to_warn() -> None:
    layers = [AnalogLinear(5, 5, rpu_config=exact()) for _ in range(2)]
    steps = [AnalogSGD(layer.parameters(), lr=0.1) for layer in layers]
    for step in itertools.islice(itertools.cycle(steps), 30):
        step.zero_grad()
        layers[1](layers[0](torch.ones(2, 5))).sum().backward()
        step.step()


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam])
def test_maximize_goes_uphill_on_crossbars_too(kind) -> None:
    layer, digital = pair()
    twin = torch.optim.SGD(digital.parameters(), lr=0.1, maximize=True)
    optimizer = AnalogOptimizer(kind, [layer.matrix.analog], lr=0.1, maximize=True)
    x = torch.randn(6, 5)
    for module, step in ((layer, optimizer), (digital, twin)):
        module(x).square().mean().backward()
        step.step()
    torch.testing.assert_close(layer.get_weights()[0], digital.weight.detach(), rtol=1e-5, atol=1e-5)


def test_optimizers_are_pickled_with_their_model() -> None:
    layer = pair()[0]
    optimizer = AnalogOptimizer(torch.optim.Adam, layer.parameters(), lr=0.1)
    x = torch.randn(6, 5)
    layer(x).square().mean().backward()
    optimizer.step()
    optimizer.zero_grad()
    twin, other = pickle.loads(pickle.dumps((layer, optimizer)))
    assert type(other) is type(optimizer)
    for module, step in ((layer, optimizer), (twin, other)):
        module(x).square().mean().backward()
        step.step()
    for mine, others in zip(layer.get_weights(), twin.get_weights(), strict=True):
        assert torch.equal(mine, others)


def test_an_optimizer_that_sends_pulses_already_does_so_once() -> None:
    layer = pair()[0]
    optimizer = AnalogOptimizer(AnalogSGD, layer.parameters(), lr=0.1)
    assert type(optimizer) is AnalogSGD
    assert type(AnalogOptimizer(torch.optim.Adam, layer.parameters())) is type(
        AnalogOptimizer(torch.optim.Adam, layer.parameters())
    )


def test_hooks_on_gradients_that_are_not_there_are_refused() -> None:
    layer = pair()[0]
    with pytest.raises(UnsupportedOperationError, match="never formed"):
        layer.matrix.analog.register_hook(lambda gradient: gradient.clamp(-1, 1))
    layer(torch.randn(6, 5)).sum().backward()  # torch would have called it with None
    assert len(layer.matrix.analog.pending) == 1
