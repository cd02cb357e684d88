"""The device lab: measuring, fitting and drawing what sits at the crosspoints."""

from analog.lab.curve_files import read_curves
from analog.lab.curves import Curves
from analog.lab.fit import DeviceFit, fit_device
from analog.lab.gallery import plot_learning, plot_responses
from analog.lab.learning import learning_response
from analog.lab.plots import plot_fit, plot_response, plot_statistics, plot_weights
from analog.lab.response import StepResponse, step_response
from analog.lab.statistics import PulseStatistics, pulse_statistics
from analog.lab.training import plot_training

__all__ = [
    "Curves",
    "DeviceFit",
    "PulseStatistics",
    "StepResponse",
    "fit_device",
    "learning_response",
    "plot_fit",
    "plot_learning",
    "plot_response",
    "plot_responses",
    "plot_statistics",
    "plot_training",
    "plot_weights",
    "pulse_statistics",
    "read_curves",
    "step_response",
]
