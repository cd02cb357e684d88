"""Sparsity: which elements of a tensor are known to be zero."""

from tensorlayer.sparsity.base import Sparsity
from tensorlayer.sparsity.composition import einsum_sparsity, sum_sparsity
from tensorlayer.sparsity.dense import Dense
from tensorlayer.sparsity.element import ElementSparsity
from tensorlayer.sparsity.sparse_map import SparseMap
from tensorlayer.sparsity.tile import TileSparsity

__all__ = [
    "Dense",
    "ElementSparsity",
    "SparseMap",
    "Sparsity",
    "TileSparsity",
    "einsum_sparsity",
    "sum_sparsity",
]
