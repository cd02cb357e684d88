"""Layers of torch whose weights are crossbars."""

from analog.nn.conv import AnalogConv1d, AnalogConv2d, AnalogConv3d
from analog.nn.conv_transpose import AnalogConvTranspose1d, AnalogConvTranspose2d, AnalogConvTranspose3d
from analog.nn.linear import AnalogLinear
from analog.nn.matrix import AnalogMatrix
from analog.nn.parameter import AnalogParameter

__all__ = [
    "AnalogConv1d",
    "AnalogConv2d",
    "AnalogConv3d",
    "AnalogConvTranspose1d",
    "AnalogConvTranspose2d",
    "AnalogConvTranspose3d",
    "AnalogLinear",
    "AnalogMatrix",
    "AnalogParameter",
]
