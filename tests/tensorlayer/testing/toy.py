"""A stranger's backend: arrays in boxes, computed by NumPy through the shared interpreter."""

import numpy as np

from tensorlayer.backend import ArrayBackend, Backend
from tensorlayer.graph import Einsum, Map, Reduce, Reshape, Slice
from tensorlayer.interpreter import VOCABULARY


class Box:
    def __init__(self, inside):
        self.inside = inside
        self.shape = inside.shape
        self.dtype = inside.dtype


class ToyBackend(ArrayBackend):
    name = "toy"
    library = "toy"
    type_names = frozenset({"Box"})
    vocabulary = {operation: VOCABULARY[operation] for operation in (Einsum, Map, Reduce, Reshape, Slice)}
    namespace = np
    empty, full, write = Backend.empty, Backend.full, Backend.write

    def kernel(self, node, device="cpu"):
        inner = super().kernel(node, device)
        return lambda *boxes: Box(np.asarray(inner(*(box.inside for box in boxes))))

    def from_numpy(self, array, device="cpu", *, copy=None):
        return Box(np.array(array) if copy else array)

    def to_numpy(self, box):
        return box.inside


backend = ToyBackend()
