"""Layouts: shape, symmetry and sparsity, as the user means them and as they are stored."""

from tensorlayer.layout.logical import LogicalLayout, ShapeLike
from tensorlayer.layout.physical import Order, PhysicalLayout

__all__ = ["LogicalLayout", "Order", "PhysicalLayout", "ShapeLike"]
