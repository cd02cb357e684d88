"""What differs from output to output for a crossbar's whole life: drawn when it is made."""

from __future__ import annotations

from typing import Any

import numpy as np

from analog.cell import CellState, Site
from analog.parameters.enums import AnalogMVType
from analog.parameters.io import IOParameters
from analog.random import Stream, normals

__all__ = ["draw_spreads"]

SEPARATE = (AnalogMVType.POS_NEG_SEPARATE, AnalogMVType.POS_NEG_SEPARATE_DIGITAL_SUM)


def draw_spreads(io: IOParameters, site: Site, *, transposed: bool) -> CellState:
    """The state of a new periphery.

    Returns
    -------
    CellState
        Arrays, each only if its spread is not zero: ``v_offset``, the positive half of a normal distribution;
        ``out_nonlinearity``; ``out_noise_values``; one number per output; ``w_asymmetry``, one per crosspoint. Numbers:
        ``out_nonlinearity_factor``, the gain behind the compression; ``vectors`` and ``average_abs_max``, both 0.
    """
    outputs = site.shape[1 if transposed else 0]

    def drawn(stream: Stream, shape: tuple[int, ...]) -> Any:
        # The two directions of a crossbar draw at different steps.
        return normals(site.storage, site.key, stream, int(transposed), shape)

    arrays: dict[str, Any] = {}
    if io.v_offset_std > 0:
        offset = drawn(Stream.VOLTAGE_OFFSET, (outputs,))
        arrays["v_offset"] = (offset > 0) * (io.v_offset_std * offset)
    if io.out_nonlinearity > 0 or (io.r_series > 0 and io.slope_calibration > 0):
        strength = io.out_nonlinearity / _range(io)
        spread = drawn(Stream.NONLINEARITY_SPREAD, (outputs,)) * io.out_nonlinearity_std
        arrays["out_nonlinearity"] = abs(strength * (1 + spread))
    if io.out_noise > 0 and io.out_noise_std > 0:
        spread = drawn(Stream.OUTPUT_NOISE_SPREAD, (outputs,)) * io.out_noise_std
        arrays["out_noise_values"] = abs(io.out_noise * (1 + spread))
    if io.w_read_asymmetry_dtod > 0 and io.mv_type in SEPARATE:
        arrays["w_asymmetry"] = 1 + io.w_read_asymmetry_dtod * drawn(Stream.READ_ASYMMETRY, site.shape)
    gain = _gain(io, arrays.get("out_nonlinearity"))
    return CellState(arrays, {"vectors": 0, "average_abs_max": 0.0, "out_nonlinearity_factor": gain})


def _range(io: IOParameters) -> float:
    return io.out_bound if io.out_bound > 0 else 1.0


def _gain(io: IOParameters, strength: Any) -> float:
    """The square of the inverse slope of the compression at the calibration point."""
    if strength is None or io.slope_calibration <= 0:
        return 1.0
    mean = float(np.float32(strength.mean())) + io.r_series
    return (1 + mean * io.slope_calibration * _range(io)) ** 2
