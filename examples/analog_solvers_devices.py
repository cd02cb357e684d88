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
    OneSidedUnitCell,
    RPUConfig,
    SingleRPUConfig,
    UnitCellRPUConfig,
)
from analog.presets import CapacitorPresetDevice, EcRamPresetDevice, PCMPresetUnitCell, ReRamSBPresetDevice

__all__ = [
    "DEVICES",
    "EXACT",
    "HOLDERS",
    "NUMPY",
    "ROUGH",
    "converters",
    "fluctuating",
    "on_crossbars",
    "written",
]

#: The largest element becomes this weight; crossbars of at most 32 x 32 devices.
MAPPING = MappingParameter(weight_scaling_omega=0.5, max_input_size=32, max_output_size=32)
NUMPY, EXACT = "NumPy", "exact crossbars"


def config(device: Any, omega: float = 0.5, **io: Any) -> RPUConfig:
    """Devices, and converters with these parameters in both directions; the largest element becomes weight `omega`."""
    periphery = IOParameters(**io)
    mapping = MAPPING.replace(weight_scaling_omega=omega)
    kind = UnitCellRPUConfig if isinstance(device, OneSidedUnitCell) else SingleRPUConfig
    return kind(device=device, forward=periphery, backward=periphery, mapping=mapping)


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


def written(name: str, bits: int = 10) -> Held:
    """One of `DEVICES`, written by reading and pulsing, between converters of so many bits at the outputs."""
    device, omega = DEVICES[name]
    io = {"inp_res": 254, "out_res": 2**bits - 2, "out_bound": 4.0, "out_noise": 0.01}
    return on_crossbars(config(device, omega, **io), pulsed=True)


#: Devices as they were measured, and the weight that the largest element becomes: within bounds, above noise.
DEVICES: dict[str, tuple[Any, float]] = {
    "ECRAM": (EcRamPresetDevice(), 0.5),
    "capacitor": (CapacitorPresetDevice(), 0.5),
    "ReRAM": (ReRamSBPresetDevice(), 1.0),
    "PCM": (PCMPresetUnitCell(), 1.0),
}
#: By name: NumPy, exact products, converters alone, noise alone, and devices that are written by pulses.
HOLDERS: dict[str, Held] = {
    NUMPY: tl.tensor,
    EXACT: on_crossbars(FloatingPointRPUConfig(mapping=MAPPING)),
    "8-bit converters": on_crossbars(converters(8)),
    "1 % read noise": on_crossbars(fluctuating(0.005)),
    **{name: written(name) for name in DEVICES},
}
#: Whose weights are too far off for a correction to correct: by 0.1 (rms) after reading and pulsing.
ROUGH = ("ReRAM", "PCM")
