"""Cells made of cells: several devices per crosspoint, and training rules that move weights between them."""

from analog.compound.buffered import BufferedTransferCompound
from analog.compound.chopped import ChoppedTransferCompound
from analog.compound.compound import Compound, UnitCell
from analog.compound.dynamic import DynamicTransferCompound
from analog.compound.low_rank import LRTTTransferCompound
from analog.compound.mixed_precision import DigitalRankUpdateCell, MixedPrecisionCompound
from analog.compound.one_sided import OneSidedUnitCell
from analog.compound.policy import VectorUnitCellUpdatePolicy
from analog.compound.python_low_rank import PythonLRTTDevice
from analog.compound.transfer import TransferCompound
from analog.compound.vector import ReferenceUnitCell, VectorUnitCell

__all__ = [
    "BufferedTransferCompound",
    "ChoppedTransferCompound",
    "Compound",
    "DigitalRankUpdateCell",
    "DynamicTransferCompound",
    "LRTTTransferCompound",
    "MixedPrecisionCompound",
    "OneSidedUnitCell",
    "PythonLRTTDevice",
    "ReferenceUnitCell",
    "TransferCompound",
    "UnitCell",
    "VectorUnitCell",
    "VectorUnitCellUpdatePolicy",
]
