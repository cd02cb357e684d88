"""Weights that are read against a reference device."""

from __future__ import annotations

from typing import Any

import array_api_compat

from analog.devices.draws import Draws

__all__ = ["against_reference", "quotient"]


def against_reference(values: dict[str, Any], reference: Any) -> dict[str, Any]:
    """The parameters with bounds of the weight that is read: the device's own minus the reference."""
    moved = {name: values[name] - reference for name in ("max_bound", "min_bound")}
    return values | moved | {"reference": reference}


def quotient(numerator: Any, denominator: Any, draws: Draws) -> Any:
    """``numerator / denominator``, and 0 where that is not defined."""
    if isinstance(numerator, float) and isinstance(denominator, float):
        return numerator / denominator if denominator else 0.0
    denominator = draws.array(denominator)
    where = array_api_compat.array_namespace(denominator).where
    zero = denominator == 0
    return where(zero, 0.0 * denominator, numerator / where(zero, 1.0 + denominator, denominator))
