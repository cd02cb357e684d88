"""Small jobs for crossbars that, together, run every kernel: every cell, every stage of a product, every pulse type."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
from typing import Any

import numpy as np

import analog.config
from analog import Crossbar
from analog.cell import Cell
from analog.config import (
    AnalogMVType,
    BoundManagementType,
    ChoppedTransferCompound,
    ConstantStepDevice,
    IOParameters,
    IOParametersIRDropT,
    LinearStepDevice,
    MappingParameter,
    MixedPrecisionCompound,
    NoiseManagementType,
    OneSidedUnitCell,
    PulseType,
    SingleRPUConfig,
    SoftBoundsDevice,
    TransferCompound,
    UpdateParameters,
    VectorUnitCell,
    WeightNoiseType,
    WireParameters,
)
from analog.kernels import target_of
from analog.mvm.product import multiply
from tensorlayer.backend import get_backend

#: Values that make something happen, for the fields that a cell has.
EVENTS = {
    "lifetime": 20.0,
    "diffusion": 0.01,
    "reset_std": 0.02,
    "write_noise_std": 0.5,
    "transfer_every": 1,
    "unit_cell_devices": (LinearStepDevice(), SoftBoundsDevice()),
}
#: And for cells that are made of a certain number of others.
OWN_EVENTS: dict[str, dict[str, Any]] = {
    "LRTTTransferCompound": {
        "unit_cell_devices": (SoftBoundsDevice(), LinearStepDevice(), SoftBoundsDevice()),
        "rank": 2,
    }
}


def made(cell: type[Cell]) -> Cell:
    """A cell of that class in which something happens."""
    names = {field.name for field in dataclasses.fields(cell) if field.init}
    events = {name: value for name, value in EVENTS.items() if name in names}
    own = (OWN_EVENTS[kind.__name__] for kind in cell.__mro__ if kind.__name__ in OWN_EVENTS)
    return cell(**(events | next(own, {})))


def cell_classes() -> dict[str, type[Cell]]:
    exported = {name: getattr(analog.config, name) for name in analog.config.__all__}
    cells = {name: value for name, value in exported.items() if isinstance(value, type) and issubclass(value, Cell)}
    return {name: cell for name, cell in cells.items() if not inspect.isabstract(cell)}


#: Names without a meaning here: one that no known simulator gives one, and two of other parameter classes.
NAMES_ONLY = (BoundManagementType.SHIFT, AnalogMVType.SPLIT_MODE, AnalogMVType.BIT_WISE)
PRODUCTS = {
    **{f"noise management {kind.name}": {"noise_management": kind} for kind in NoiseManagementType},
    **{f"bound management {kind.name}": {"bound_management": kind, "out_bound": 0.5} for kind in BoundManagementType},
    **{f"product {kind.name}": {"mv_type": kind} for kind in AnalogMVType},
    **{f"weight noise {kind.name}": {"w_noise": 0.01, "w_noise_type": kind} for kind in WeightNoiseType},
    "perfect": {"is_perfect": True},
    "stochastic rounding": {"inp_sto_round": True, "out_sto_round": True},
    "noise": {"inp_noise": 0.1, "out_noise": 0.1, "out_noise_std": 0.3},
    "asymmetry": {"inp_asymmetry": 0.1, "out_asymmetry": 0.1},
    "voltage drop": {"ir_drop": 1.0},
    "wires": {"wires": WireParameters()},
    "nonlinearity": {"out_nonlinearity": 0.3, "out_nonlinearity_std": 0.1, "slope_calibration": 0.2},
    "offset": {"v_offset_std": 0.1, "r_series": 0.1, "noise_management": NoiseManagementType.AVERAGE_ABS_MAX},
    "read asymmetry": {"mv_type": AnalogMVType.POS_NEG_SEPARATE, "w_read_asymmetry_dtod": 0.1},
}
PRODUCTS = {name: fields for name, fields in PRODUCTS.items() if not set(NAMES_ONLY) & set(fields.values())}
#: Forward products with inputs that are pulses of different length.
PULSES = {
    "lengths of pulses": {},
    "lengths of pulses in two parts": {"mv_type": AnalogMVType.SPLIT_MODE, "ir_drop_integration_sum": True},
    "lengths of pulses bit by bit": {"mv_type": AnalogMVType.BIT_WISE, "adc_quantization": False},
    "lengths of pulses, read noise": {"apply_xdep_pcm_read_noise": True, "ir_drop_segments": 2},
}
UPDATES = {
    **{f"pulses {kind.name}": {"pulse_type": kind} for kind in PulseType},
    "fixed trains": {"update_management": False, "update_bl_management": False},
    "long trains": {"desired_bl": 100},
    "many lines": {"desired_bl": 3},
    "stochastic rounding of pulses": {"x_res_implicit": 0.1, "d_res_implicit": 0.1, "sto_round": True},
}
#: Jobs for crossbars of another shape than (2, 3).
SHAPES = {"many lines": (33, 34), "noise": (34, 2), "weight noise ADDITIVE_CONSTANT": (34, 2)}
PAIR = EVENTS["unit_cell_devices"]
COUNTS = UpdateParameters(pulse_type=PulseType.MEAN_COUNT)
COMPOUNDS = {
    "choppers of both sides": (ChoppedTransferCompound(PAIR, gamma=0.5, in_chop_prob=0.5, out_chop_prob=0.5), None),
    "choppers and counts": (ChoppedTransferCompound(PAIR, in_chop_prob=0.5, auto_scale=True), COUNTS),
    "buffers and trains": (ChoppedTransferCompound(PAIR, in_chop_prob=0.5, exact_write=False), COUNTS),
    "transfer of rows": (TransferCompound(PAIR, transfer_columns=False, random_selection=True), COUNTS),
    "refreshed pair": (OneSidedUnitCell(PAIR, refresh_every=1, refresh_upper_thres=0.1), None),
    "devices in turn": (VectorUnitCell(PAIR, update_policy="SINGLE_SEQUENTIAL"), COUNTS),
    "counted pulses": (ConstantStepDevice(count_pulses=True), None),
    "coarse factors": (MixedPrecisionCompound(SoftBoundsDevice(), n_x_bins=8, n_d_bins=8), None),
}


def config(name: str) -> SingleRPUConfig:
    """The config of a job: the name of a cell, a kind of product, of update, or of compound."""
    if name in PRODUCTS:
        io = IOParameters(**PRODUCTS[name])
        return SingleRPUConfig(device=ConstantStepDevice(), forward=io, backward=io)
    if name in PULSES:
        forward = IOParametersIRDropT(ir_drop_rs=100.0, **PULSES[name])
        return SingleRPUConfig(forward=forward, mapping=MappingParameter(max_input_size=9))
    if name in UPDATES:
        return SingleRPUConfig(device=SoftBoundsDevice(), update=UpdateParameters(**UPDATES[name]))
    cell, update = COMPOUNDS[name] if name in COMPOUNDS else (made(cell_classes()[name]), None)
    return SingleRPUConfig(device=cell, update=update or UpdateParameters())


def run(name: str, backend: str = "numpy") -> dict[str, Any]:
    """What the job gives."""
    alone = {"windows": overlapping_windows, "many vectors": many_vectors}
    return alone[name]() if name in alone else crossbar(name, backend)


def overlapping_windows() -> dict[str, Any]:
    """Windows of an image of three axes, and the image in which others are added; its pixels, to rows and back."""
    torch, planes = importlib.import_module("torch"), importlib.import_module("analog.nn.planes")
    fold, numbers = importlib.import_module("analog.nn.fold"), np.random.default_rng(8)
    image = numbers.normal(size=(2, 2, 5, 4, 3)).astype(np.float32)
    windows = numbers.normal(size=(2, 1, 3, 2, 2, 3, 2, 2)).astype(np.float32)
    taken, geometry = np.empty_like(windows), ((2, 1, 1), (1, 1, 1), 1)
    fold.copy_windows(taken, image, *geometry)
    fold.add_windows(windows, image, *geometry)
    rows, total = planes.rows_and_sum(torch.from_numpy(image).movedim(1, -1))
    planes.write_planes(image, rows.flatten(0, -2).numpy(), total.numpy())
    return {"windows": taken, "image": image, "rows": rows.numpy()}


def many_vectors() -> dict[str, Any]:
    """A product of as many vectors as a kernel takes; whole numbers, whose sums are exact in any order."""
    numbers = np.random.default_rng(8)
    u, weights = (numbers.integers(-9, 9, (lines, 64)).astype(np.float32) for lines in (16, 65))
    out = np.empty((16, 65), np.float32)
    multiply(u, weights, out, target_of(u))
    return {"product": out}


def crossbar(name: str, backend: str) -> dict[str, Any]:
    """What a small crossbar, whose arrays are of that backend, gives and holds after all that can happen to it."""
    allocator = get_backend(backend).allocator()
    rng, shape = np.random.default_rng(8), SHAPES.get(name, (2, 3))
    x, d = (rng.uniform(-1, 1, (4, lines)).astype(np.float32) for lines in reversed(shape))
    tile = Crossbar(shape, config(name), seed=3, allocator=allocator)
    tile.set_weights(rng.uniform(-0.3, 0.3, shape).astype(np.float32))
    results = {"mvm": tile.mvm(x), "transposed": tile.mvm_transposed(d)}
    tile.update_(x, d, lr=0.1)
    results["learned"] = tile.weights
    tile.decay_weights_()
    tile.diffuse_weights_()
    tile.reset_columns_(1, 2)
    tile.drift_weights_(100.0)
    results["aged"] = tile.weights
    return {key: np.array(value.get() if hasattr(value, "get") else value) for key, value in results.items()}


def names() -> list[str]:
    return [*cell_classes(), *COMPOUNDS, *PRODUCTS, *PULSES, *UPDATES, "windows", "many vectors"]
