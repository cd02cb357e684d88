"""Shapes: the extents of a tensor, smooth, jagged or nested."""

from tensorlayer.shape.base import Index, Shape
from tensorlayer.shape.composition import compose_shapes, label_extents
from tensorlayer.shape.jagged import Jagged
from tensorlayer.shape.nested import Block, Nested
from tensorlayer.shape.smooth import Smooth

__all__ = ["Block", "Index", "Jagged", "Nested", "Shape", "Smooth", "compose_shapes", "label_extents"]
