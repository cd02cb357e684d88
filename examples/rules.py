"""The training rules that are compared, with numbers that suit small networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from analog.config import (
    ConstantStepDevice,
    FloatingPointRPUConfig,
    IOParameters,
    LRTTTransferCompound,
    RPUConfig,
    SoftBoundsDevice,
    UnitCellRPUConfig,
    build_config,
)

__all__ = ["BUFFERED", "IDEAL", "PULSES", "RULES", "TWIN", "Contender", "Rule"]

#: The configuration of a layer, by the smallest extent of its matrices and how many vectors of a sample go through it.
Rule = Callable[[int, int], RPUConfig]


class Contender(NamedTuple):
    """A rule, None for a network without crossbars; for how many epochs before the network trains without them."""

    rule: Rule | None
    warm_start: int = 0


#: 240 states, with the spreads of all defaults; pulses become smaller towards the bounds, so up and down differ.
ASYMMETRIC = SoftBoundsDevice(dw_min=0.005)
CONVERTERS = IOParameters()


def everywhere(config: RPUConfig) -> Contender:
    """The same configuration for all layers."""
    return Contender(lambda smallest, vectors: config)  # noqa: ARG005


def transferring(algorithm: str, **fields: Any) -> Contender:
    """A rule that transfers one column for every sample, however many of its vectors go through a layer."""

    def rule(smallest: int, vectors: int) -> RPUConfig:  # noqa: ARG001
        own = {"units_in_mbatch": False, "transfer_every": vectors, **fields}
        return build_config(algorithm, ASYMMETRIC, CONVERTERS, **own)

    return Contender(rule)


def low_rank(rank: int, warm_start: int = 0) -> Contender:
    """Low-rank transfer between symmetric devices, of at most that rank."""

    def rule(smallest: int, vectors: int) -> RPUConfig:  # noqa: ARG001
        cell = LRTTTransferCompound(rank=min(rank, smallest), transfer_every=100, reinit_gain=0.5)
        return UnitCellRPUConfig(device=cell, forward=CONVERTERS, backward=CONVERTERS)

    return Contender(rule, warm_start)


TWIN, IDEAL = "floating point", "ideal crossbars"
PULSES, BUFFERED = "SoftBounds, pulses", "SoftBounds, Tiki-Taka 2"

RULES: dict[str, Contender] = {
    TWIN: Contender(None),
    IDEAL: everywhere(FloatingPointRPUConfig()),
    "ConstantStep, pulses": everywhere(build_config("sgd", ConstantStepDevice(), CONVERTERS)),
    PULSES: everywhere(build_config("sgd", ASYMMETRIC, CONVERTERS)),
    "SoftBounds, Tiki-Taka": transferring("ttv1"),
    BUFFERED: transferring("ttv2"),
    "SoftBounds, AGAD": transferring("agad", fast_lr=1.0, in_chop_prob=0.02),
    "SoftBounds, mixed precision": everywhere(build_config("mp", ASYMMETRIC, CONVERTERS)),
    "low rank 16": low_rank(16),
    "low rank 16, warm start": low_rank(16, warm_start=1),
    "low rank 32": low_rank(32),
    "low rank 32, warm start": low_rank(32, warm_start=1),
}
