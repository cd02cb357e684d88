"""Training rules against each other, and against a network without crossbars."""

from __future__ import annotations

import copy
import warnings
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from record import Record
from rules import BUFFERED, IDEAL, PULSES, RULES, TWIN, Contender
from samples import Samples
from torch import nn
from training import Curve, Plan, train

from analog.config import SingleRPUConfig
from analog.nn import convert_to_analog

__all__ = ["add_arguments", "hold"]

Curves = dict[str, list[Curve]]
#: Ideal crossbars compute as torch does, but for rounding, which training amplifies.
ROUNDING = 0.03


def add_arguments(parser: ArgumentParser, *, samples: int, epochs: int, rate: float) -> None:
    """What can be chosen in every contest, with these defaults."""
    parser.add_argument("--rules", nargs="+", choices=RULES, default=list(RULES), metavar="RULE", help="(default: all)")
    parser.add_argument("--samples", type=int, default=samples, help="for training (default: %(default)s)")
    parser.add_argument("--epochs", type=int, default=epochs, help="(default: %(default)s)")
    parser.add_argument("--batch", type=int, default=10, help="samples of a step (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=rate, help="learning rate (default: %(default)s)")
    parser.add_argument("--seeds", type=int, default=1, help="runs of each rule (default: %(default)s)")
    parser.add_argument("--record", type=Path, help="JSON file of curves; those in it are not trained again")
    parser.add_argument("--picture", type=Path, help="file for the curves, as training.png; needs matplotlib")


def hold(make: Callable[[], nn.Module], network: str, samples: Samples, choice: Namespace) -> int:
    """Train, print a table, draw the curves, and give 1 if something is not as it should be."""
    samples, plan = samples.first(choice.samples), Plan(choice.epochs, choice.batch, choice.rate)
    about = {"data": samples.name, "samples": len(samples.x), "network": network}
    record = Record(about | plan._asdict(), choice.record)
    print(", ".join(f"{name} {value}" for name, value in record.settings.items()), end="\n\n")
    for name, seed in record.missing(choice.rules, choice.seeds):
        record.add(name, run(RULES[name], make, samples, plan, f"{name}, seed {seed}", seed))
    show(record.curves)
    if choice.picture:
        draw(record.curves, choice.picture)
    return verdict(record.curves)


def run(
    contender: Contender, make: Callable[[], nn.Module], samples: Samples, plan: Plan, title: str, seed: int
) -> Curve:
    """Train one network. The seed is that of weights, devices and the order of samples: all begin equally."""
    torch.manual_seed(seed)
    network = make()
    train(network, samples, plan._replace(epochs=contender.warm_start), f"{title}, warm start")
    network = on_crossbars(network, contender, samples.x[:1], seed)
    torch.manual_seed(seed)
    return train(network, samples, plan, title)


def on_crossbars(network: nn.Module, contender: Contender, x: torch.Tensor, seed: int) -> nn.Module:
    """The network with its weights on crossbars, if it is to be."""
    rule, vectors = contender.rule, vectors_by_layer(network, x)
    if rule is None:
        return network

    def config(name: str, layer: nn.Module, default: Any) -> Any:  # noqa: ARG001
        smallest = min(extent for matrix in layer.parameters() if matrix.ndim > 1 for extent in matrix.flatten(1).shape)
        return rule(smallest, vectors[name])

    with warnings.catch_warnings():  # some devices cannot hold the first weights: they train nevertheless
        warnings.simplefilter("ignore", UserWarning)
        converted: nn.Module = convert_to_analog(network, SingleRPUConfig(), specific_rpu_config_fun=config, seed=seed)
    return converted


@torch.no_grad()
def vectors_by_layer(network: nn.Module, x: torch.Tensor) -> dict[str, int]:
    """How many vectors of one sample go through each layer."""
    twin, found = copy.deepcopy(network), {}

    def count(name: str) -> Callable[..., None]:
        def hook(layer: nn.Module, inputs: Any, output: Any) -> None:  # noqa: ARG001
            values = output[0] if isinstance(output, tuple) else output
            found[name] = values.numel() // values.shape[1 if values.ndim == 4 else -1]

        return hook

    for name, layer in twin.named_modules():
        layer.register_forward_hook(count(name))
    twin(x)
    return found


def show(curves: Curves) -> None:
    """The losses and errors at the end, with standard errors over seeds, and the CPU time of a run."""
    print(f"{'':32}{'loss':>8}{'error / %':>16}{'seconds':>10}")
    for name, runs in curves.items():
        mean, deviation = last(runs)
        spread = f" ± {100 * deviation:.1f}" if len(runs) > 1 else ""
        loss = np.mean([run.loss[-1] for run in runs])
        seconds = np.mean([run.seconds for run in runs])
        print(f"{name:32}{loss:8.3f}{f'{100 * mean:.1f}{spread}':>16}{seconds:10.1f}")
    print()


def last(runs: list[Curve]) -> tuple[float, float]:
    """The mean error after the last epoch, and its standard error."""
    return with_error([run.error[-1] for run in runs])


def with_error(values: list[float]) -> tuple[float, float]:
    """The mean and its standard error, which is 0 for a single value."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def verdict(curves: Curves) -> int:
    """Say whether what was trained came out as it should."""
    good = True
    if {TWIN, IDEAL} <= curves.keys():
        distance = abs(last(curves[IDEAL])[0] - last(curves[TWIN])[0])
        good &= distance < ROUNDING
        print(f"Errors of ideal crossbars and floating point differ by {100 * distance:.1f} %.")
    if {PULSES, BUFFERED} <= curves.keys():
        pairs = zip(curves[PULSES], curves[BUFFERED], strict=False)
        gain, error = with_error([pulses.error[-1] - buffered.error[-1] for pulses, buffered in pairs])
        good &= gain > 2 * error
        spread = f" ± {100 * error:.1f}" if error else ""
        print(f"On asymmetric devices Tiki-Taka 2 errs {100 * gain:.1f}{spread} % less than plain pulses.")
    print("All as expected." if good else "NOT AS EXPECTED.")
    return 0 if good else 1


def draw(curves: Curves, path: Path) -> None:
    """Loss and error by epoch, with bands of a standard error over seeds."""
    from analog.lab import plot_training

    quantities = {"loss": "loss", "error of the test samples": "error"}
    panels = {
        title: {name: [getattr(run, field) for run in runs] for name, runs in curves.items()}
        for title, field in quantities.items()
    }
    plot_training(panels, twin=TWIN).savefig(path, dpi=130)
    print(f"The curves are in {path}.")
