"""Symmetry: which elements of a tensor are equal up to sign or conjugation."""

from tensorlayer.symmetry.composition import einsum_symmetry, sum_symmetry
from tensorlayer.symmetry.operation import Operation
from tensorlayer.symmetry.permutation import Permutation
from tensorlayer.symmetry.symmetry import Representative, Symmetry

__all__ = ["Operation", "Permutation", "Representative", "Symmetry", "einsum_symmetry", "sum_symmetry"]
