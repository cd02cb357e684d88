"""Layers of torch whose weights are crossbars."""

from analog.nn.attention import AnalogMultiheadAttention
from analog.nn.check import check_state, load_state
from analog.nn.conv import AnalogConv1d, AnalogConv2d, AnalogConv3d
from analog.nn.conv_transpose import AnalogConvTranspose1d, AnalogConvTranspose2d, AnalogConvTranspose3d
from analog.nn.conversion import convert_to_analog, convert_to_digital
from analog.nn.files import load_model, save_model
from analog.nn.layer import AnalogLayer
from analog.nn.linear import AnalogLinear
from analog.nn.matrix import AnalogMatrix
from analog.nn.parameter import AnalogParameter
from analog.nn.recurrent import AnalogGRU, AnalogLSTM, AnalogRNN
from analog.nn.recurrent_cells import AnalogGRUCell, AnalogLSTMCell, AnalogRNNCell
from analog.nn.replicas import prepare_for_ddp
from analog.nn.sequential import AnalogSequential
from analog.nn.summary import analog_summary
from analog.nn.tiles import (
    analog_matrices,
    drift_analog_weights,
    program_analog_weights,
    remap_analog_weights,
)

__all__ = [
    "AnalogConv1d",
    "AnalogConv2d",
    "AnalogConv3d",
    "AnalogConvTranspose1d",
    "AnalogConvTranspose2d",
    "AnalogConvTranspose3d",
    "AnalogGRU",
    "AnalogGRUCell",
    "AnalogLSTM",
    "AnalogLSTMCell",
    "AnalogLayer",
    "AnalogLinear",
    "AnalogMatrix",
    "AnalogMultiheadAttention",
    "AnalogParameter",
    "AnalogRNN",
    "AnalogRNNCell",
    "AnalogSequential",
    "analog_matrices",
    "analog_summary",
    "check_state",
    "convert_to_analog",
    "convert_to_digital",
    "drift_analog_weights",
    "load_model",
    "load_state",
    "prepare_for_ddp",
    "program_analog_weights",
    "remap_analog_weights",
    "save_model",
]
