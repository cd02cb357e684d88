"""Layers of torch whose weights are crossbars."""

from analog.nn.linear import AnalogLinear
from analog.nn.matrix import AnalogMatrix
from analog.nn.parameter import AnalogParameter

__all__ = ["AnalogLinear", "AnalogMatrix", "AnalogParameter"]
