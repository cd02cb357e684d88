"""A backend on NumPy's arrays that runs its loops by the kernels that are written for CUDA."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import backends.cupy.elementwise as elementwise
from backends.cupy.elementwise import loop_kernel
from backends.cupy.group import group_kernel
from backends.cupy.loop import Processor
from backends.numpy import NumpyBackend
from tensorlayer.backend import Kernel
from tensorlayer.graph import Einsum, Fused, Group, Map, Node, Reduce


class EmulatedBackend(NumpyBackend):
    """Kernels come from the rules of the cupy backend, with `processor` in the place of the device."""

    vocabulary: ClassVar[Mapping[type[Node], Any]] = {
        **NumpyBackend.vocabulary,
        Einsum: loop_kernel,
        Fused: loop_kernel,
        Group: group_kernel,
        Map: loop_kernel,
        Reduce: loop_kernel,
    }

    def __init__(self, processor: Processor) -> None:
        self.processor = processor

    def kernel(self, node: Node, device: str = "cpu") -> Kernel:
        before, elementwise.PROCESSOR = elementwise.PROCESSOR, self.processor
        try:
            return super().kernel(node, device)
        finally:
            elementwise.PROCESSOR = before
