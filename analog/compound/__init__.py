"""Cells made of cells: several devices per crosspoint, and training rules that move weights between them."""

from analog.compound.buffered import BufferedTransferCompound
from analog.compound.chopped import ChoppedTransferCompound
from analog.compound.dynamic import DynamicTransferCompound
from analog.compound.policy import VectorUnitCellUpdatePolicy
from analog.compound.transfer import TransferCompound
from analog.compound.vector import ReferenceUnitCell, VectorUnitCell

__all__ = [
    "BufferedTransferCompound",
    "ChoppedTransferCompound",
    "DynamicTransferCompound",
    "ReferenceUnitCell",
    "TransferCompound",
    "VectorUnitCell",
    "VectorUnitCellUpdatePolicy",
]
