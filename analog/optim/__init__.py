"""Optimizers that train crossbars by pulses and everything else as torch does."""

from analog.optim.clip import clip_grad_norm_
from analog.optim.optimizer import AnalogOptimizer, AnalogSGD

__all__ = ["AnalogOptimizer", "AnalogSGD", "clip_grad_norm_"]
