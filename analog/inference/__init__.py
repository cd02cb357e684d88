"""Crossbars that are programmed once and read for a long time: noise, drift, and what is done about it."""

from analog.inference.compensation import GlobalDriftCompensation
from analog.inference.noise_model import NoiseModel, PCMLikeNoiseModel
from analog.inference.programmed_pair import ProgrammedPair

__all__ = ["GlobalDriftCompensation", "NoiseModel", "PCMLikeNoiseModel", "ProgrammedPair"]
