"""The table of streams: what is drawn. A number, once given, never changes: checkpoints depend on it."""

from __future__ import annotations

from enum import IntEnum, unique

__all__ = ["Stream"]


@unique
class Stream(IntEnum):
    """What is drawn; eight bits of an address."""

    # the matrix-vector product
    INPUT_NOISE = 1
    INPUT_ROUNDING = 2
    WEIGHT_NOISE = 3
    OUTPUT_NOISE = 4
    OUTPUT_ROUNDING = 5
    OUTPUT_NOISE_SPREAD = 6
    VOLTAGE_OFFSET = 7
    NONLINEARITY_SPREAD = 8
    READ_ASYMMETRY = 9
    # the pulsed update
    PULSE_X = 16
    PULSE_D = 17
    PULSE_X_ROUNDING = 18
    PULSE_D_ROUNDING = 19
    CYCLE_TO_CYCLE = 20
    WRITE_NOISE = 21
    # a device's life
    INITIAL_WEIGHTS = 32
    DIFFUSION = 33
    RESET = 34
    RESET_CHOICE = 35
    DRIFT = 36
    DRIFT_NOISE = 37
    # compounds
    CHOICE_OF_DEVICE = 48
    CHOICE_OF_SLICE = 49
    CHOPPER_IN = 50
    CHOPPER_OUT = 51
    ACCUMULATOR_X = 52
    ACCUMULATOR_D = 53
    REINITIALISATION = 54
    TRANSFER_VECTOR = 55
    # programming and reading
    READ_VECTOR = 60
    PROGRAMMING_START = 61
    PROGRAMMING_NOISE = 62
    DRIFT_EXPONENT = 63
    # parameters that differ from crosspoint to crosspoint: first name of a device is 64, the next 65, ...
    DEVICE_TO_DEVICE = 64
