"""Every device: its parameters and its law, in one file each."""

from analog.devices.constant_step import ConstantStepDevice
from analog.devices.device import Device
from analog.devices.draws import Draws
from analog.devices.exp_step import ExpStepDevice
from analog.devices.floating_point import FloatingPointDevice
from analog.devices.hidden_step import HiddenStepDevice
from analog.devices.ideal import IdealDevice
from analog.devices.linear_step import LinearStepDevice
from analog.devices.piecewise_step import PiecewiseStepDevice
from analog.devices.pow_step import PowStepDevice
from analog.devices.pow_step_reference import PowStepReferenceDevice
from analog.devices.pulsed import PulsedDevice
from analog.devices.soft_bounds import SoftBoundsDevice
from analog.devices.soft_bounds_pmax import SoftBoundsPmaxDevice
from analog.devices.soft_bounds_reference import SoftBoundsReferenceDevice
from analog.devices.written import WrittenDevice

__all__ = [
    "ConstantStepDevice",
    "Device",
    "Draws",
    "ExpStepDevice",
    "FloatingPointDevice",
    "HiddenStepDevice",
    "IdealDevice",
    "LinearStepDevice",
    "PiecewiseStepDevice",
    "PowStepDevice",
    "PowStepReferenceDevice",
    "PulsedDevice",
    "SoftBoundsDevice",
    "SoftBoundsPmaxDevice",
    "SoftBoundsReferenceDevice",
    "WrittenDevice",
]
