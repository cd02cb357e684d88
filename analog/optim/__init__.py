"""Optimizers that train crossbars by pulses and everything else as torch does."""

from analog.optim.optimizer import AnalogOptimizer, AnalogSGD

__all__ = ["AnalogOptimizer", "AnalogSGD"]
