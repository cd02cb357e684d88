"""What a layer on crossbars costs beside its arithmetic: steps of ten small layers (forward, backward, update).

Beside plain torch, which needs as much for its own layers, and for noisy crossbars beside the machine code of one such
step, started again with the same arguments: what is left is Python, of the layers and of the optimizer.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.case import OURS, Call, Case

__all__ = ["CASES"]

LAYERS, EXTENT, BATCH, RATE = 10, 8, 4, 1e-3
#: Seconds of Python that a layer may take in a step.
MOST = 60e-6
MACHINE_CODE = "machine code"


def _step(layer: Callable[..., Any], optimizer: Callable[..., Any]) -> Call:
    import torch

    layers = (part for _ in range(LAYERS) for part in (layer(EXTENT, EXTENT), torch.nn.Tanh()))
    model = torch.nn.Sequential(*layers)
    method, x, errors = optimizer(model.parameters(), lr=RATE), torch.rand(BATCH, EXTENT), torch.ones(BATCH, EXTENT)

    def step() -> None:
        method.zero_grad()
        model(x).backward(errors)
        method.step()

    return step


def _torch() -> Call:
    import torch

    return _step(torch.nn.Linear, torch.optim.SGD)


def _ours(config: Any) -> Call:
    from analog.nn import AnalogLinear
    from analog.optim import AnalogSGD

    return _step(partial(AnalogLinear, rpu_config=config), AnalogSGD)


def _machine_code(step: Call) -> Call:
    """All kernels of one step, by one thread as in a step of layers so small."""
    from analog.kernels import CPU, Kernel
    from analog.kernels.compile import cpu_loop
    from backends.numba.crew import ALONE

    calls: list[Call] = []
    launch: Any = CPU.launch

    def noted(kernel: Kernel, rows: int, columns: int, *arguments: Any, each: int = 1) -> None:
        calls.append(partial(cpu_loop(kernel.body), *ALONE, rows, columns, *arguments))
        launch(kernel, rows, columns, *arguments, each=each)

    step()
    CPU.launch = noted  # type: ignore[method-assign]
    try:
        step()
    finally:
        del CPU.launch  # type: ignore[method-assign]

    def run() -> None:
        for call in calls:
            call()

    return run


def _exact() -> dict[str, Call]:
    from analog.config import FloatingPointRPUConfig

    return {OURS: _ours(FloatingPointRPUConfig()), "torch": _torch()}


def _noisy() -> dict[str, Call]:
    from analog.config import ConstantStepDevice, SingleRPUConfig

    config = SingleRPUConfig(device=ConstantStepDevice())
    return {OURS: _ours(config), "torch": _torch(), MACHINE_CODE: _machine_code(_ours(config))}


def _case(name: str, build: Callable[[], dict[str, Call]], *parts: str) -> Case:
    title = f"Python in a step of {LAYERS} layers {EXTENT} x {EXTENT}, {name}"
    return Case(title, build, limit=1.0, parts=parts, allowance=LAYERS * MOST, check=False)


CASES = (
    (_case("exact", _exact, "torch"), _case("noisy", _noisy, "torch", MACHINE_CODE))
    if importlib.util.find_spec("torch") is not None
    else ()
)
