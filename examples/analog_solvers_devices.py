"""Where matrices are held: by NumPy, and on crossbars of several devices."""

from __future__ import annotations

from typing import Any

import numpy as np
from analog_solvers_problems import Held

import tensorlayer as tl
from analog.config import (
    FloatingPointRPUConfig,
    IdealDevice,
    IOParameters,
    MappingParameter,
    RPUConfig,
    SingleRPUConfig,
)
from analog.presets import CapacitorPresetDevice, EcRamPresetDevice

__all__ = ["EXACT", "HOLDERS", "NUMPY", "converters", "fluctuating", "on_crossbars"]

#: The largest element becomes this weight; crossbars of at most 32 x 32 devices.
MAPPING = MappingParameter(weight_scaling_omega=0.5, max_input_size=32, max_output_size=32)
NUMPY, EXACT = "NumPy", "exact crossbars"


def config(device: Any, **io: Any) -> RPUConfig:
    """Devices, and converters with these parameters in both directions."""
    periphery = IOParameters(**io)
    return SingleRPUConfig(device=device, forward=periphery, backward=periphery, mapping=MAPPING)


def converters(bits: int) -> RPUConfig:
    """Ideal devices between converters of so many bits at the outputs and eight at the inputs."""
    return config(IdealDevice(), inp_res=254, out_res=2**bits - 2, out_bound=4.0, out_noise=0.0)


def fluctuating(noise: float) -> RPUConfig:
    """Conductances that fluctuate by this from read to read, in weight units; converters are perfect."""
    return config(IdealDevice(), inp_res=-1, out_res=-1, out_noise=0.0, w_noise=noise, w_noise_type="ADDITIVE_CONSTANT")


def on_crossbars(rpu_config: RPUConfig, seed: int = 1, *, pulsed: bool = False) -> Held:
    """Puts a matrix on crossbars; if `pulsed`, its weights are written by reading and pulsing."""

    def held(matrix: np.ndarray[Any, Any]) -> tl.Tensor:
        tensor = tl.tensor(matrix, backend="analog", config=rpu_config, seed=seed)
        if pulsed:
            tensor.buffer.grid.program_weights_(max_iter=200)  # type: ignore[attr-defined]
        return tensor

    return held


def _written(device: Any) -> Held:
    return on_crossbars(config(device, inp_res=254, out_res=1022, out_bound=4.0, out_noise=0.01), pulsed=True)


#: By name: NumPy, exact products, converters alone, noise alone, and devices that are written by pulses.
HOLDERS: dict[str, Held] = {
    NUMPY: tl.tensor,
    EXACT: on_crossbars(FloatingPointRPUConfig(mapping=MAPPING)),
    "8-bit converters": on_crossbars(converters(8)),
    "1 % read noise": on_crossbars(fluctuating(0.005)),
    "ECRAM": _written(EcRamPresetDevice()),
    "capacitor": _written(CapacitorPresetDevice()),
}
